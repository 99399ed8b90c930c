"""Go's regexp in alert templates: RE2 syntax, linear time, Go's `$1` in replacements."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import Any

import re2

from promrules.go_templates.errors import TemplateError

_REFERENCE = re.compile(r"\$(?:\$|\{([^}]*)\}|(\w+))")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


# RE2 in C++ and Go's regexp find the same faults and name some of them differently
_GO_WORDS = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
}


def _in_go_words(message: str) -> str:
    reason, colon, fragment = message.partition(": ")
    return _GO_WORDS.get(reason, reason) + (f": `{fragment}`" if colon else "")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error as problem:
        reason = problem.args[0] if problem.args else "invalid"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise TemplateError(f"error parsing regexp: {_in_go_words(text)}") from None


def matches(pattern: str, text: str) -> bool:
    """Tell whether a pattern matches anywhere in a text."""
    return _compiled(pattern).search(text) is not None


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """Replace every match, with `$1`, `${1}` and `$name` in the replacement, as Go's ReplaceAllString."""
    try:
        compiled = _compiled(pattern)
    except TemplateError as problem:
        raise TemplateError(f"regexp: Compile(`{pattern}`): {problem}") from None
    out: list[str] = []
    at = last_end = 0
    while at <= len(text):
        found = compiled.search(text, at)
        if found is None:
            break
        start, end = found.span()
        out.append(text[last_end:start])
        if end > last_end or start == 0:  # an empty match right after a match is no match in Go
            out.append(_REFERENCE.sub(partial(_group, found), replacement))
        last_end = end
        at = max(end, at + 1)
    return "".join(out) + text[last_end:]


def _group(found: Any, reference: re.Match[str]) -> str:
    if reference.group() == "$$":
        return "$"
    name = reference[1] if reference[1] is not None else reference[2]
    try:
        return found.group(int(name) if name.isdecimal() else name) or ""
    except (IndexError, KeyError):
        return ""

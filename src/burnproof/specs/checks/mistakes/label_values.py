"""Warn of label values that no series has: regular expressions behind ``=``, and variables that nobody fills in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.specs.checks.mistakes.reading import Finding, matcher_span, value_span
from promrules.syntax.nodes import MatchOp, selectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading

_VARIABLE: Final = re.compile(
    r"""\$\{[A-Za-z_][\w.:]*\} | \$[A-Za-z_]\w* | \{\{.*?\}\} | \[\[\s*[A-Za-z_]\w*(?::\w+)?\s*\]\]
    | %\([A-Za-z_]\w*\)s""",
    re.VERBOSE,
)
_OF_SYSTEMS: Final = frozenset({"$Default", "$default", "$external", "$cmd", "$system", "$internal"})
"""Names that begin with a dollar in what is measured: consumer groups of Event Hubs, databases of MongoDB."""

_REGEX: Final = re.compile(
    r"""\.[*+] | [0-9]\.\.?$ | \\[dDwWsSbB.] | \[(?:[0-9]-[0-9]|[a-z]-[a-z]|[0-9]{2,})\] | ^\^ | [^$]\$$
    | \([^()]*\|[^()]*\) | ^[\w.-]+(?:\|[\w.-]+)+$""",
    re.VERBOSE,
)
_VERSION: Final = re.compile(r"\d+\.")
_OPPOSITE: Final = {MatchOp.EQUAL: MatchOp.REGEX, MatchOp.NOT_EQUAL: MatchOp.NOT_REGEX}


def regex_as_text(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """``=`` compares texts: ``code="5.."`` matches a code that is written with two dots."""
    for reading in readings:
        for selector in selectors(reading.node):
            for matcher in selector.matchers:
                better = _OPPOSITE.get(matcher.op)
                if better is None or matcher.name == "__name__" or not _is_regex(matcher.value):
                    continue
                message = f"{matcher.op.value} compares texts, and {matcher.value} looks like a regular expression"
                hint = f'write {matcher.name}{better.value}"{_escaped(matcher.value)}"'
                yield Finding("regex-as-text", reading, matcher_span(reading.query, selector, matcher), message, hint)


def has_variable(value: str) -> bool:
    """Tell whether a value was meant to be filled in."""
    return _VARIABLE.search(value) is not None


def _is_regex(value: str) -> bool:
    return _REGEX.search(value) is not None and not _VERSION.fullmatch(value) and not has_variable(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def variables(_: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Dashboards and templates fill in variables; in a rule they are text that no label has."""
    for reading in readings:
        for selector in selectors(reading.node):
            for matcher in selector.matchers:
                found = _VARIABLE.search(matcher.value)
                if found is None or found[0] in _OF_SYSTEMS or matcher.name == "__name__":
                    continue
                message = f"{found[0]} is text here: rules have no variables, so no series matches"
                hint = f"write the value of {matcher.name}, or remove the matcher and group: by: [{matcher.name}]"
                yield Finding("variable", reading, value_span(reading.query, selector, matcher), message, hint)

"""Label sets as sorted tuples of pairs, and matchers on them with RE2 semantics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import re2

from promrules.syntax.nodes import Matcher, MatchOp

Labels = tuple[tuple[str, str], ...]
"""A label set: ``(name, value)`` pairs sorted by name, no empty values; hashable, compared as Prometheus does."""

NAME = "__name__"
METADATA = frozenset({NAME, "__type__", "__unit__"})
"""Labels that tell what a metric is; arithmetic loses them."""


class BadRegexError(ValueError):
    """A regular expression RE2 does not accept; the message says which and why."""


def labels_of(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    """Turn a mapping or pairs into a label set; empty values mean the label is absent."""
    items = pairs.items() if isinstance(pairs, Mapping) else pairs
    return tuple(sorted((name, value) for name, value in items if value != ""))


def get(labels: Labels, name: str) -> str:
    """Give the value of label ``name``, ``""`` when absent."""
    for key, value in labels:
        if key == name:
            return value
    return ""


@lru_cache(maxsize=65536)
def without_metadata(labels: Labels) -> Labels:
    """Drop the metric name, type and unit."""
    return tuple(pair for pair in labels if pair[0] not in METADATA)


def drop(labels: Labels, names: frozenset[str]) -> Labels:
    """Drop the labels in ``names``."""
    return tuple(pair for pair in labels if pair[0] not in names)


def keep(labels: Labels, names: frozenset[str]) -> Labels:
    """Keep only the labels in ``names``."""
    return tuple(pair for pair in labels if pair[0] in names)


def replace(labels: Labels, name: str, value: str) -> Labels:
    """Set label ``name`` to ``value``; an empty value removes it."""
    return labels_of([*(pair for pair in labels if pair[0] != name), (name, value)])


def quote(text: str) -> str:
    """Quote ``text`` as a PromQL (and Go ``%q``) string."""
    if _UNESCAPED.fullmatch(text):
        return f'"{text}"'
    return '"' + "".join(_ESCAPES.get(char) or _visible(char) for char in text) + '"'


_UNESCAPED = re.compile(r"[ !#-\[\]-~]*")
_ESCAPES = {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v",
}  # fmt: skip


def _visible(char: str) -> str:
    """Write a character that does not print as a Go escape."""
    if char.isprintable():
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, kept by surrogateescape
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_legacy_name(name: str, *, colon: bool = False) -> bool:
    """Tell whether ``name`` needs no quotes as a label name (or as a metric name, with ``colon``)."""
    rest = name.replace("_", "a").replace(":", "a") if colon else name.replace("_", "a")
    return bool(rest) and rest.isascii() and rest.isalnum() and not rest[0].isdigit()


def format_labels(labels: Labels) -> str:
    """Write a label set the way Prometheus prints it in messages: ``{__name__="up", job="api"}``."""
    pairs = (f"{key if is_legacy_name(key) else quote(key)}={quote(value)}" for key, value in labels)
    return f"{{{', '.join(pairs)}}}"


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> re2._Regexp[str]:
    """Compile ``pattern``, anchored at both ends as every PromQL regex is.

    Raises:
        BadRegexError: RE2 refuses the pattern.
    """
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    try:
        return re2.compile(f"^(?s:{pattern})$", options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        reason = reason.removesuffix(f": ^(?s:{pattern})$")
        message = f"error parsing regexp {quote(pattern)}: {reason}"
        raise BadRegexError(message) from None


@lru_cache(maxsize=4096)
def predicate(matcher: Matcher) -> Callable[[str], bool]:
    """Give the test that ``matcher`` puts to a label's value (``""`` for an absent label).

    Raises:
        BadRegexError: RE2 refuses the matcher's regex.
    """
    wanted = matcher.value
    match matcher.op:
        case MatchOp.EQUAL:
            return lambda value: value == wanted
        case MatchOp.NOT_EQUAL:
            return lambda value: value != wanted
        case MatchOp.REGEX:
            found = compile_regex(wanted).fullmatch
            return lambda value: found(value) is not None
        case MatchOp.NOT_REGEX:
            found = compile_regex(wanted).fullmatch
            return lambda value: found(value) is None


def matches(labels: Labels, matchers: Iterable[Matcher]) -> bool:
    """Tell whether ``labels`` satisfies all ``matchers``."""
    for matcher in matchers:  # noqa: SIM110 - called too often for a generator
        if not predicate(matcher)(get(labels, matcher.name)):
            return False
    return True


def is_empty_matching(matcher: Matcher) -> bool:
    """Tell whether ``matcher`` accepts series that lack the label."""
    return predicate(matcher)("")


def is_utf8(name: str) -> bool:
    """Tell whether ``name`` may name a label: not empty, and UTF-8 throughout."""
    try:
        return bool(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False

"""Read a user's PromQL: a bare selector, or an expression in which every range is ``$window``.

What is wrong is told with the characters at fault, so that the caret can stand in the expression itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import re2

from burnproof.specs.keys.promql.uses import QueryError, Use
from burnproof.specs.keys.remedies import remedy
from promrules.syntax import label_values as shapes
from promrules.syntax.chains import longest_chain
from promrules.syntax.dedup import taken_out
from promrules.syntax.experimental import experimental
from promrules.syntax.nodes import (
    Matcher,
    MatchOp,
    MatrixSelector,
    Subquery,
    VectorSelector,
    children,
    unwrapped,
    walk,
)
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.refill import holes, refill
from promrules.syntax.tokens import tokenize
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from promrules.syntax.experimental import Experimental
    from promrules.syntax.nodes import Node

WINDOW: Final = "$window"
MAX_LEVELS: Final = 200
# As long as "$window", so that positions stay; nobody writes this range by hand.
_STAND_IN: Final = "999983s"
_STAND_IN_MS: Final = 999_983_000

_STRING_OR_COMMENT: Final = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|(\#[^\n]*)""")
_IN_BLOCK: Final = "write the query as a block behind `|`, where a comment ends with its line"
_VARIABLE: Final = re.compile(r"\$(?!window\b)\{?\w*\}?|\{\{[^}]*\}\}")
_WINDOW: Final = re.compile(r"\$window")
_WINDOW_ALONE: Final = re.compile(r"(?<!\[)\$window")
# What stands in front of a window that is no range, and what to say of it.
_MISPLACED: Final = (
    (":", f"{WINDOW} cannot be the step of a subquery", f"write a step of its own: [{WINDOW}:1m]"),
    ("offset", f"{WINDOW} cannot be an offset", "write a fixed one, such as offset 5m"),
    ("[", f"no arithmetic is done with {WINDOW}", f"write [{WINDOW}] alone: its length is that of the alert's window"),
)
_SIMPLE: Final = re.compile(
    r"""\s*(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*
    (?:\{\s*(?P<matchers>(?:[a-zA-Z_]\w*\s*(?:=~|!~|!=|=)\s*"[^"\\\n]*"\s*(?:,\s*|(?=\})))*)\})?\s*""",
    re.VERBOSE | re.ASCII,
)
_MATCHER: Final = re.compile(r'([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"\\\n]*)"', re.ASCII)
# Names that PromQL reads as something else than a metric in some places; they take the long way.
_WORDS: Final = re.compile(r"(?i)nan|inf|and|or|unless|atan2|by|without|on|ignoring|group_left|group_right|bool|offset")


@dataclass(frozen=True, slots=True)
class Reading:
    """A usable query: its tree, with a stand-in for each ``$window``, and whether it is a bare selector."""

    node: Node
    is_selector: bool


@lru_cache(maxsize=65536)
def read(text: str, use: Use) -> Reading:
    """Read a query.

    Raises:
        QueryError: it does not parse, or is not what ``use`` needs.
    """
    simple = _simple_selector(text)
    if simple is not None:
        return Reading(simple, is_selector=True)
    bare = without_comments(text)
    if text.strip() and not bare.strip():
        raise _all_comment(text)
    return _by_shape(bare, use) or _exact(bare, use)


@lru_cache(maxsize=4096)
def exact_tree(text: str) -> Node:
    """Parse a query that was read before, with the places of its own text in the nodes."""
    return parse(without_comments(text).replace(WINDOW, _STAND_IN))


def _by_shape(text: str, use: Use) -> Reading | None:
    """Read a query through its shape; None where that fails, so that the exact way says why and where."""
    shape, values = shapes.split(text)
    if not values or any(WINDOW in value for value in values):
        return None
    reading = _shape_reading(shape, use)
    if reading is None or reading.holes != len(values):
        return None
    return Reading(refill(reading.node, iter(values)), reading.is_selector)


@dataclass(frozen=True, slots=True)
class _ShapeReading:
    """The reading of a shape, and in how many matchers a value is missing."""

    node: Node
    is_selector: bool
    holes: int


@lru_cache(maxsize=4096)
def _shape_reading(shape: str, use: Use) -> _ShapeReading | None:
    try:
        reading = _exact(shape, use)
    except QueryError:
        return None
    return _ShapeReading(reading.node, reading.is_selector, holes(reading.node))


def _exact(text: str, use: Use) -> Reading:
    """Parse and judge a query.

    Raises:
        QueryError: it does not parse, or is not what ``use`` needs.
    """
    _refuse_variables(text)
    try:
        _refuse_length(text)
        node = parse(text.replace(WINDOW, _STAND_IN))
    except PromqlSyntaxError as error:
        raise _syntax(text, error) from None
    _refuse_depth(text, node)
    _refuse_experimental(text, node)
    _refuse_frozen(text, node)
    if isinstance(unwrapped(node), VectorSelector):
        return Reading(unwrapped(node), is_selector=True)
    if use is Use.COUNTER and taken_out(node) is not None:
        if any(isinstance(item, MatrixSelector) for item in walk(node)):
            _refuse_windows(text, node, use)
        return Reading(node, is_selector=False)
    if use in (Use.SELECTOR, Use.COUNTER):
        hint = "the rules add ranges and matchers to it themselves"
        raise QueryError("promql-selector", f"this must be {use.value}", 0, len(text.rstrip()), hint)
    _refuse_types(text, node)
    _refuse_windows(text, node, use)
    return Reading(node, is_selector=False)


def _simple_selector(text: str) -> VectorSelector | None:
    """Read the plain form of a selector without the parser, which takes a hundred times as long."""
    found = _SIMPLE.fullmatch(text)
    if found is None or _WORDS.fullmatch(found["name"]):
        return None
    matchers = [Matcher("__name__", MatchOp.EQUAL, found["name"])]
    for name, op, value in _MATCHER.findall(found["matchers"] or ""):
        if name == "__name__" or (op in ("=~", "!~") and not _is_regex(value)):
            return None
        matchers.append(Matcher(name, MatchOp(op), value))
    return VectorSelector(tuple(matchers), span=(found.start("name"), len(text.rstrip())))


@lru_cache(maxsize=4096)
def _is_regex(text: str) -> bool:
    """Tell whether RE2 accepts the expression."""
    try:
        re2.compile(text, _quiet())
    except re2.error:
        return False
    return True


@lru_cache(maxsize=1)
def _quiet() -> re2.Options:
    """RE2 writes every bad expression to stderr unless told otherwise."""
    options = re2.Options()
    options.log_errors = False
    return options


def without_comments(text: str) -> str:
    """Blank out comments, keeping every position: rules write more behind the query, on the same line."""
    if "#" not in text:
        return text
    return _STRING_OR_COMMENT.sub(lambda found: found[0] if found[1] is None else " " * len(found[0]), text)


def refuse_swallowed(text: str, *, folded: bool) -> None:
    """Refuse a comment whose end was folded away by YAML, and with it whatever stood on the lines behind it.

    Args:
        text: the query.
        folded: whether it was written on several lines that YAML has made one.

    Raises:
        QueryError: such a comment is there.
    """
    for found in _STRING_OR_COMMENT.finditer(text) if folded else ():
        if found[1] is not None:
            message = "YAML makes one line of these, so the comment swallows the rest of the query"
            raise QueryError("promql-comment", message, found.start(), found.end(), _IN_BLOCK)


def _all_comment(text: str) -> QueryError:
    return QueryError("promql-comment", "all of the query is a comment", 0, len(text.rstrip()), _IN_BLOCK)


def _outside_strings(text: str) -> str:
    """Blank out strings, keeping every position."""
    return _STRING_OR_COMMENT.sub(lambda found: " " * len(found[0]), text)


def _refuse_variables(text: str) -> None:
    code = _outside_strings(text)
    found = _VARIABLE.search(code)
    if found is not None:
        message = f"{found[0]} is no variable; the only one is {WINDOW}"
        raise QueryError("promql-window", message, found.start(), found.end(), f"write {WINDOW} where the range stands")
    inside = text.find(WINDOW)
    while inside >= 0:
        if code[inside] != "$":
            message = f"{WINDOW} stands inside a string, where it is only text"
            raise QueryError("promql-window", message, inside, inside + len(WINDOW), "write it as a range: [$window]")
        inside = text.find(WINDOW, inside + 1)


def _syntax(text: str, error: PromqlSyntaxError) -> QueryError:
    """Give the parser's complaint in terms of the user's own text."""
    start = max(0, min(error.start, len(text)))
    end = max(error.end, start + 1)
    message = error.message.replace(_STAND_IN, WINDOW)
    if not text.strip():
        return QueryError("promql-syntax", "the query is empty", 0, 1, f"write {Use.SELECTOR.value}")
    return QueryError("promql-syntax", message, start, end, remedy(message))


def _refuse_experimental(text: str, node: Node) -> None:
    """Refuse what Prometheus knows behind a feature flag alone: without it, it refuses the whole rule file."""
    found = next(experimental(node), None)
    if found is not None:
        message = f"{found.what} is experimental: a Prometheus without its feature flag refuses the whole rule file"
        raise QueryError("promql-experimental", message, *_word(text, found), found.instead)


def _word(text: str, found: Experimental) -> tuple[int, int]:
    """Find the word itself in the characters of the expression that it stands in."""
    start, end = found.span
    at = re.search(rf"\b{re.escape(found.word)}\b", _outside_strings(text)[start:end])
    return (start, end) if at is None else (start + at.start(), start + at.end())


def _refuse_depth(text: str, node: Node) -> None:
    """Bound what later steps walk recursively: a sum of many terms is as deep as it is long."""
    level = [node]
    for _ in range(MAX_LEVELS):
        level = [child for item in level for child in children(item)]
        if not level:
            return
    raise _too_deep(text)


def _refuse_length(text: str) -> None:
    """Refuse a long sum before it is parsed, which takes memory with the square of its length."""
    # An operator and its operand take two characters at least.
    if len(text) > 2 * MAX_LEVELS and longest_chain(tokenize(text.replace(WINDOW, _STAND_IN))) > MAX_LEVELS:
        raise _too_deep(text)


def _too_deep(text: str) -> QueryError:
    message = f"the expression has more than {MAX_LEVELS} levels of operators and brackets"
    return QueryError("promql-syntax", message, 0, len(text.rstrip()), "record a part of it by a rule of your own")


def _refuse_frozen(text: str, node: Node) -> None:
    """Refuse a query whose every selector looks at one moment of the calendar: it says the same for ever."""
    if not constant_only(node) and not _moves(node):
        hint = "remove the @: rules look at the time at which they are evaluated"
        raise QueryError(
            "promql-frozen", "this reads one fixed moment, so it never changes", 0, len(text.rstrip()), hint
        )


def _moves(node: Node) -> bool:
    """Tell whether some selector follows the clock; ``@ start()`` and ``@ end()`` do, in a rule."""
    match node:
        case VectorSelector(at=at):
            return not isinstance(at, int)
        case Subquery(at=int()):
            return False
        case _:
            return any(_moves(child) for child in children(node))


def _refuse_types(text: str, node: Node) -> None:
    kind = type_of(node)
    if kind is ValueType.VECTOR:
        return
    hints = {
        ValueType.STRING: "take the quotes off if the text is the query",
        ValueType.SCALAR: "vector(…) makes a series of a number; a query without any selector measures nothing",
        ValueType.MATRIX: "wrap it: rate(…[$window]) for counters, or leave the range off",
    }
    message = f"the query is a {kind.value}, not an instant vector"
    raise QueryError("promql-type", message, 0, len(text.rstrip()), hints[kind])


def _refuse_windows(text: str, node: Node, use: Use) -> None:
    """Check that every range is the window, and that there is one where the rules need it."""
    ranges = [item for item in walk(node) if isinstance(item, MatrixSelector | Subquery)]
    written = _outside_strings(text).count(WINDOW)
    windowed = sum(item.range == _STAND_IN_MS for item in ranges)
    if written > windowed:
        raise _misplaced_window(text)
    if use is Use.VALUE:
        return
    for item in ranges:
        if item.range != _STAND_IN_MS:
            start, end = _brackets(text, item.span)
            message = "a fixed range makes every window of every alert the same"
            raise QueryError("promql-window", message, start, end, f"write [{WINDOW}]")
    if not windowed:
        message = f"an expression without {WINDOW} cannot be measured over several windows"
        hint = "give the bare selector, or rate(…[$window])"
        raise QueryError("promql-window", message, 0, len(text.rstrip()), hint)


def _misplaced_window(text: str) -> QueryError:
    """Say what the window cannot be, and what to write instead; the text parses, so it stands where a number may."""
    code = _outside_strings(text)
    found = _WINDOW_ALONE.search(code) or _WINDOW.search(code)
    start, end = (0, len(text)) if found is None else found.span()
    message, hint = f"{WINDOW} is a range, and no number", "write a number of seconds, such as 300"
    for ending, *said in _MISPLACED:
        if code[:start].rstrip().endswith(ending):
            message, hint = said
    return QueryError("promql-window", message, start, end, hint)


def _brackets(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Find the range in square brackets within an item's characters."""
    part = _outside_strings(text)[span[0] : span[1]]
    first, last = part.rfind("["), part.rfind("]")
    return (span[0] + first, span[0] + last + 1) if 0 <= first < last else span


def constant_only(node: Node) -> bool:
    """Tell whether a tree reads no series at all."""
    return not any(isinstance(item, VectorSelector) for item in walk(node))

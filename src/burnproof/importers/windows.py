"""Rewrite a query of another tool so that its ranges are ``$window``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from burnproof.importers.reading import refused
from burnproof.specs.keys.promql.queries import WINDOW
from promrules.syntax import label_values as shapes
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    Subquery,
    VectorSelector,
    unwrapped,
    walk,
)
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.printer import format_duration, to_text
from promrules.syntax.refill import holes, refill

if TYPE_CHECKING:
    from burnproof.specs.source import Scalar

# As long as the placeholder, so that positions stay; nobody writes this range by hand.
STAND_IN: Final = "999983s"
STAND_IN_MS: Final = 999_983_000
_PRINTED: Final = format_duration(STAND_IN_MS)
_PLACEHOLDER: Final = re.compile(
    r"\{\{-?\s*\.?[wW]indow\s*-?\}\}|\$window\b|\$\{window\}|\$__(?:range|interval|rate_interval)\b"
)
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_COUNTER: Final = re.compile(r".*_(?:total|count|sum|bucket|created)")


@dataclass(frozen=True, slots=True)
class Windowed:
    """A query with ``$window``, and its tree, in which a stand-in is the range.

    Attributes:
        source: where the query stands.
        notes: what was changed in it, in words.
    """

    text: str
    tree: Node
    source: Scalar
    notes: tuple[str, ...] = ()


def from_template(source: Scalar, tool: str) -> Windowed:
    """Read a query in which the tool puts its windows.

    Raises:
        Refused: it has another template, or does not parse.
    """
    text = _PLACEHOLDER.sub(WINDOW, source.text.strip())
    found = _TEMPLATE.search(text)
    if found is not None:
        message = f"the query has the template {found[0]}, which only {tool} can fill in"
        raise refused(message, source.span(), f"write the query that it stands for; {{{{.window}}}} is {WINDOW}")
    return Windowed(text, _tree(source, text), source)


def with_ranges(source: Scalar, tool: str, *, counter: bool | None) -> Windowed:
    """Read a query whose author left the ranges to the tool, or fixed them.

    Args:
        source: the query.
        tool: whose it is.
        counter: whether its series are counters; None where their names must tell.

    Raises:
        Refused: it does not parse, or no range can be put into it.
    """
    read = from_template(source, tool)
    ranges = [node for node in walk(read.tree) if isinstance(node, MatrixSelector | Subquery)]
    if any(node.range == STAND_IN_MS for node in ranges):
        return read
    if ranges:
        tree = _ranged(read.tree)
        return Windowed(printed(tree), tree, source, ("its fixed range became the window of each alert",))
    return _measured(read, counter)


def _measured(read: Windowed, counter: bool | None) -> Windowed:
    """Put a function of time around what the query reads."""
    names = [node.name or "" for node in walk(read.tree) if isinstance(node, VectorSelector)]
    if not names:
        raise refused("the query reads no series", read.source.span(), "name a metric")
    counts = all(_COUNTER.fullmatch(name) for name in names) if counter is None else counter
    if not _is_sum(read.tree):
        if counts:
            message = "no range can be put into this query of counters, which is more than a sum"
            raise refused(message, read.source.span(), "write rate(…[{{.window}}]) around each counter")
        tree: Node = Call("sum_over_time", (Subquery(Paren(read.tree), STAND_IN_MS),))
    else:
        tree = _over_time(read.tree, "rate" if counts else "sum_over_time")
    if isinstance(unwrapped(read.tree), VectorSelector):
        tree = Aggregate("sum", tree)
    word = "counters" if counts else "gauges, whose samples are added up"
    guessed = (f"it has no range, and was read as a query of {word}",) if counter is None else ()
    return Windowed(printed(tree), tree, read.source, guessed)


def printed(tree: Node) -> str:
    """Write a tree with ``$window`` for the stand-in."""
    return to_text(tree).replace(_PRINTED, WINDOW)


def _tree(source: Scalar, text: str) -> Node:
    try:
        return _parsed(text)
    except PromqlSyntaxError as error:
        message = f"the query does not parse: {error.message.replace(STAND_IN, WINDOW)}"
        hint = "only PromQL can be carried over; a query of another language needs rewriting"
        raise refused(message, source.span(), hint) from None


def _parsed(text: str) -> Node:
    """Parse a query through its shape: a thousand objectives have a handful of them."""
    shape, values = shapes.split(text.replace(WINDOW, STAND_IN))
    node = _of_shape(shape)
    if isinstance(node, PromqlSyntaxError) or holes(node) != len(values):
        return parse(text.replace(WINDOW, STAND_IN))
    return refill(node, iter(values)) if values else node


@lru_cache(maxsize=4096)
def _of_shape(shape: str) -> Node | PromqlSyntaxError:
    try:
        return parse(shape)
    except PromqlSyntaxError as error:
        return error


def _is_sum(node: Node) -> bool:
    """Tell whether a query adds up selectors: a function of time can then stand around each of them."""
    match node:
        case VectorSelector() | NumberLiteral():
            return True
        case Paren(expr=inner) | Negation(expr=inner) | Aggregate(op="sum", expr=inner, param=None):
            return _is_sum(inner)
        case Binary(op="+" | "-", left=left, right=right):
            return _is_sum(left) and _is_sum(right)
        case Binary(op="*" | "/", left=left, right=right):
            return (
                _is_sum(left) and _is_sum(right) and isinstance(left, NumberLiteral) != isinstance(right, NumberLiteral)
            )
        case _:
            return False


def _over_time(node: Node, function: str) -> Node:
    match node:
        case VectorSelector():
            return Call(function, (MatrixSelector(node, STAND_IN_MS),))
        case Paren(expr=inner) | Negation(expr=inner) | Aggregate(expr=inner):
            return replace(node, expr=_over_time(inner, function))
        case Binary(left=left, right=right):
            return replace(node, left=_over_time(left, function), right=_over_time(right, function))
        case _:
            return node


def _ranged(node: Node) -> Node:
    """Make every range the window."""
    match node:
        case MatrixSelector():
            return replace(node, range=STAND_IN_MS)
        case Subquery(expr=inner):
            return replace(node, expr=_ranged(inner), range=STAND_IN_MS)
        case Paren(expr=inner) | Negation(expr=inner) | Aggregate(expr=inner):
            return replace(node, expr=_ranged(inner))
        case Call(args=args):
            return replace(node, args=tuple(_ranged(arg) for arg in args))
        case Binary(left=left, right=right):
            return replace(node, left=_ranged(left), right=_ranged(right))
        case _:
            return node

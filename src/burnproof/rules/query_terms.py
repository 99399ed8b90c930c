"""Read a query for events as a sum: which series, with which factors, by which function of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from burnproof.rules import selectors
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
    children,
    unwrapped,
)
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Query

# Functions that turn a range into events: per second, or as a number of them.
PER_SECOND = frozenset({"rate", "irate", "deriv"})
INCREASES = frozenset({"increase", "delta"})
PER_WINDOW = INCREASES | {"sum_over_time", "count_over_time", "changes", "resets"}
COUNTERS = frozenset({"rate", "increase"})
GAUGES = frozenset({"sum_over_time", "count_over_time"})


@dataclass(frozen=True, slots=True)
class Term:
    """``factor * func(selector[$window])``."""

    factor: float
    func: str
    selector: VectorSelector


def terms_of(query: Query) -> tuple[Term, ...] | None:
    """Read a query as a sum of counters or gauges; None where it is something else."""
    if query.is_selector:
        return (Term(1.0, "rate", selectors.read(query)),)
    return _terms(parse(query.text.replace(selectors.WINDOW, "5m")))


def counts_per_second(query: Query) -> bool:
    """Tell whether a query gives events per second, as ``rate`` does, and not their number in the window."""
    functions = _functions(query)
    return not functions & PER_WINDOW or bool(functions & PER_SECOND)


def counts_increases(query: Query) -> bool:
    """Tell whether a query gives the number of events in the window by ``increase`` alone."""
    functions = _functions(query)
    return "increase" in functions and not functions & (PER_SECOND | PER_WINDOW - INCREASES)


def reads_increments(query: Query) -> bool:
    """Tell whether a query reads what counters rise by, and not the samples of gauges."""
    return bool(_functions(query) & (PER_SECOND | INCREASES))


def _functions(query: Query) -> frozenset[str]:
    """Give the functions of ranges that a query is made of, those of its conditions aside."""
    if query.is_selector:
        return frozenset({"rate"})
    return frozenset(_counting(parse(query.text.replace(selectors.WINDOW, "5m"))))


def _counting(node: Node) -> Iterator[str]:
    """Yield the outermost functions of ranges, and not those of conditions."""
    match node:
        case Call(func=func, args=args) if any(isinstance(one, MatrixSelector | Subquery) for one in args):
            yield func
        case Binary(op="and" | "unless", left=left):
            yield from _counting(left)
        case _:
            for child in children(node):
                yield from _counting(child)


def _terms(node: Node) -> tuple[Term, ...] | None:
    match node:
        case Paren(expr=inner) | Aggregate(op="sum", expr=inner):
            return _terms(inner)
        case Aggregate(op="max", expr=inner, without=True) if is_series(inner):
            return _terms(inner)  # replicas of one scrape taken out by the user
        case Call(func=func, args=(MatrixSelector(selector=selector),)) if func in COUNTERS | GAUGES:
            return (Term(1.0, func, selector),)
        case Negation(expr=inner):
            return _scaled(_terms(inner), -1)
        case Binary(op="+" | "-" as op, left=left, right=right):
            first, second = _terms(left), _scaled(_terms(right), 1 if op == "+" else -1)
            return None if first is None or second is None else first + second
        case Binary(op="*", left=NumberLiteral(value=value), right=other):
            return _scaled(_terms(other), value)
        case Binary(op="*" | "/" as op, left=other, right=NumberLiteral(value=value)) if value:
            return _scaled(_terms(other), value if op == "*" else 1 / value)
        case Binary(op="or", left=left, right=right) if _is_zero(right):
            return _terms(left)
        case _:
            return None


def is_series(node: Node) -> bool:
    """Tell whether a node has one series for each raw one: what a function of time gives, before any aggregation."""
    node = unwrapped(node)
    return isinstance(node, Call) and any(isinstance(one, MatrixSelector) for one in node.args)


def _is_zero(node: Node) -> bool:
    """Tell whether a node is what people write to fill holes: ``vector(0)``, or ``0 * …``."""
    match node:
        case Paren(expr=inner):
            return _is_zero(inner)
        case Call(func="vector", args=(NumberLiteral(value=value),)):
            return value == 0
        case Binary(op="*", left=NumberLiteral(value=value)) | Binary(op="*", right=NumberLiteral(value=value)):
            return value == 0
        case _:
            return False


def _scaled(terms: tuple[Term, ...] | None, factor: float) -> tuple[Term, ...] | None:
    return None if terms is None else tuple(replace(term, factor=factor * term.factor) for term in terms)

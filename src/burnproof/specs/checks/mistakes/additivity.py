"""Tell whether what a query gives adds up over time: the events of two windows are those of both together.

Long windows are made of short ones, and each alert reads several lengths. So a query of events must give the same
whether an hour is read at once or as twelve times five minutes. ``topk`` does not: the worst of each five minutes may
be another one each time. One rule for each function and operator, in tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatchOp,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    selectors,
    unwrapped,
)
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node, Span


class Reads(Enum):
    """What the value of an expression is made of."""

    NUMBERS = "numbers of the query itself"
    MOMENT = "the series at the moment of evaluation"
    WINDOW = "all of the window, in a way that adds up"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a query from adding up.

    Attributes:
        span: the characters at fault.
        message: why, to be read behind "over a longer window".
        hint: what to write instead.
    """

    span: Span
    message: str
    hint: str


class _NotAdditiveError(Exception):
    def __init__(self, node: Node, message: str, hint: str) -> None:
        self.obstacle = Obstacle(node.span, message, hint)
        super().__init__(message)


_SLICES: Final = 'judge slices of time by it: threshold: {value: …, op: "<=", bound: 1%, slice: 5m}'
_ADD_UP: Final = frozenset(
    {"rate", "increase", "delta", "sum_over_time", "count_over_time", "avg_over_time", "changes", "resets"}
)
_LINEAR: Final = frozenset(
    {"label_replace", "label_join", "scalar", "sort", "sort_desc", "histogram_count", "histogram_sum"}
)
_OF_RANGES: Final = {
    "last_over_time": ("last_over_time gives the last sample alone", "write sum_over_time, or avg_over_time"),
    "first_over_time": ("first_over_time gives the first sample alone", "write sum_over_time, or avg_over_time"),
    "max_over_time": ("max_over_time gives the largest sample alone", "write sum_over_time, or avg_over_time"),
    "min_over_time": ("min_over_time gives the smallest sample alone", "write sum_over_time, or avg_over_time"),
    "irate": ("irate reads the last two samples alone", "write rate"),
    "idelta": ("idelta reads the last two samples alone", "write increase, or delta of a gauge"),
    "present_over_time": ("present_over_time is 1 however long the window is", "write count_over_time"),
}
_OF_AGGREGATES: Final = {
    "max": "the largest may be another series in each part of it",
    "min": "the smallest may be another series in each part of it",
    "topk": "the top series may be others in each part of it",
    "bottomk": "the bottom series may be others in each part of it",
    "avg": "the mean is taken over the series that are there, and those come and go",
    "count": "it counts the series that were there, not what they counted",
}
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
_DEDUPLICATES: Final = frozenset({"max", "min", "avg"})


def obstacle(node: Node, *, is_selector: bool) -> Obstacle | None:
    """Find what keeps a query from adding up over windows; None where it does, as far as can be told.

    Args:
        node: the query's tree.
        is_selector: whether it is a bare selector, of which rules take the rate.
    """
    if is_selector:
        return None
    try:
        reads = _reads(node)
    except _NotAdditiveError as error:
        return error.obstacle
    if reads is Reads.WINDOW:
        return None
    return Obstacle(node.span, "it reads one moment alone", "write avg_over_time(…[$window]) of what it reads")


def _reads(node: Node) -> Reads:
    """Tell what an expression reads.

    Raises:
        _NotAdditiveError: it reads the window in a way that does not add up.
    """
    match node:
        case Paren(expr=inner) | Negation(expr=inner):
            return _reads(inner)
        case NumberLiteral() | StringLiteral():
            return Reads.NUMBERS
        case Call():
            return _call(node)
        case Aggregate(op=op, expr=inner):
            return _aggregate(node, op, inner)
        case Binary():
            return _binary(node)
        case _:
            return Reads.MOMENT


def _call(node: Call) -> Reads:
    func, args = node.func, node.args
    if any(isinstance(one, MatrixSelector | Subquery) for one in args):
        if func in _ADD_UP:
            return Reads.WINDOW
        raise _NotAdditiveError(node, *_OF_RANGES.get(func, (f"{func} of all of it is not made of its parts", _SLICES)))
    reads = _most([_reads(one) for one in args if type_of(one) is not ValueType.STRING])
    if func == "vector":
        return Reads.NUMBERS if reads is Reads.NUMBERS else reads
    if reads is not Reads.WINDOW:
        return Reads.MOMENT
    if func in _LINEAR or _is_floor_of_zero(node):
        return reads
    raise _NotAdditiveError(node, f"{func} of all of it is not made of {func} of its parts", _SLICES)


def _is_floor_of_zero(node: Call) -> bool:
    """Tell whether a call only takes away what noise puts below zero, as between two counters."""
    match node:
        case Call(func="clamp_min", args=(_, bound)):
            return isinstance(unwrapped(bound), NumberLiteral) and unwrapped(bound) == NumberLiteral(0.0)
        case _:
            return False


def _aggregate(node: Aggregate, op: str, inner: Node) -> Reads:
    if op == "sum":
        return Reads.WINDOW if _deduplicated(inner) else _reads(inner)
    if op in _DEDUPLICATES and node.without and _is_raw(inner):
        return Reads.WINDOW  # replicas of one scrape are taken out
    reads = _reads(inner)
    if reads is not Reads.WINDOW:
        return reads
    hint = f"write sum; or {_SLICES}"
    raise _NotAdditiveError(node, _OF_AGGREGATES.get(op, f"{op} of all of it is not made of its parts"), hint)


def _deduplicated(node: Node) -> bool:
    """Tell whether a node makes one series of several of the same thing, before they are added up."""
    node = unwrapped(node)
    return isinstance(node, Aggregate) and node.op in _DEDUPLICATES and bool(node.grouping) and _is_raw(node.expr)


def _is_raw(node: Node) -> bool:
    """Tell whether a node has one series for each that was scraped."""
    node = unwrapped(node)
    return isinstance(node, Call) and node.func in _ADD_UP and any(isinstance(one, MatrixSelector) for one in node.args)


def _binary(node: Binary) -> Reads:
    op = node.op
    if op == "or":
        return _either(node)
    if op == "*" and _is_fraction_of_count(node):
        return Reads.WINDOW
    left, right = _reads(node.left), _reads(node.right)
    if op in ("and", "unless"):
        if right is Reads.WINDOW:
            message = f"what stands behind {op} is decided anew for each window"
            raise _NotAdditiveError(node.right, message, f"use min_events where quiet time is meant; or {_SLICES}")
        return left
    if Reads.WINDOW not in (left, right):
        return _most([left, right])
    return _with_window(node, left, right)


def _with_window(node: Binary, left: Reads, right: Reads) -> Reads:
    """Judge an operation of which one side at least reads the window."""
    op = node.op
    if op in ("+", "-"):
        for side, reads in ((node.left, left), (node.right, right)):
            if reads is Reads.MOMENT:
                message = "this addend is read at one moment alone, and the rest over all of it"
                raise _NotAdditiveError(side, message, "write avg_over_time(…[$window]) of it")
        return Reads.WINDOW
    if op == "*" and left is not right:
        return Reads.WINDOW
    if op == "/" and right is not Reads.WINDOW:
        return Reads.WINDOW
    if op in _COMPARISONS:
        raise _NotAdditiveError(node, "the comparison is decided anew for each window", f"leave it out; or {_SLICES}")
    names = {"*": "the product", "/": "the quotient"}
    message = f"{names.get(op, op)} of all of it is not the sum of those of its parts"
    raise _NotAdditiveError(node, message, f"count the events alone; or {_SLICES}")


def _is_fraction_of_count(node: Binary) -> bool:
    """Tell whether a product is a number of observations: the share of some, times the number of all."""
    sides = [unwrapped(node.left), unwrapped(node.right)]
    found = {one.func: one.args[-1] for one in sides if isinstance(one, Call)}
    return found.keys() == {"histogram_fraction", "histogram_count"} and len(set(found.values())) == 1


def _either(node: Binary) -> Reads:
    """Judge ``or``: a fall-back of zeros adds nothing, and series of other labels are a sum."""
    left = _reads(node.left)
    if _is_zero(node.right) or _apart(node.left, node.right):
        return _most([left, _reads(node.right)])
    if Reads.WINDOW not in (left, _reads(node.right)):
        return left
    message = "the fall-back is read only where the left side has nothing in all of it"
    hint = f"add the parts up, with `or vector(0)` where one may be missing; or {_SLICES}"
    raise _NotAdditiveError(node, message, hint)


def _is_zero(node: Node) -> bool:
    """Tell whether a node is what people write to fill holes: ``vector(0)``, or ``0 * …``."""
    match unwrapped(node):
        case Call(func="vector", args=(NumberLiteral(value=value),)):
            return value == 0
        case Binary(op="*", left=NumberLiteral(value=value)) | Binary(op="*", right=NumberLiteral(value=value)):
            return value == 0
        case Binary(op="-", left=left, right=right):
            return left == right
        case _:
            return False


def _apart(left: Node, right: Node) -> bool:
    """Tell whether no series of one side has the labels of one of the other, before any aggregation."""
    if not _is_raw(left) or not _is_raw(right):
        return False
    one, two = next(selectors(left)), next(selectors(right))
    fixed = [{m.name: m.value for m in side.matchers if m.op is MatchOp.EQUAL} for side in (one, two)]
    return any(name != "__name__" and value != fixed[1].get(name, value) for name, value in fixed[0].items())


def _most(found: list[Reads]) -> Reads:
    """Give the widest of what the parts read."""
    order = (Reads.WINDOW, Reads.MOMENT, Reads.NUMBERS)
    return next((one for one in order if one in found), Reads.NUMBERS)

"""Work out what an expression is a quantity of: events, seconds, a ratio, each as an amount or per second.

One rule for each function and operator, in tables. A rule takes the dimensions of the arguments and gives that of the
result. What a selector reads is told by the name of the metric, as Prometheus' naming conventions have it
(https://prometheus.io/docs/practices/naming/); names that say nothing give a unit that is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    VectorSelector,
    selectors,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.syntax.nodes import Node

    OfCall = Callable[[tuple["Dimension", ...]], "Dimension"]
    OfOperator = Callable[["Dimension", "Dimension"], "Dimension"]

Units = tuple[tuple[str, int], ...]
"""Units with their powers, sorted by name: ``(("byte", 1), ("event", -1))``; none for a ratio."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a value is a quantity of.

    Attributes:
        units: what it counts; None where that is not known.
        per_second: the power of "per second of time": 1 of a rate, 0 of an amount; None where that is not known.
        constant: whether it is a number of the query itself, which goes with any dimension.
        quotient: whether it came of dividing two quantities of the same kind.
    """

    units: Units | None = None
    per_second: int | None = None
    constant: bool = False
    quotient: bool = False


UNKNOWN: Final = Dimension()
RATIO: Final = Dimension((), 0)
CONSTANT: Final = Dimension((), 0, constant=True)
EVENTS: Final = Dimension((("event", 1),), 0)
SECONDS: Final = Dimension((("second", 1),), 0)

_STATES: Final = frozenset({"up", "probe_success", "absent", "ALERTS"})
_UNIT_OF_NAME: Final = tuple(
    (re.compile(pattern), dimension)
    for pattern, dimension in (
        (r"(_count|_bucket)$", EVENTS),
        (r"_(seconds|second)(_total|_sum)?$", SECONDS),
        (r"_(milliseconds|millis|ms)(_total|_sum)?$", Dimension((("millisecond", 1),), 0)),
        (r"_bytes(_total|_sum)?$", Dimension((("byte", 1),), 0)),
        (r"_(ratio|percent|percentage)$", RATIO),
        (r"_timestamp$", SECONDS),
        (r"_total$", EVENTS),
    )
)


def of_name(name: str | None) -> Dimension:
    """Tell from a metric's name what its samples are a quantity of."""
    if name is None or ":" in name:
        return UNKNOWN
    if name in _STATES:
        return RATIO
    return next((dimension for pattern, dimension in _UNIT_OF_NAME if pattern.search(name)), UNKNOWN)


def _same(arguments: tuple[Dimension, ...]) -> Dimension:
    """Give the dimension of the first argument that is no constant."""
    return next((one for one in arguments if not one.constant), CONSTANT)


def _last(arguments: tuple[Dimension, ...]) -> Dimension:
    return arguments[-1] if arguments else UNKNOWN


def _amount(arguments: tuple[Dimension, ...]) -> Dimension:
    """Give what a counter rises by; one whose name says nothing counts events."""
    one = _last(arguments)
    return replace(EVENTS if one.units is None else one, per_second=0)


def _rate(arguments: tuple[Dimension, ...]) -> Dimension:
    return replace(_amount(arguments), per_second=1)


def _summed(arguments: tuple[Dimension, ...]) -> Dimension:
    """Give the sum of samples: of 0 and 1 it is a number of samples, which are events."""
    one = _last(arguments)
    return Dimension(None, 0) if one.units is None else _times(one, EVENTS)


def _always(dimension: Dimension) -> OfCall:
    return lambda _: dimension


_CALLS: Final[dict[str, OfCall]] = {
    **dict.fromkeys(("rate", "irate", "deriv"), _rate),
    **dict.fromkeys(("increase", "delta", "idelta"), _amount),
    **dict.fromkeys(("count_over_time", "changes", "resets"), _always(EVENTS)),
    **dict.fromkeys(("absent", "absent_over_time", "present_over_time", "sgn", "histogram_fraction"), _always(RATIO)),
    **dict.fromkeys(("time", "timestamp"), _always(SECONDS)),
    **dict.fromkeys(("stdvar_over_time", "ln", "log2", "log10", "exp", "sqrt"), _always(UNKNOWN)),
    "sum_over_time": _summed,
    "quantile_over_time": _last,
    "pi": _always(CONSTANT),
}
"""Functions whose result is no quantity of the kind of their first argument; all others keep that."""

_AGGREGATES: Final[dict[str, OfCall]] = dict.fromkeys(("count", "count_values", "group", "stdvar"), _always(UNKNOWN))
"""Aggregations whose result is no quantity of the kind that they aggregate."""


def _times(left: Dimension, right: Dimension, sign: int = 1) -> Dimension:
    """Multiply, or divide where ``sign`` is -1."""
    if left.constant and right.constant:
        return CONSTANT
    units = None if left.units is None or right.units is None else _joined(left.units, right.units, sign)
    known = left.per_second is not None and right.per_second is not None
    per_second = (left.per_second or 0) + sign * (right.per_second or 0) if known else None
    divided = sign < 0 and not left.constant and not right.constant and left.units == right.units is not None
    kept = left.quotient and right.constant
    return Dimension(units, per_second, quotient=kept or (divided and left.per_second == right.per_second))


def _joined(left: Units, right: Units, sign: int) -> Units:
    powers = dict(left)
    for unit, power in right:
        powers[unit] = powers.get(unit, 0) + sign * power
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


def _sum(left: Dimension, right: Dimension) -> Dimension:
    """Add, subtract or choose: the known side says what both are."""
    first = _same((left, right))
    return right if first.units is None and not right.constant else first


def _first(left: Dimension, right: Dimension) -> Dimension:
    return left if not left.constant else right


_OPERATORS: Final[dict[str, OfOperator]] = {
    **dict.fromkeys(("+", "-", "or"), _sum),
    **dict.fromkeys(("and", "unless", "%"), lambda left, _: left),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _first),
    **dict.fromkeys(("^", "atan2"), lambda *_: UNKNOWN),
    "*": _times,
    "/": lambda left, right: _times(left, right, -1),
}


def dimension_of(node: Node) -> Dimension:
    """Give the dimension of an expression."""
    match node:
        case Paren(expr=inner) | Negation(expr=inner) | Subquery(expr=inner) | MatrixSelector(selector=inner):
            return dimension_of(inner)
        case NumberLiteral():
            return CONSTANT
        case StringLiteral():
            return UNKNOWN
        case VectorSelector():
            return of_name(node.name)
        case Call(func="histogram_quantile"):
            return _observed(node)
        case Call(func=func, args=args):
            known = tuple(dimension_of(one) for one in args if not isinstance(one, StringLiteral))
            return _CALLS.get(func, _same)(known)
        case Aggregate(op=op, expr=inner):
            return _AGGREGATES.get(op, _same)((dimension_of(inner),))
        case Binary(return_bool=True):
            return RATIO
        case Binary(op=op, left=left, right=right):
            return _OPERATORS[op](dimension_of(left), dimension_of(right))


def _observed(node: Node) -> Dimension:
    """Give what a histogram observes, from the name in front of ``_bucket``."""
    names = {one.name.removesuffix("_bucket") for one in selectors(node) if one.name}
    found = {of_name(name) for name in names}
    return found.pop() if len(found) == 1 else UNKNOWN


def described(dimension: Dimension) -> str:
    """Say a dimension in words: ``events per second``, ``a ratio``; ``""`` where it is not known."""
    if dimension.units is None or dimension.per_second is None:
        return ""
    *others, last = [one for one in dimension.units if one[1] > 0] or [("", 0)]
    above = " ".join((*(_power(*one) for one in others), _plural(*last))).strip()
    below = " ".join(_power(unit, -power) for unit, power in dimension.units if power < 0)
    time = {2: " per second squared", 1: " per second", 0: "", -1: " times seconds"}.get(
        dimension.per_second, " by time"
    )
    if not above and not below:
        return "a ratio" if not dimension.per_second else f"a ratio{time}"
    return f"{above or '1'}{f' per {below}' if below else ''}{time}"


def _plural(unit: str, power: int) -> str:
    return f"{unit}s" if power == 1 and unit else _power(unit, power)


def _power(unit: str, power: int) -> str:
    return unit if power in (0, 1) else f"{unit}^{power}"

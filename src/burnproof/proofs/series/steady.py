"""Work out what a query gives of series that go on evenly: counters that rise by so much a second, gauges at a level.

One rule for each construct, in tables. Ranges hold nothing but such series, so that a function of a range is one of a
single number: a rate is the rise, a mean is the level, a count is one for each sample. Amounts are for one second of
counters, and for one sample of gauges. What has no such value, as a quantile of buckets, is `UnsteadyError`.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

import re2

from promrules.syntax.labels import Labels, get, keep, labels_of, matches, replace, without_metadata
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Cardinality,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    VectorSelector,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from promrules.syntax.nodes import Matching, Node

Vector = dict[Labels, Fraction]
Value = Vector | Fraction
_T = TypeVar("_T")

RISES: Final = frozenset({"rate", "irate", "increase"})
"""Functions that read a counter."""


class UnsteadyError(Exception):
    """The query has no value that the levels of its series tell."""


def _same(level: Fraction) -> Fraction:
    return level


def _one(_: Fraction) -> Fraction:
    return Fraction(1)


_OF_RANGES: Final[dict[str, Callable[[Fraction], Fraction]]] = {
    **dict.fromkeys(RISES, _same),
    **dict.fromkeys(("sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "last_over_time"), _same),
    **dict.fromkeys(("first_over_time", "quantile_over_time", "predict_linear"), _same),
    **dict.fromkeys(("count_over_time", "present_over_time"), _one),
}
_OF_VALUES: Final[dict[str, Callable[..., Fraction]]] = {
    "abs": abs,
    "clamp": lambda value, low, high: min(max(value, low), high),
    "clamp_max": min,
    "clamp_min": max,
    "sgn": lambda value: Fraction((value > 0) - (value < 0)),
}
_ARITHMETIC: Final[dict[str, Callable[[Fraction, Fraction], Fraction]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_COMPARISONS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_AGGREGATES: Final[dict[str, Callable[[list[Fraction]], Fraction]]] = {
    "sum": sum,  # type: ignore[dict-item]  # never of nothing
    "min": min,
    "max": max,
    "avg": lambda values: sum(values) / Fraction(len(values)),
    "count": lambda values: Fraction(len(values)),
    "group": lambda _: Fraction(1),
}
_UNCHANGED: Final = frozenset({"sort", "sort_desc"})


class Steady:
    """A query and the series that it may read."""

    def __init__(self, root: Node, series: Iterable[Labels]) -> None:
        """Find which selector takes which series."""
        self.root = root
        known = tuple(series)
        self._taken = {
            id(one): tuple(labels for labels in known if matches(labels, one.matchers))
            for one in walk(root)
            if isinstance(one, VectorSelector)
        }

    def value(self, levels: Mapping[Labels, Fraction], moment: Fraction = Fraction(0)) -> Value:
        """Give what the query gives, where series that are not among ``levels`` do not exist.

        Args:
            levels: what each series is: a rise per second, or a level.
            moment: the time of the evaluation.

        Raises:
            UnsteadyError: no such value is known.
        """
        return _Evaluation(self._taken, levels, moment).value(self.root)


class _Evaluation:
    """One evaluation of a query."""

    def __init__(
        self, taken: Mapping[int, tuple[Labels, ...]], levels: Mapping[Labels, Fraction], moment: Fraction
    ) -> None:
        self._taken, self._levels, self._moment = taken, levels, moment

    def value(self, node: Node) -> Value:
        match node:
            case Paren(expr=inner):
                return self.value(inner)
            case Negation(expr=inner):
                return _mapped(self.value(inner), operator.neg)
            case NumberLiteral(value=value):
                return _exact(value)
            case VectorSelector():
                if node.at is not None or not isinstance(node.offset, int) or node.offset < 0:
                    raise UnsteadyError("another time than now")
                taken = self._taken[id(node)]
                return {labels: self._levels[labels] for labels in taken if labels in self._levels}
            case Call():
                return self._call(node)
            case Aggregate():
                return self._aggregate(node)
            case Binary():
                return self._binary(node)
            case _:
                raise UnsteadyError(type(node).__name__)

    def vector(self, node: Node) -> Vector:
        """Give an expression's series."""
        found = self.value(node)
        if isinstance(found, Fraction):
            raise UnsteadyError("a number")
        return found

    def number(self, node: Node) -> Fraction:
        """Give an expression's number."""
        found = self.value(node)
        if not isinstance(found, Fraction):
            raise UnsteadyError("series")
        return found

    def _call(self, node: Call) -> Value:
        func, args = node.func, node.args
        ranges = [one for one in args if isinstance(one, MatrixSelector | Subquery)]
        if ranges:
            return self._of_range(func, ranges[0])
        match func:
            case "time":
                return self._moment
            case "vector":
                return {(): self.number(args[0])}
            case "scalar":
                found = self.vector(args[0])
                if len(found) != 1:
                    raise UnsteadyError("scalar of several")
                return next(iter(found.values()))
            case "label_replace":
                return _relabelled(self.vector(args[0]), *(_string(one) for one in args[1:]))
            case "label_join":
                target, separator, *sources = (_string(one) for one in args[1:])
                return _joined(self.vector(args[0]), target, separator, sources)
            case _ if func in _UNCHANGED:
                return self.vector(args[0])
            case _ if func in _OF_VALUES:
                numbers = [self.number(one) for one in args[1:]]
                return _mapped(self.vector(args[0]), lambda value: _OF_VALUES[func](value, *numbers))
            case _:
                raise UnsteadyError(func)

    def _of_range(self, func: str, arg: MatrixSelector | Subquery) -> Vector:
        rule = _OF_RANGES.get(func)
        if rule is None or (func in RISES and isinstance(arg, Subquery)):
            raise UnsteadyError(func)
        inner = self.vector(arg.selector if isinstance(arg, MatrixSelector) else arg.expr)
        return _unique((without_metadata(labels), rule(level)) for labels, level in inner.items())

    def _aggregate(self, node: Aggregate) -> Vector:
        rule = _AGGREGATES.get(node.op)
        if rule is None:
            raise UnsteadyError(node.op)
        groups: dict[Labels, list[Fraction]] = defaultdict(list)
        names = frozenset(node.grouping)
        for labels, value in self.vector(node.expr).items():
            own = without_metadata(labels) if node.without else labels
            groups[tuple(pair for pair in own if (pair[0] in names) != node.without)].append(value)
        return {labels: rule(values) for labels, values in groups.items()}

    def _binary(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, dict) and isinstance(right, dict):
            return _matched(node, left, right)
        compute = _operation(node)
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            found = compute(left, right)
            if found is None:
                raise UnsteadyError("a comparison of numbers")
            return found
        if isinstance(left, dict):
            return _each(node, left, lambda value: compute(value, right))  # type: ignore[arg-type]  # a number
        return _each(node, right, lambda value: compute(left, value))  # type: ignore[arg-type]  # a vector


def _each(node: Binary, vector: Vector, compute: Callable[[Fraction], Fraction | None]) -> Vector:
    """Compute with each series and a number; what a comparison lets through is the series' value on either side."""
    found = ((labels, value, compute(value)) for labels, value in vector.items())
    return {
        _named(node, labels): value if _filters(node) else made for labels, value, made in found if made is not None
    }


def _operation(node: Binary) -> Callable[[Fraction, Fraction], Fraction | None]:
    """Give what an operator computes; None where a comparison lets nothing through."""
    if node.op in _COMPARISONS:
        holds = _COMPARISONS[node.op]
        if node.return_bool:
            return lambda left, right: Fraction(holds(left, right))
        return lambda left, right: left if holds(left, right) else None
    arithmetic = _ARITHMETIC.get(node.op)
    if arithmetic is None:
        raise UnsteadyError(node.op)

    def compute(left: Fraction, right: Fraction) -> Fraction:
        if node.op == "/" and not right:
            raise UnsteadyError("nothing by nothing")
        return arithmetic(left, right)

    return compute


def _filters(node: Binary) -> bool:
    return node.op in _COMPARISONS and not node.return_bool


def _named(node: Binary, labels: Labels) -> Labels:
    """Give a result's labels: arithmetic loses the name."""
    return labels if _filters(node) else without_metadata(labels)


def _matched(node: Binary, left: Vector, right: Vector) -> Vector:
    """Combine two vectors, series by series."""
    matching = node.matching
    if node.op in ("and", "unless", "or"):
        other, own = ({_signature(matching, one) for one in side} for side in (right, left))
        if node.op == "or":
            return left | {one: value for one, value in right.items() if _signature(matching, one) not in own}
        return {one: value for one, value in left.items() if (_signature(matching, one) in other) == (node.op == "and")}
    if matching.cardinality is Cardinality.ONE_TO_MANY or matching.fill_left is not None:
        raise UnsteadyError("group_right")
    single = _unique((_signature(matching, one), (one, value)) for one, value in right.items())
    many = matching.cardinality is Cardinality.MANY_TO_ONE
    compute, found = _operation(node), []
    for labels, value in left.items():
        pair = single.get(_signature(matching, labels))
        computed = None if pair is None else compute(value, pair[1])
        if pair is not None and computed is not None:
            found.append((_result(node, labels, pair[0], many=many), computed))
    return _unique(found)


def _result(node: Binary, left: Labels, right: Labels, *, many: bool) -> Labels:
    """Give the labels of a pair's result."""
    labels, matching = _named(node, left), node.matching
    if many:
        for name in matching.include:
            labels = replace(labels, name, get(right, name))
    elif not _filters(node):
        labels = _signature(matching, labels)
    return labels


def _signature(matching: Matching, labels: Labels) -> Labels:
    """Give the labels on which two series match."""
    names = frozenset(matching.labels)
    if matching.on:
        return keep(labels, names)
    return tuple(pair for pair in without_metadata(labels) if pair[0] not in names)


def _unique(pairs: Iterable[tuple[Labels, _T]]) -> dict[Labels, _T]:
    """Make a vector, in which no two series may have the same labels."""
    made: dict[Labels, _T] = {}
    for labels, value in pairs:
        if labels in made:
            raise UnsteadyError("two series with the same labels")
        made[labels] = value
    return made


def _mapped(value: Value, rule: Callable[[Fraction], Fraction]) -> Value:
    if isinstance(value, Fraction):
        return rule(value)
    return {without_metadata(labels): rule(one) for labels, one in value.items()}


def _relabelled(vector: Vector, target: str, text: str, source: str, pattern: str) -> Vector:
    """Do what ``label_replace`` does; only whole groups such as ``$1`` are known."""
    made = []
    for labels, value in vector.items():
        found = re2.fullmatch(pattern, get(labels, source))
        new = labels if found is None else replace(labels, target, expanded(text, found.groups()))
        made.append((labels_of(new), value))
    return _unique(made)


def _joined(vector: Vector, target: str, separator: str, sources: list[str]) -> Vector:
    """Do what ``label_join`` does."""
    return _unique(
        (replace(labels, target, separator.join(get(labels, name) for name in sources)), value)
        for labels, value in vector.items()
    )


def expanded(text: str, groups: tuple[str | None, ...]) -> str:
    """Put what the groups of a regular expression matched into a replacement."""
    for number, group in reversed(list(enumerate(groups, 1))):
        text = text.replace(f"${{{number}}}", group or "").replace(f"${number}", group or "")
    if "$" in text:
        raise UnsteadyError("a group with a name")
    return text


def _string(node: Node) -> str:
    if not isinstance(node, StringLiteral):
        raise UnsteadyError("no text")
    return node.value


def _exact(value: float) -> Fraction:
    if value != value or abs(value) == float("inf"):  # noqa: PLR0124 - NaN is what differs from itself
        raise UnsteadyError("no finite number")
    return Fraction(str(value))

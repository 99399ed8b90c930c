"""Work out the labels of an expression's series, and whether both sides of each join can match.

``slo:a:b{slo_id="x"} > 1 and on (slo_id) sum(y)`` is refused: the right side has no ``slo_id``, so the alert could
never fire. Labels come from the recording rules (their ``labels`` and those their expressions keep), from ``by``
and from equality matchers. Raw series may carry anything, so nothing is claimed about what they lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    Cardinality,
    MatchOp,
    MatrixSelector,
    Negation,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    VectorSelector,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from promrules.syntax.nodes import Matching, Node

_SET_OPERATORS = frozenset({"and", "or", "unless"})
_SCALARS = frozenset({"scalar", "time", "pi", "start", "end", "step", "range"})
_ABSENCE = frozenset({"absent", "absent_over_time"})
_ADDING = frozenset({"label_replace", "label_join"})
_SELECTING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
# Functions that make a series without labels of a scalar, or of nothing.
_OF_SCALARS = frozenset(
    {"vector", "minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"}
)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of a vector's series.

    Attributes:
        names: labels that the series carry.
        closed: whether they carry no others.
        fixed: labels whose value is the same on all series, with that value (or a stand-in for it).
    """

    names: frozenset[str]
    closed: bool
    fixed: tuple[tuple[str, Hashable], ...] = ()

    def keep(self, labels: frozenset[str]) -> LabelSet:
        """Give what is left when only ``labels`` are kept; a raw series is taken to carry those asked for."""
        names = self.names & labels if self.closed else labels
        return LabelSet(names, closed=True, fixed=_only(self.fixed, names))

    def drop(self, labels: frozenset[str]) -> LabelSet:
        """Give what is left without ``labels``."""
        names = self.names - labels
        return LabelSet(names, self.closed, _only(self.fixed, names))

    def add(self, labels: frozenset[str]) -> LabelSet:
        """Give the set with ``labels`` of unknown value."""
        return LabelSet(self.names | labels, self.closed, _only(self.fixed, self.names - labels))


NO_LABELS = LabelSet(frozenset(), closed=True)
ANY_LABELS = LabelSet(frozenset(), closed=False)


def _only(fixed: tuple[tuple[str, Hashable], ...], names: frozenset[str]) -> tuple[tuple[str, Hashable], ...]:
    return tuple(pair for pair in fixed if pair[0] in names)


class Prover:
    """Infers label sets bottom up and notes each join whose sides cannot match.

    Attributes:
        selected: the label set of each vector selector, by its position in the text.
        failures: what was refuted, in words.
    """

    def __init__(self, selected: Mapping[int, LabelSet]) -> None:
        self.selected = selected
        self.failures: list[str] = []

    def labels(self, node: Node) -> LabelSet | None:
        """Give the labels of a vector; ``None`` for a scalar or a string."""
        match node:
            case NumberLiteral() | StringLiteral():
                return None
            case VectorSelector(span=span):
                return self.selected[span[0]]
            case MatrixSelector(selector=inner) | Paren(expr=inner) | Negation(expr=inner) | Subquery(expr=inner):
                return self.labels(inner)
            case Aggregate():
                return self._aggregate(node)
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)

    def _aggregate(self, node: Aggregate) -> LabelSet | None:
        if node.param is not None:
            self.labels(node.param)
        inner = self.labels(node.expr) or ANY_LABELS
        if node.op in _SELECTING:
            return inner
        grouping = frozenset(node.grouping)
        result = inner.drop(grouping) if node.without else inner.keep(grouping)
        if node.op == "count_values" and isinstance(node.param, StringLiteral):
            return result.add(frozenset({node.param.value}))
        return result

    def _call(self, node: Call) -> LabelSet | None:
        given = [self.labels(argument) for argument in node.args]
        vectors = [labels for labels in given if labels is not None]
        if node.func in _SCALARS:
            return None
        if not vectors or node.func == "info":
            return NO_LABELS if node.func in _OF_SCALARS else ANY_LABELS
        if node.func in _ABSENCE:
            return self._absence(node.args[0])
        if node.func in _ADDING and isinstance(node.args[1], StringLiteral):
            return vectors[0].add(frozenset({node.args[1].value}))
        if node.func.startswith("histogram_quantile"):
            return vectors[0].drop(frozenset({"le"}))
        return vectors[0]

    def _absence(self, argument: Node) -> LabelSet:
        while isinstance(argument, MatrixSelector | Paren):
            argument = argument.selector if isinstance(argument, MatrixSelector) else argument.expr
        if not isinstance(argument, VectorSelector):
            return NO_LABELS
        names = frozenset(m.name for m in argument.matchers if m.op is MatchOp.EQUAL and m.name != "__name__")
        return LabelSet(names, closed=True, fixed=_only(self.selected[argument.span[0]].fixed, names))

    def _binary(self, node: Binary) -> LabelSet | None:
        left, right = self.labels(node.left), self.labels(node.right)
        if left is None or right is None:
            return left or right
        self._check_join(node.op, node.matching, left, right)
        if node.op == "or":
            return _union(left, right)
        if node.op in _SET_OPERATORS:
            return left
        labels = frozenset(node.matching.labels)
        match node.matching.cardinality:
            case Cardinality.MANY_TO_ONE:
                return left.add(frozenset(node.matching.include))
            case Cardinality.ONE_TO_MANY:
                return right.add(frozenset(node.matching.include))
            case _:
                return left.keep(labels) if node.matching.on else left.drop(labels)

    def _check_join(self, op: str, matching: Matching, left: LabelSet, right: LabelSet) -> None:
        labels = frozenset(matching.labels)
        if matching.on:
            for side, words in ((left, "left"), (right, "right")):
                if side.closed and (lacking := labels - side.names):
                    self.failures.append(
                        f"`{op} on ({', '.join(matching.labels)})` can never match: "
                        f"its {words} side has no label {_listed(lacking)}"
                    )
            compared = labels
        elif op == "or":
            return
        else:
            compared = (left.names | right.names) - labels
            if left.closed and right.closed and left.names - labels != right.names - labels:
                self.failures.append(
                    f"`{op}` can never match: its sides have the labels "
                    f"({_listed(left.names - labels)}) and ({_listed(right.names - labels)})"
                )
        if op != "or":
            theirs = dict(right.fixed)
            for name, value in left.fixed:
                if name in compared and name in theirs and theirs[name] != value:
                    self.failures.append(f"`{op}` can never match: {name} has another value on each side")


def _union(left: LabelSet, right: LabelSet) -> LabelSet:
    theirs = dict(right.fixed)
    return LabelSet(
        left.names & right.names,
        closed=left.closed and right.closed and left.names == right.names,
        fixed=tuple((name, value) for name, value in left.fixed if theirs.get(name) == value),
    )


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))

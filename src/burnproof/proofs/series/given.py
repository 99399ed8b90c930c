"""Recorded series as the input of a proof, for rules that are proved alone: those that read them, and no others.

A ruler that pauses, or a ratio just below a threshold, takes a day of raw samples to bring about. Given as input, the
series that a rule reads are what the proof wants them to be. None may be given that a rule of the SLO then records
itself: two writers of one series are an error.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain
from burnproof.proofs.series.example_labels import metric
from burnproof.proofs.types import InputSeries
from burnproof.rules.recording import identity_labels, recording_rules, sorted_labels
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    Negation,
    Paren,
    Subquery,
    VectorSelector,
)
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels
    from promrules.syntax.nodes import Node


def given(slo: Slo, name: str, group: Labels, values: Sequence[float | None]) -> InputSeries:
    """Give a recorded series sample by sample; None is a gap, as a ruler leaves it that was down."""
    labels = sorted_labels((*identity_labels(slo), *group))
    items = []
    for value, run in groupby(values):
        count = len(tuple(run))
        if value is None:
            items.append(f"_x{count}" if count > 1 else "_")
        else:
            text = plain(Decimal(repr(value)))
            items.append(f"{text}x{count - 1}" if count > 1 else text)
    return InputSeries(metric(VectorSelector(()), (("__name__", name), *labels)), " ".join(items))


def is_free(slo: Slo, measure: Measure, names: Iterable[str]) -> bool:
    """Tell whether recorded series may be given: no rule records one of them because of the others."""
    wanted = frozenset(names)
    alive = set(wanted)
    rules = [(rule.record, parse(rule.expr)) for rule in recording_rules(slo, measure)]
    while True:
        new = {name for name, node in rules if name not in alive and _gives(node, alive)}
        if not new:
            break
        alive |= new
    return not any(name in wanted and _gives(node, alive - {name}) for name, node in rules)


def _gives(node: Node, alive: set[str]) -> bool:
    """Tell whether an expression may have a result where there are series of some names alone."""
    match node:
        case VectorSelector(name=name):
            return name in alive
        case MatrixSelector(selector=selector):
            return _gives(selector, alive)
        case Paren(expr=inner) | Negation(expr=inner) | Subquery(expr=inner) | Aggregate(expr=inner):
            return _gives(inner, alive)
        case Call(func="absent" | "absent_over_time"):
            return True
        case Call(args=args):
            return all(_gives(arg, alive) for arg in args)
        case Binary(op="or", left=left, right=right):
            return _gives(left, alive) or _gives(right, alive)
        case Binary(op="unless", left=left):
            return _gives(left, alive)
        case Binary(left=left, right=right):
            return _gives(left, alive) and _gives(right, alive)
        case _:
            return True

"""Run all checks: one small function for each, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final

from burnproof.diagnostics import Problem
from burnproof.model.indicators import (
    Compare,
    Count,
    Events,
    Floor,
    Kind,
    Latency,
    OfHistogram,
    Quantile,
    Ratio,
    Slices,
    Unreadable,
)
from burnproof.model.slo import AnyBad, Slo, Weighted
from burnproof.specs.checks import histograms, labels, periods, promql, relations, replicas, tiers, traffic
from burnproof.specs.keys.kinds import KINDS

Check = Callable[[Slo], Iterable[Problem]]
Relation = Callable[[Sequence[Slo]], Iterable[Problem]]

# Each check of several kinds, and the indicators it reads: those of these bases.
_ANY: Final = ()  # no look at the indicator: run where it could not be read, too
CHECKS: Final[tuple[tuple[Check, tuple[type[Kind], ...]], ...]] = (
    (tiers.reachable, _ANY),
    (tiers.burning, _ANY),
    (tiers.ordered_windows, _ANY),
    (periods.whole_hours, _ANY),
    (periods.within_horizon, _ANY),
    (tiers.distinct, _ANY),
    (tiers.adapted, _ANY),
    (tiers.enough_scrapes, (Events, Weighted, Count)),
    (tiers.slices, (Slices,)),
    (histograms.named_by_base, (OfHistogram,)),
    (histograms.native_or_classic, (OfHistogram,)),
    (histograms.in_buckets, (Latency, Floor)),
    (histograms.quantile_visible, (Quantile,)),
    (histograms.same_unit, (Latency, Quantile)),
    (traffic.guard_has_events, (Kind,)),
    (traffic.idle_has_meaning, (Kind,)),
    (traffic.single_failure, (Events,)),
    (traffic.slices_have_events, (Quantile,)),
    (labels.reserved, (Kind,)),
    (labels.untemplated, _ANY),
    (labels.templates, _ANY),
    (promql.possible, (Kind,)),
    (promql.groups, (Kind,)),
    (replicas.groups, (Kind,)),
    (replicas.removable, (Kind,)),
    (replicas.own_series, (Weighted, AnyBad)),
    (replicas.native, (Quantile,)),
    (promql.functions_agree, (Ratio, Compare)),
    (promql.members_agree, (Weighted,)),
    (promql.rates_of_counters, (Kind,)),
    (promql.distinct, (Ratio,)),
)

# Checks on all objectives of a run together.
RELATIONS: Final[tuple[Relation, ...]] = (relations.ids, relations.services, relations.same_sli)


@cache
def checks_of(kind: type[Kind]) -> tuple[Check, ...]:
    """Give the checks of a kind, found by its bases; of an indicator that could not be read only the general ones.

    Raises:
        LookupError: it is neither events nor slices nor anything else that a row is about, so no look at it is taken.
    """
    if kind is Unreadable:
        return tuple(check for check, bases in CHECKS if not bases)
    if not any(issubclass(kind, bases) for _, bases in CHECKS if Kind not in bases and bases):
        raise LookupError(f"no check is about {kind.__name__}: name it, or a base of it, in CHECKS")
    own = (check for row in KINDS if row.name == kind.key for check in row.checks)
    return (*(check for check, bases in CHECKS if not bases or issubclass(kind, bases)), *own)


def check_all(slos: Sequence[Slo]) -> list[Problem]:
    """Run every check on every objective, and on all of them together; each finding comes once."""
    found: dict[Problem, None] = {}
    for slo in slos:
        for check in checks_of(type(slo.indicator)):
            for item in check(slo):
                found[item] = None
    for relation in RELATIONS:
        found.update(dict.fromkeys(relation(slos)))
    return list(found)

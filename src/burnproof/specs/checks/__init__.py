"""Objectives to problems of meaning: one small function per check, all in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from burnproof.diagnostics import Problem
from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Ratio, Slo, Threshold, Weighted
from burnproof.specs.checks import (
    comparisons,
    histograms,
    labels,
    mistakes,
    periods,
    promql,
    relations,
    replicas,
    tiers,
    traffic,
)

Check = Callable[[Slo], Iterable[Problem]]
Relation = Callable[[Sequence[Slo]], Iterable[Problem]]

_EVENTS: Final = (Ratio, Latency, Floor)
_SLICES: Final = (Quantile, Compare, Threshold, AnyBad)
_HISTOGRAMS: Final = (Latency, Floor, Quantile)
_OWN_QUERIES: Final = (*_EVENTS, Quantile, Compare, Threshold, Count)
_ALL: Final = (*_OWN_QUERIES, Weighted, AnyBad)
_ANY: Final = ()  # no look at the indicator: run where it could not be read, too

# Each check, and the kinds of indicator it reads.
CHECKS: Final[tuple[tuple[Check, tuple[type, ...]], ...]] = (
    (tiers.reachable, _ANY),
    (tiers.burning, _ANY),
    (tiers.ordered_windows, _ANY),
    (periods.whole_hours, _ANY),
    (periods.within_horizon, _ANY),
    (tiers.distinct, _ANY),
    (tiers.adapted, _ANY),
    (tiers.enough_scrapes, (*_EVENTS, Weighted, Count)),
    (tiers.slices, _SLICES),
    (histograms.named_by_base, _HISTOGRAMS),
    (histograms.native_or_classic, _HISTOGRAMS),
    (histograms.in_buckets, (Latency, Floor)),
    (histograms.quantile_visible, (Quantile,)),
    (histograms.same_unit, (Latency, Quantile)),
    (traffic.guard_has_events, (Compare, Threshold, Count, AnyBad)),
    (traffic.idle_has_meaning, (Count, AnyBad)),
    (traffic.countable, (Count,)),
    (traffic.single_failure, _EVENTS),
    (traffic.slices_have_events, (Quantile,)),
    (labels.reserved, _ALL),
    (labels.untemplated, _ANY),
    (labels.templates, _ANY),
    (promql.possible, _OWN_QUERIES),
    (promql.groups, _OWN_QUERIES),
    (replicas.groups, _OWN_QUERIES),
    (replicas.removable, _OWN_QUERIES),
    (replicas.native, _HISTOGRAMS),
    (promql.members_agree, (Weighted,)),
    (promql.rates_of_counters, (Ratio, Compare, Threshold)),
    (promql.distinct, (Ratio,)),
    (promql.noise, (Compare,)),
    (comparisons.window, (Compare,)),
    (comparisons.noise, (Compare,)),
    *((check, _OWN_QUERIES) for check in mistakes.CHECKS),
)

# Checks on all objectives of a run together.
RELATIONS: Final[tuple[Relation, ...]] = (relations.ids, relations.services, relations.same_sli, *mistakes.RELATIONS)

_BY_KIND: Final = {kind: tuple(check for check, kinds in CHECKS if not kinds or kind in kinds) for kind in _ALL}
_WITHOUT_KIND: Final = tuple(check for check, kinds in CHECKS if not kinds)


def check_all(slos: Sequence[Slo]) -> list[Problem]:
    """Run every check on every objective, and on all of them together; each finding comes once."""
    found: dict[Problem, None] = {}
    for slo in slos:
        for check in _BY_KIND.get(type(slo.indicator), _WITHOUT_KIND):
            for item in check(slo):
                found[item] = None
    for relation in RELATIONS:
        found.update(dict.fromkeys(relation(slos)))
    return list(found)

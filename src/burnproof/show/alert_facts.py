"""Gather what can be said of an SLO without running anything: alerts, rules, cost, retention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.compile.plan import rule_groups
from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.model.slo import AnyBad, Count, Latency, Quantile, Weighted
from burnproof.rules import detection_time
from burnproof.rules.alerting import known_for, threshold
from burnproof.rules.cost import Feed, rule_costs, samples_per_second, with_groups
from burnproof.rules.counting import counting
from burnproof.rules.kinds import measure_of
from burnproof.rules.recording import windows
from burnproof.rules.types import AlertingRule
from burnproof.show.find import levels, path
from burnproof.show.retention import Retention, retention

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.counting import Counting
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Rule
    from promrules.syntax.nodes import VectorSelector

_MINUTE = Duration(60_000)
_DEFAULT_BUCKETS = 15  # of client libraries, +Inf included


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the cost depends on and no spec says: raw series per selector, time between evaluations, groups of `by`."""

    series: int = 20
    evaluation: Duration = _MINUTE
    groups: int = 1


@dataclass(frozen=True, slots=True)
class Outage:
    """What becomes of a steady outage: when it is detected, and what it has cost by then; None for never.

    Attributes:
        share: of bad events, or of bad slices.
        detected: when, by the closed form; …
        lag: … and how much later the windows may see it.
        spent: the share of the budget that is gone when it is detected.
        resets: how long after its end the alert ends.
    """

    share: Decimal
    detected: Duration | None
    lag: Duration
    spent: Decimal | None
    resets: Duration | None


@dataclass(frozen=True, slots=True)
class TierFacts:
    """One alert of the policy.

    Attributes:
        tier: the row of the policy.
        alert: the alert's name.
        threshold: the error ratio above which it fires; of a count, the share of the limit at which it does.
        outages: for 100 %, 10 % and 1 % bad, in that order; none for a count.
        events_for_silence: the fewest events in the long window for which one failure does not fire; None if no events.
        tolerated_slices: how many bad slices the long window tolerates, and of how many; None if no slices.
        count: the count in the long window at which it fires; None if no count.
        known: how long the last ratio of its shortest window stands for one without events; None if a count.
    """

    tier: Tier
    alert: str
    threshold: Decimal
    outages: tuple[Outage, ...]
    events_for_silence: int | None = None
    tolerated_slices: tuple[int, int] | None = None
    count: int | None = None
    known: Duration | None = None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A rule as it is written, and the samples that one evaluation of it reads."""

    group: str
    rule: Rule
    samples: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that ``show`` has to say of an SLO."""

    slo: Slo
    kind: str
    full_outage: Duration | None
    tiers: tuple[TierFacts, ...]
    windows: tuple[Counting, ...]
    others: tuple[AlertingRule, ...]
    rules: tuple[RuleFacts, ...]
    samples_per_second: float
    assumed: Assumed
    scrape: Duration
    retention: Retention
    levels: tuple[str, ...] = ()  # paths of the other levels of the same objective


_COMPOSED: dict[type, str] = {Weighted: "composite, weighted", AnyBad: "composite, any bad"}


def explain(slo: Slo, assumed: Assumed, slos: Sequence[Slo] = ()) -> Explanation:
    """Gather what there is to say; ``slos`` are all of the specs, for its other levels."""
    measure = measure_of(slo)
    groups = rule_groups(slo)
    scrape = slo.scrape
    feed = Feed(scrape, assumed.evaluation, _series_of(slo, assumed.series), assumed.groups)
    known = with_groups(feed, groups)
    costs = {group.name: rule_costs(group.rules, known) for group in groups}
    rules = tuple(
        RuleFacts(group.name, rule, cost.samples)
        for group in groups
        for rule, cost in zip(group.rules, costs[group.name], strict=True)
    )
    alerts = [found.rule for found in rules if isinstance(found.rule, AlertingRule)]
    is_count = isinstance(slo.indicator, Count)
    return Explanation(
        slo=slo,
        kind=_kind(slo, measure),
        full_outage=None if is_count else detection_time.full_outage(slo),
        tiers=tuple(tier_facts(slo, measure, tier) for tier in slo.policy.tiers),
        windows=tuple(counting(slo, measure, window) for window in windows(slo, measure)),
        others=tuple(alert for alert in alerts if naming.TIER not in dict(alert.labels)),
        rules=rules,
        samples_per_second=samples_per_second(groups, feed),
        assumed=assumed,
        scrape=scrape,
        retention=retention([found.rule for found in rules]),
        levels=tuple(path(other) for other in levels(slos, slo)),
    )


def tier_facts(slo: Slo, measure: Measure, tier: Tier) -> TierFacts:
    """Give what one tier promises."""
    limit = threshold(slo, tier)
    if isinstance(slo.indicator, Count):
        count = detection_time.count_to_fire(slo.indicator, tier)
        return TierFacts(tier, slo.alert_name, limit, (), count=count)
    pair = measure.pair
    is_slice = pair is not None and pair.slices
    return TierFacts(
        tier=tier,
        alert=slo.alert_name,
        threshold=limit,
        outages=tuple(_outage(slo, measure, tier, share) for share in detection_time.OUTAGES),
        events_for_silence=None if is_slice else detection_time.events_for_silence(slo, tier),
        tolerated_slices=(detection_time.tolerated_slices(slo, tier, pair), detection_time.slices_in_long(tier, pair))
        if pair is not None and is_slice
        else None,
        known=known_for(tier.short or tier.long),
    )


def _outage(slo: Slo, measure: Measure, tier: Tier, share: Decimal) -> Outage:
    detected = detection_time.detection(slo, measure, tier, share)
    spent = None if detected is None else detection_time.spent(slo, share, detected)
    lag = detection_time.lag(slo, measure, tier, share)
    return Outage(share, detected, lag, spent, detection_time.reset(slo, tier, share))


def _kind(slo: Slo, measure: Measure) -> str:
    """Name the kind as the spec does, and what it counts."""
    name = _COMPOSED.get(type(slo.indicator)) or type(slo.indicator).__name__.lower()
    if slo.parts != (slo,):
        name += f" of {', '.join(part.id for part in slo.parts)}"
    if measure.pair is None:
        return name
    return f"{name}, in slices of {measure.pair.base}" if measure.pair.slices else f"{name}, of events"


def _series_of(slo: Slo, series: int) -> Callable[[VectorSelector], int]:
    """Count the raw series of a selector: a histogram has one for each of its buckets."""
    buckets: Sequence[Decimal] = slo.indicator.buckets if isinstance(slo.indicator, Latency | Quantile) else ()
    per_histogram = len(buckets) + 1 if buckets else _DEFAULT_BUCKETS

    def matched(selector: VectorSelector) -> int:
        whole = (selector.name or "").endswith("_bucket") and not any(m.name == "le" for m in selector.matchers)
        return series * per_histogram if whole else series

    return matched

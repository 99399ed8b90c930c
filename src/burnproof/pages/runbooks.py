"""Write runbooks: what an alert means in numbers, where to look, what to do, whom to ask."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Count
from burnproof.pages.types import Query, Runbook, RunbookEntry, Table
from burnproof.pages.words import budget_text, links, owner_text, promise, step_text, title
from burnproof.rules.alerting import NO_DATA_FOR, no_data_labels, no_data_name, threshold
from burnproof.rules.budget_policy import budget_alert_name
from burnproof.rules.detection_time import count_to_fire, detection, lag, reset, spent
from burnproof.rules.kinds import measure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure

_FULL = Decimal(1)
_HEAD = ("Severity", "Fires when", "Full outage found after", "Budget spent by then", "Ends after recovery")
_COUNT_HEAD = ("Severity", "Fires when", "Ends")


def runbooks(slos: Sequence[Slo]) -> tuple[Runbook, ...]:
    """Plan the runbooks, one per service.

    Args:
        slos: the objectives, sorted by service.
    """
    return tuple(_runbook(service, tuple(members)) for service, members in groupby(slos, key=lambda slo: slo.service))


def _runbook(service: str, slos: tuple[Slo, ...]) -> Runbook:
    owners = dict.fromkeys(owner_text(slo) for slo in slos if owner_text(slo))
    journeys = dict(journey for slo in slos for journey in slo.journeys)
    return Runbook(service, "; ".join(owners), tuple(journeys.items()), tuple(_entry(slo) for slo in slos))


def _entry(slo: Slo) -> RunbookEntry:
    measure = measure_of(slo)
    facts = [("Promise", promise(slo)), ("Good", slo.indicator.good_means), ("Error budget", budget_text(slo))]
    if slo.description:
        facts.insert(0, ("What", slo.description))
    facts += [("Journey", text) for _, text in slo.journeys]
    facts.append(("Owner", owner_text(slo) or "nobody is named in the spec"))
    if slo.by:
        facts.append(("Judged for each", ", ".join(slo.by)))
    if slo.dedup:
        facts.append(("Replicas", f"told apart by {', '.join(slo.dedup)}, and counted once"))
    return RunbookEntry(
        name=title(slo),
        slo_id=slo.id,
        facts=tuple(facts),
        remediation=slo.remediation or "The spec names no remediation.",
        alerts=_alerts(slo, measure),
        reading=_reading(slo, measure),
        policy=_policy(slo),
        queries=_queries(slo, measure),
        links=links(slo),
    )


def _alerts(slo: Slo, measure: Measure) -> Table:
    if isinstance(slo.indicator, Count):
        counted = [
            (tier.severity, f"{count_to_fire(slo.indicator, tier)} events were counted in {tier.long}", _forgets(tier))
            for tier in slo.policy.tiers
        ]
        return Table(_COUNT_HEAD, tuple(counted))
    return Table(_HEAD, tuple(_tier_row(slo, measure, tier) for tier in slo.policy.tiers))


def _forgets(tier: Tier) -> str:
    return f"when so many lie more than {tier.long} back that fewer are left"


def _tier_row(slo: Slo, measure: Measure, tier: Tier) -> tuple[str, ...]:
    """Say what one alert promises; the figures are those of a full outage under steady traffic."""
    limit = threshold(slo, tier)
    windows = f"{tier.long} and {tier.short}" if tier.short else str(tier.long)
    fires = f"error ratio over {windows} is above {percent(limit)} ({plain(tier.factor)}x)"
    if tier.hold is not None:
        fires += f", for {tier.hold}"
    found, ends = detection(slo, measure, tier, _FULL), reset(slo, tier, _FULL)
    if found is None or ends is None:
        return (tier.severity, fires, "never", "", "")
    late = lag(slo, measure, tier, _FULL)
    shown = f"{_time(found)}, up to {_time(late)} later" if late.ms else _time(found)
    return (tier.severity, fires, shown, f"{_percent(spent(slo, _FULL, found))}", _time(ends))


def _time(length: Duration) -> str:
    """Write a length of time to the second; alerts are not more exact than a scrape."""
    return str(Duration(-(-length.ms // 1000) * 1000))


def _percent(share: Decimal) -> str:
    return f"{plain((share * 100).quantize(Decimal('0.01')))}%"


def _reading(slo: Slo, measure: Measure) -> tuple[str, ...]:
    sentences = []
    if not isinstance(slo.indicator, Count):
        sentences.append("Times are those of a full outage after a healthy stretch, to a scrape and an evaluation.")
        sentences.append("A partial outage of half the events takes twice as long to find, and spends as much.")
    if slo.min_events is not None:
        sentences.append(f"Fewer than {plain(slo.min_events)} events in the long window raise no alert.")
    if slo.no_data_alert:
        severity = dict(no_data_labels(slo))[naming.SEVERITY]
        sentences.append(
            f"{no_data_name(slo)} ({severity}) fires when {measure.presence} is gone for {NO_DATA_FOR}: the target is "
            f"down, not scraped, or its metrics were renamed. Until data return no other alert of this SLO can fire."
        )
    return tuple(sentences)


def _policy(slo: Slo) -> Table | None:
    if not slo.budget_policy:
        return None
    name = budget_alert_name(slo)
    rows = tuple((step_text(step), step.action, f"{name} ({step.severity})") for step in slo.budget_policy)
    return Table(("Error budget", "What is done", "Alert"), rows)


def _queries(slo: Slo, measure: Measure) -> tuple[Query, ...]:
    found = [Query("Budget left", naming.selector(naming.BUDGET_REMAINING, slo.id))]
    longs = dict.fromkeys(tier.long for tier in slo.policy.tiers)
    found += [Query(f"Error ratio over {span}", naming.selector(naming.error_ratio(span), slo.id)) for span in longs]
    if measure.pair is not None:
        slices = measure.pair.slices
        errors, total = (naming.SLICE_ERRORS, naming.SLICE_TOTAL) if slices else (naming.ERRORS, naming.TOTAL)
        found.append(Query("Bad ones now", naming.selector(errors, slo.id)))
        found.append(Query("All of them now", naming.selector(total, slo.id)))
    found.append(Query("Whether data arrive", naming.selector(measure.presence, slo.id)))
    return tuple(found)

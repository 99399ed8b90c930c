"""Make an SLO's alerting rules: one for each tier of its policy, and one for missing data.

The sides of each ``and`` are joined on identity labels, which both carry by construction (and which
``verify`` proves again on what was written).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.quantities import Duration
from burnproof.model.slo import Compare
from burnproof.rules.annotations import group_no_data_annotations, no_data_annotations, tier_annotations
from burnproof.rules.compat import compat_labels
from burnproof.rules.coverage import needs_coverage
from burnproof.rules.measure import BASE, MINUTE
from burnproof.rules.recording import sorted_labels
from burnproof.rules.types import AlertingRule

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

NO_DATA_FOR = "10m"
UNREAD_FOR = Duration(30 * MINUTE)


def threshold(slo: Slo, tier: Tier) -> Decimal:
    """Give the error ratio above which a tier fires: factor x (1 - objective), exactly."""
    return tier.factor * slo.budget


def alerting_rules(slo: Slo, measure: Measure) -> tuple[AlertingRule, ...]:
    """Give the alerts of an SLO, in the order of its policy's tiers."""
    rules = [
        AlertingRule(
            alert=slo.alert_name,
            expr=tier_expr(slo, measure, tier),
            labels=tier_labels(slo, tier),
            annotations=tier_annotations(slo, measure, tier, threshold(slo, tier)),
            hold="" if tier.hold is None else str(tier.hold),
            keep_firing_for="" if tier.keep_firing is None else str(tier.keep_firing),
        )
        for tier in slo.policy.tiers
    ]
    if slo.no_data_alert:
        rules.append(
            AlertingRule(
                alert=no_data_name(slo),
                expr=no_data_expr(slo, measure),
                labels=no_data_labels(slo),
                annotations=no_data_annotations(slo, measure),
                hold=NO_DATA_FOR,
            )
        )
    if slo.no_data_per_group:
        rules.append(
            AlertingRule(
                alert=group_no_data_name(slo),
                expr=group_no_data_expr(slo, measure),
                labels=no_data_labels(slo),
                annotations=group_no_data_annotations(slo, measure),
                hold=NO_DATA_FOR,
            )
        )
    return tuple(rules)


def tier_expr(slo: Slo, measure: Measure, tier: Tier) -> str:
    """Write a tier's condition: long window, short window, enough events, window covered.

    The shortest window of a tier is what it was last known to be: with one request in seven minutes, five minutes often
    hold none and have no ratio, and that does not end an incident.
    """
    compare = ">=" if measure.breaks_at else ">"
    limit = plain(threshold(slo, tier))
    join = f"and on ({', '.join((naming.ID, *slo.by))})"
    long = naming.selector(naming.error_ratio(tier.long), slo.id)
    last = tier.short or tier.long
    known = naming.selector(naming.error_ratio(last), slo.id)
    if measure.pair is not None:
        known = f"last_over_time({known}[{known_for(last)}])"
    parts = [f"{long} {compare} {limit}"] if tier.short is not None else []
    parts.append(f"{known} {compare} {limit}")
    if slo.min_events is not None and measure.pair is not None and not measure.pair.slices:
        parts.append(f"{naming.selector(naming.summed('total', tier.long), slo.id)} >= {plain(slo.min_events)}")
    text = f"\n{join}\n".join(parts)
    if needs_coverage(measure, tier.long):
        text += f"\nand on ({naming.ID})\n{naming.selector(naming.covered(tier.long), slo.id)} == 1"
    return text


def known_for(window: Duration) -> Duration:
    """Give how long a window's last ratio stands for one without events: twice its length, 30 minutes to 2 hours."""
    return Duration(min(max(2 * window.ms, 30 * MINUTE), 120 * MINUTE))


def tier_labels(slo: Slo, tier: Tier) -> Labels:
    """Give the labels that a tier's rule adds; identity and group labels come with the series."""
    own = ((naming.SEVERITY, tier.severity), (naming.TIER, str(tier.long)))
    return sorted_labels((*alert_labels(slo), *tier.labels, *compat_labels(slo, tier), *own))


def alert_labels(slo: Slo) -> Labels:
    """Give the user's labels and the owner's, as every alert of the SLO carries them."""
    team = ((naming.TEAM, slo.owner.team),) if slo.owner.team else ()
    level = ((naming.LEVEL, slo.level),) if slo.level else ()
    return sorted_labels((*team, *slo.labels, *slo.alert_labels, *level))


def no_data_name(slo: Slo) -> str:
    """Name the alert that data stopped coming."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.NO_DATA_SUFFIX


def no_data_labels(slo: Slo) -> Labels:
    """Give the labels that the no-data rule adds."""
    return sorted_labels((*alert_labels(slo), (naming.SEVERITY, slo.no_data_severity)))


def no_data_expr(slo: Slo, measure: Measure) -> str:
    """Write the condition: the rules run, and the data are gone (idle counters are still there).

    Or there is traffic, and what the shortest alert reads has had no value for half an hour: where scrapes are farther
    apart than declared, a window of a minute holds too few, and its alert would be silent for ever.
    """
    anchor = naming.selector(naming.ANCHOR, slo.id)
    gone = f"{anchor}\nunless on ({naming.ID})\n{naming.selector(measure.presence, slo.id)}"
    unread = _shortest_read(slo, measure)
    if unread is None:
        return gone
    present = naming.selector(measure.presence, slo.id)
    traffic, spell = f"{present} > 0", UNREAD_FOR
    if isinstance(slo.indicator, Compare):
        # After idle time, and on the day of deployment, the first verdict comes with the first whole slice.
        spell = _judged_within(slo.indicator, slo.scrape)
        traffic = f"min_over_time({present}[{spell}]) > 0 and on ({naming.ID}) {present} offset {spell}"
    seen = f"last_over_time({naming.selector(unread, slo.id)}[{spell}])"
    return f"{gone}\nor\n{anchor}\nand on ({naming.ID}) ({traffic})\nunless on ({naming.ID})\n{seen}"


def _judged_within(indicator: Compare, scrape: Duration) -> Duration:
    """Give the time within which traffic that does not rest has a verdict: half an hour, or more for long slices."""
    late = indicator.judged_over(scrape).ms + indicator.judged_after(scrape).ms
    return Duration(max(UNREAD_FOR.ms, 2 * indicator.slice.ms + late))


def _shortest_read(slo: Slo, measure: Measure) -> str | None:
    """Name what alerts read and what may be missing although data arrive; None where they come and go together."""
    if measure.pair is None or slo.no_traffic == "good" or not slo.policy.tiers:
        return None
    if isinstance(slo.indicator, Compare):
        return naming.SLICE_TOTAL
    shortest = min(tier.short or tier.long for tier in slo.policy.tiers)
    return naming.error_ratio(shortest) if not measure.pair.slices and shortest < BASE else None


def group_no_data_name(slo: Slo) -> str:
    """Name the alert that a group's data stopped coming."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.GROUP_SUFFIX


def group_no_data_expr(slo: Slo, measure: Measure) -> str:
    """Write the condition: the group had data within a day, and has none now."""
    seen, now = (naming.selector(name, slo.id) for name in (naming.GROUP_SEEN, measure.presence))
    return f"{seen}\nunless on ({', '.join((naming.ID, *slo.by))})\n{now}"

"""Calculate what an alert promises: detection and reset times, budget spent, numbers of events.

An outage is a steady share of bad events (or bad slices) that begins after a long healthy stretch, under steady
traffic. Then the error ratio of a window grows linearly until the window is full, so everything below is a straight
line solved for a time. Source: The Site Reliability Workbook, chapter 5 ("Detection time", "Reset time", tables 5-4 to
5-8): detection = (1 - SLO) / error ratio x window x burn rate; budget spent = burn rate x time / period.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.quantities import Duration
from burnproof.model.slo import Compare, Weighted
from burnproof.rules.alerting import threshold
from burnproof.rules.counting import delay, longest_open, newest
from burnproof.rules.coverage import needs_coverage
from burnproof.rules.measure import HOUR, PATIENT, uses_hours
from burnproof.rules.periods import period

if TYPE_CHECKING:
    from burnproof.model.slo import Count, Slo, Tier
    from burnproof.rules.measure import Measure, Pair

OUTAGES: Final = (Decimal(1), Decimal("0.1"), Decimal("0.01"))
"""The shares of bad events for which people ask: a total outage, one request in ten, one in a hundred."""


def detection(slo: Slo, measure: Measure, tier: Tier, share: Decimal) -> Duration | None:
    """Give the time from the start of an outage to the alert; None where the outage never breaks the threshold.

    The long window decides: the short one is over the threshold sooner. Slices are bad as wholes, so there the time
    is that of the first number of slices above what the window tolerates.
    """
    limit = threshold(slo, tier)
    if share <= limit:
        return None
    bad = limit * tier.long.ms
    if measure.pair is not None and measure.pair.slices:
        bad = Decimal((tolerated_slices(slo, tier, measure.pair) + 1) * measure.pair.base.ms)
    hold = 0 if tier.hold is None else tier.hold.ms
    return _whole(bad / share + hold)


def lag(slo: Slo, measure: Measure, tier: Tier, share: Decimal) -> Duration:
    """Give how much later than the closed form an outage may be detected, beside a scrape and an evaluation.

    Windows of raw series have no lag but a query offset. Others wait for the tile to end; those of more than three days
    may moreover be longer than their name by an hour, so that their threshold takes so much more bad time. A slice of a
    comparison is bad once a longer window falls short as well.
    """
    late = Decimal(delay(slo).ms)
    if measure.pair is None or not needs_coverage(measure, tier.long):
        return _whole(late)
    if isinstance(slo.indicator, Compare):
        late += slo.indicator.judged_over(slo.scrape).ms
    hours = uses_hours(measure.pair, tier.long) and tier.long > PATIENT
    more = threshold(slo, tier) * longest_open(measure.pair).ms / share if hours else Decimal(0)
    return _whole(late + newest(measure.pair, tier.long).ms + more)


def spent(slo: Slo, share: Decimal, after: Duration) -> Decimal:
    """Give the share of the period's budget that an outage has spent after a time."""
    return share * after.ms / (slo.budget * period(slo).ms)


def reset(slo: Slo, tier: Tier, share: Decimal) -> Duration | None:
    """Give the time from the end of an outage to the end of the alert; None where the outage raises none.

    The outage must have lasted long enough to fill the shorter window above the threshold; that window forgets it
    first. Source as above: the short window is there to end the alert soon.
    """
    limit = threshold(slo, tier)
    if share <= limit:
        return None
    window = tier.short or tier.long
    keep = 0 if tier.keep_firing is None else tier.keep_firing.ms
    return _whole(window.ms * (1 - limit / share) + keep + delay(slo).ms)


def events_for_silence(slo: Slo, tier: Tier) -> int:
    """Give the fewest events in the long window among which one failure does not break the threshold.

    1 where a minimum of events keeps the alert silent below that number anyway. Of a weighted composite the failure is
    of the heaviest kind, and all others of the lightest: w / (w + (n - 1) v) <= threshold.
    """
    limit = threshold(slo, tier)
    weights = [weight for weight, _ in slo.indicator.members] if isinstance(slo.indicator, Weighted) else [Decimal(1)]
    heaviest, lightest = max(weights), min(weights)
    if slo.min_events is not None and slo.min_events * limit >= heaviest:
        return 1
    return int((1 + heaviest * (1 / limit - 1) / lightest).to_integral_value(ROUND_CEILING))


def tolerated_slices(slo: Slo, tier: Tier, pair: Pair) -> int:
    """Give the number of bad slices in the long window that break the threshold at no time."""
    return int((threshold(slo, tier) * slices_in_long(tier, pair)).to_integral_value(ROUND_FLOOR))


def slices_in_long(tier: Tier, pair: Pair) -> int:
    """Give the fewest slices that the long window holds: of 84 minutes and slices of five it has 16 or 17."""
    step = HOUR if uses_hours(pair, tier.long) else pair.base
    return tier.long.ms // step.ms * (step.ms // pair.base.ms)


def count_to_fire(indicator: Count, tier: Tier) -> int:
    """Give the number of counted events in the long window at which the alert of a count fires."""
    share = tier.factor * indicator.limit * tier.long.ms / indicator.per.ms
    return max(1, int(share.to_integral_value(ROUND_CEILING)))


def full_outage(slo: Slo) -> Duration:
    """Give the time of a total outage that spends the whole budget."""
    return _whole(slo.budget * period(slo).ms)


def _whole(ms: Decimal) -> Duration:
    """Round up to a whole millisecond."""
    return Duration(int(ms.to_integral_value(ROUND_CEILING)))

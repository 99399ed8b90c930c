"""Write values of an explanation for people: ``4m20s``, ``7.2%``, ``1h and 5m``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model.decimals import percent, plain
from burnproof.model.quantities import Duration
from burnproof.rules.periods import period, period_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model.slo import Slo
    from burnproof.rules.counting import Counting
    from burnproof.show.alert_facts import Explanation, Outage, TierFacts

NEVER = "never"


def time(value: Duration | None) -> str:
    """Write a time to what matters of it: tenths of a second, seconds, and from an hour on minutes."""
    if value is None:
        return NEVER
    if value.ms < 10_000:
        return f"{plain(Decimal(_nearest(value.ms, 100)) / 1000)}s"
    step = 1000 if value.ms < 3_600_000 else 60_000
    return str(Duration(_nearest(value.ms, step)))


def _nearest(ms: int, step: int) -> int:
    return (ms + step // 2) // step * step


def detected(outage: Outage) -> str:
    """Say after how long an outage is detected, and by how much later at most: ``4m19s +5m12s``."""
    more = f" +{time(outage.lag)}" if outage.lag.ms and outage.detected is not None else ""
    return time(outage.detected) + more


def share(value: Decimal | None) -> str:
    """Write a ratio as a percentage of at most four digits; small ones keep two that matter."""
    if value is None:
        return NEVER
    percent = value * 100
    places = max(2, 1 - percent.adjusted()) if percent else 0
    return f"{plain(percent.quantize(Decimal(1).scaleb(-places)))}%"


def objective(slo: Slo) -> str:
    """Say what is promised, over which period."""
    if slo.objective is None:
        return f"the count is its own budget, {period(slo)} at a time"
    return f"{plain(slo.objective * 100)}% over {period_text(slo)}"


def budget_text(explained: Explanation) -> str:
    """Say what the budget is worth."""
    slo = explained.slo
    if explained.full_outage is None:
        return "the count itself"
    return f"{share(slo.budget)}, or {time(explained.full_outage)} of a total outage"


def windows(facts: TierFacts) -> str:
    """Name the windows of a tier."""
    tier = facts.tier
    return str(tier.long) if tier.short is None else f"{tier.long} and {tier.short}"


def known(tiers: Sequence[TierFacts]) -> str:
    """Say how long the last ratio of each short window stands: ``5m for 30m, 30m for 1h``."""
    stands = {str(facts.tier.short or facts.tier.long): str(facts.known) for facts in tiers if facts.known}
    return ", ".join(f"{window} for {time}" for window, time in stands.items())


def covered(window: Counting) -> str:
    """Say for how long the rules must have run."""
    return "at once" if window.covered is None else f"after {window.covered}"


def fires(facts: TierFacts) -> str:
    """Say when a tier fires."""
    hold = f" for {facts.tier.hold}" if facts.tier.hold else ""
    if facts.count is not None:
        return f"at {facts.count} in {facts.tier.long}{hold}"
    return f"above {percent(facts.threshold)}{hold}"


def single(facts: TierFacts) -> str:
    """Say what it takes for one failure, or some bad slices, to stay silent."""
    if facts.tolerated_slices is not None:
        bad, of = facts.tolerated_slices
        return f"{bad} of {of} slices"
    if facts.events_for_silence is None:
        return f"{(facts.count or 1) - 1} in {facts.tier.long}"
    if facts.events_for_silence == 1:
        return "1 failure, always"
    return f"1 of {facts.events_for_silence} in {facts.tier.long}"

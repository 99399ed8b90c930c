"""Make an SLO's recording rules: errors and total, ratios for each window, budget and burn, metadata."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof import __version__
from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import slice_of
from burnproof.rules.calendars import calendar_of
from burnproof.rules.coverage import coverage
from burnproof.rules.hours import closed_records, open_records
from burnproof.rules.measure import (
    BASE,
    DAY,
    SLOW,
    Record,
    events_over,
    is_slow,
    ratio_over,
    uses_hours,
)
from burnproof.rules.missing_series import missing_records
from burnproof.rules.periods import period, period_ratio, period_records, period_text, spent_share
from burnproof.rules.types import RecordingRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pace
    from burnproof.rules.types import Labels


def windows(slo: Slo, measure: Measure) -> tuple[Duration, ...]:
    """List the windows that error ratios are recorded over, shortest first; a calendar period is none of them."""
    tiers = {window for tier in slo.policy.tiers for window in (tier.long, tier.short) if window is not None}
    current = {BASE} if measure.pair is not None and measure.pair.base == BASE else set()
    rolling = set() if calendar_of(slo) else {period(slo)}
    short = set() if tiers or current else {short_window(slo)}
    return tuple(sorted(tiers | current | rolling | short))


def short_window(slo: Slo) -> Duration:
    """Give the window that shows how fast the budget burns where no alert asks for one."""
    return slice_of(slo.indicator) or BASE


@dataclass(frozen=True, slots=True)
class Recordings:
    """The recording rules of an SLO: those evaluated every minute, every few minutes, and every twenty."""

    fast: tuple[RecordingRule, ...]
    slow: tuple[RecordingRule, ...]
    rare: tuple[RecordingRule, ...]


def recordings(slo: Slo, measure: Measure) -> Recordings:
    """Give the rules that record an SLO, each after all of its group that it reads."""
    identity = identity_labels(slo)
    records = tuple(_records(slo, measure))
    paces: tuple[Pace, ...] = ("fast", "slow", "rare")
    return Recordings(
        *(tuple(RecordingRule(one.name, one.expr, identity) for one in records if one.pace == pace) for pace in paces)
    )


def recording_rules(slo: Slo, measure: Measure) -> tuple[RecordingRule, ...]:
    """Give all rules that record an SLO."""
    made = recordings(slo, measure)
    return (*made.rare, *made.slow, *made.fast)


def _records(slo: Slo, measure: Measure) -> Iterator[Record]:
    """Yield what is recorded, in the order to run within each group."""
    pair, spans = measure.pair, windows(slo, measure)
    yield from measure.records
    if pair is not None:
        hours = tuple(window for window in spans if uses_hours(pair, window))
        if hours or calendar_of(slo):
            yield from closed_records(pair, slo.id, hours, calendar=calendar_of(slo) is not None)
            yield from open_records(pair, slo.id)
    for window in spans:
        # The ratio of the period is that of its events, which are recorded first.
        if pair is None or calendar_of(slo) or window != period(slo) or measure.ratio(window) is not None:
            yield Record(naming.error_ratio(window), ratio_over(measure, slo.id, window), pace_of(slo, measure, window))
    if slo.min_events is not None and pair is not None and not pair.slices:
        for window in sorted({tier.long for tier in slo.policy.tiers}):
            pace: Pace = "slow" if measure.total(window) is not None and window >= SLOW else "fast"
            yield Record(naming.summed("total", window), events_over(measure, slo.id, window), pace)
    yield from _budget(slo, measure, spans[0])
    if pair is not None:
        yield from coverage(slo, measure)
    yield from missing_records(slo, measure)
    if slo.no_data_per_group:
        # Looks ten minutes apart: each evaluation would read a day of samples otherwise.
        yield Record(
            naming.GROUP_SEEN, f"count_over_time({naming.selector(measure.presence, slo.id)}[1d:10m])", pace="slow"
        )


def pace_of(slo: Slo, measure: Measure, window: Duration) -> Pace:
    """Tell how often a ratio is recorded."""
    return "slow" if measure.ratio(window) is not None and is_slow(slo, window) else "fast"


def _budget(slo: Slo, measure: Measure, shortest: Duration) -> Iterator[Record]:
    """Yield burn rates and the budget that is left."""
    burn = plain(slo.budget)
    ratio = naming.selector(naming.error_ratio(shortest), slo.id)
    yield Record(naming.CURRENT_BURN_RATE, f"{ratio} / {burn}")
    spent = naming.selector(naming.PERIOD_BURN_RATE, slo.id)
    if measure.pair is not None:
        yield from period_records(slo, measure)
        spent = spent_share(slo, measure)
    yield Record(naming.PERIOD_BURN_RATE, f"{naming.selector(period_ratio(slo), slo.id)} / {burn}")
    yield Record(naming.BUDGET_REMAINING, f"1 - {spent}")


def metadata_rules(slo: Slo) -> tuple[RecordingRule, ...]:
    """Give the rules that state an SLO: objective, budget, period, and what people want to know, on one info series.

    Owners, tiers and the user's labels stand on the info series alone, so changing one never breaks a rule.
    """
    days = Decimal(period(slo).ms) / DAY.ms
    constants = [(naming.ERROR_BUDGET, slo.budget), (naming.PERIOD_DAYS, days)]
    if slo.objective is not None:
        constants.insert(0, (naming.OBJECTIVE, slo.objective))
    identity = identity_labels(slo)
    rules = [RecordingRule(name, f"vector({plain(value)})", identity) for name, value in constants]
    return (*rules, RecordingRule(naming.INFO, "vector(1)", info_labels(slo)))


def identity_labels(slo: Slo) -> Labels:
    """Give the labels that every series of the SLO carries, and that rules select by."""
    return sorted_labels(((naming.SERVICE, slo.service), (naming.SLO, slo.name), (naming.ID, slo.id)))


def info_labels(slo: Slo) -> Labels:
    """Give the labels of the info series."""
    described = (
        ("objective", "" if slo.objective is None else percent(slo.objective)),
        ("period", period_text(slo)),
        ("journey", ",".join(name for name, _ in slo.journeys)),
        (naming.TEAM, slo.owner.team),
        ("contact", slo.owner.contact),
        ("policy", slo.policy.name),
        (naming.LEVEL, slo.level),
        ("burnproof", __version__),
    )
    return sorted_labels((*slo.labels, *((k, v) for k, v in described if v), *identity_labels(slo)))


def sorted_labels(pairs: Iterable[tuple[str, str]]) -> Labels:
    """Sort labels by name; of two with the same name the later one holds."""
    return tuple(sorted(dict(pairs).items()))

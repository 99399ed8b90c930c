"""An SLO to its recording rules: the measured pair, error ratios per window, budget and burn, metadata."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof import __version__, naming
from burnproof.decimals import percent, plain
from burnproof.model import Calendar, Count, Rolling
from burnproof.plan.calendars import calendar_of, calendar_rules
from burnproof.plan.measure import BASE, DAY, ratio_over
from burnproof.plan.types import RecordingRule
from burnproof.units import Duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.model import Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels

_CALENDAR_DAYS = {"week": 7, "month": 31, "quarter": 92}


def budget(slo: Slo) -> Decimal:
    """Give the error budget as a ratio; for a count, which is its own budget, 1."""
    return Decimal(1) if slo.objective is None else 1 - slo.objective


def period(slo: Slo) -> Duration:
    """Give the length of the budget's period; a calendar unit has that of its longest."""
    match slo.indicator, slo.period:
        case Count(per=per), _:
            return per
        case _, Rolling(length=length):
            return length
        case _, Calendar(unit=unit):
            return Duration(_CALENDAR_DAYS[unit] * DAY.ms)


def windows(slo: Slo, measure: Measure) -> tuple[Duration, ...]:
    """List the windows that error ratios are recorded over, shortest first; a calendar period is none of them."""
    tiers = {window for tier in slo.policy.tiers for window in (tier.long, tier.short) if window is not None}
    current = {BASE} if measure.pair is not None and measure.pair.base == BASE else set()
    rolling = set() if calendar_of(slo) else {period(slo)}
    return tuple(sorted(tiers | current | rolling))


def period_ratio(slo: Slo) -> str:
    """Name the error ratio of the budget's period: ``slo:sli_error:ratio_rate30d``, or ``…_month``."""
    calendar = calendar_of(slo)
    return naming.error_ratio(period(slo)) if calendar is None else naming.calendar_ratio(calendar.unit)


def recording_rules(slo: Slo, measure: Measure) -> tuple[RecordingRule, ...]:
    """Give the rules that record an SLO, each after all that it reads."""
    spans = windows(slo, measure)
    ratios = [(naming.error_ratio(window), ratio_over(measure, slo.id, window)) for window in spans]
    calendar = calendar_of(slo)
    if calendar is not None:
        ratios += [(record.name, record.expr) for record in calendar_rules(slo, calendar, measure)]
    burn = plain(budget(slo))
    spent = naming.selector(naming.PERIOD_BURN_RATE, slo.id)
    if calendar is not None:
        # The burn rate is that of the time seen, and the budget that of the whole unit.
        spent += f" * {naming.selector(naming.PERIOD_SEEN, slo.id)}"
    derived = [
        (naming.CURRENT_BURN_RATE, f"{naming.selector(naming.error_ratio(spans[0]), slo.id)} / {burn}"),
        (naming.PERIOD_BURN_RATE, f"{naming.selector(period_ratio(slo), slo.id)} / {burn}"),
        (naming.BUDGET_REMAINING, f"1 - {spent}"),
    ]
    measured = [(record.name, record.expr) for record in measure.records]
    identity = identity_labels(slo)
    return tuple(RecordingRule(name, expr, identity) for name, expr in (*measured, *ratios, *derived))


def metadata_rules(slo: Slo) -> tuple[RecordingRule, ...]:
    """Give the rules that state an SLO: objective, budget, period, and what people want to know, on one info series.

    Owners, tiers and the user's labels stand on the info series alone, so changing one never breaks a rule.
    """
    days = Decimal(period(slo).ms) / DAY.ms
    constants = [(naming.ERROR_BUDGET, budget(slo)), (naming.PERIOD_DAYS, days)]
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


def period_text(slo: Slo) -> str:
    """Name the period for people: ``30d``, or ``month (Europe/Berlin)``."""
    if isinstance(slo.period, Calendar) and not isinstance(slo.indicator, Count):
        return f"{slo.period.unit} ({slo.period.timezone})"
    return str(period(slo))


def sorted_labels(pairs: Iterable[tuple[str, str]]) -> Labels:
    """Sort labels by name; of two with the same name the later one holds."""
    return tuple(sorted(dict(pairs).items()))

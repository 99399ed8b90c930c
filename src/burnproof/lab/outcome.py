"""Judge a scenario: how fast each tier fired, what it cost by then, and whether it had reason to.

Detection time, reset time, missed alerts and false ones are the attributes of an alerting strategy in the SRE
Workbook, chapter 5. They are held against arithmetic on the events (``expected``), not against the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.lab.chart import Chart, chart_of
from burnproof.lab.expected import Span, expected, joined
from burnproof.model.slo import Count
from burnproof.rules import detection_time
from burnproof.rules.alerting import known_for
from burnproof.rules.kinds import measure_of
from burnproof.rules.periods import period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.lab.alerts import Firing
    from burnproof.lab.course import Course
    from burnproof.lab.play import Played
    from burnproof.model.slo import Slo, Tier

_APART: Final = 300.0
"""Seconds between two firings that are one notification: Alertmanager's default group_interval."""
_EVALUATION: Final = 60.0
"""Seconds between two evaluations; one records a window, and another reads it."""
_SLOW: Final = 240.0
"""Seconds between two records of a window of two hours and more."""
_RECORDED_SLOWLY: Final = 7200.0


@dataclass(frozen=True, slots=True)
class TierOutcome:
    """One tier in one scenario; times are in seconds, None for never.

    Attributes:
        tier: its long window.
        severity: its severity.
        wanted: when the events gave reason to fire, after the incident began.
        fired: when it fired first, after the incident began.
        spent: the share of the budget that was gone by then.
        reset: how long after the incident's end it ended; None where it never fired, or did not end.
        firings: how often it fired; short breaks are none.
        missed: times at which it should have fired and did not.
        false: firings without reason.
        allowed: how much later than its reason it may fire: scrapes, evaluations, tiles, slices.
    """

    tier: str
    severity: str
    wanted: float | None
    fired: float | None
    spent: float | None
    reset: float | None
    firings: int
    missed: int
    false: int
    allowed: float = 0.0

    @property
    def late(self) -> float | None:
        """How much later it fired than the events gave reason to, in seconds."""
        return None if self.wanted is None or self.fired is None else self.fired - self.wanted


@dataclass(frozen=True, slots=True)
class Outcome:
    """An SLO in a scenario under its policy.

    Attributes:
        slo: its id.
        policy: the name of the policy.
        scenario: its name; ``title`` what happens.
        lasts: seconds of the incident.
        spent: the share of the budget that the whole incident spent.
        tiers: of the policy, in its order.
        others: further alerts that fired, such as NoData.
        notifications: how often somebody was notified, by severity.
        reason: why it was not played; all else is empty then.
        chart: what happened, to be drawn.
    """

    slo: str
    policy: str
    scenario: str
    title: str
    lasts: int = 0
    spent: float = 0.0
    tiers: tuple[TierOutcome, ...] = ()
    others: tuple[str, ...] = ()
    notifications: tuple[tuple[str, int], ...] = ()
    reason: str = ""
    chart: Chart | None = None

    @property
    def first(self) -> TierOutcome | None:
        """The tier that fired first."""
        fired = [tier for tier in self.tiers if tier.fired is not None]
        return min(fired, key=lambda tier: tier.fired or 0.0, default=None)

    @property
    def agrees(self) -> bool:
        """Whether every alert came with its reason, in time, and none without."""
        return not (self.missed or self.false or any((tier.late or 0.0) > tier.allowed for tier in self.tiers))

    @property
    def missed(self) -> int:
        """Alerts that the events gave reason to and that did not fire."""
        return sum(tier.missed for tier in self.tiers)

    @property
    def false(self) -> int:
        """Alerts without reason."""
        return sum(tier.false for tier in self.tiers)


def outcome(slo: Slo, played: Played) -> Outcome:
    """Judge what was played."""
    course, scenario = played.course, played.scenario
    own = [firing for firing in played.firings if firing.alert == slo.alert_name and firing.tier]
    budgeted = _budgeted(slo, played)
    tiers = tuple(_tier(slo, tier, played, own, budgeted) for tier in slo.policy.tiers)
    severities = dict.fromkeys(tier.severity for tier in slo.policy.tiers)
    return Outcome(
        slo=slo.id,
        policy=slo.policy.name,
        scenario=scenario.name,
        title=scenario.title,
        lasts=course.lasts,
        spent=course.spent(course.seconds, budgeted),
        tiers=tiers,
        others=tuple(dict.fromkeys(f.alert for f in played.firings if f.alert != slo.alert_name or not f.tier)),
        notifications=tuple((name, len(together(f for f in own if f.severity == name))) for name in severities),
        chart=chart_of(course, [(one.tier, one.severity, one.start, one.end) for one in own]),
    )


def _tier(slo: Slo, tier: Tier, played: Played, fired: Sequence[Firing], budgeted: float) -> TierOutcome:
    spans = expected(slo, tier, played.course)
    mine = [firing for firing in fired if firing.tier == str(tier.long)]
    lag, stays = lateness(slo, tier, played.course), _stays(tier)
    wanted = [joined(own, stays + lag) for own in spans]
    missed = sum(
        not _met(span, found, lag) for own, found in _by_group(wanted, mine) for span in own if _lasts(span, lag)
    )
    false = sum(
        not any(_met(span, (firing,), lag + stays) for span in own)
        for own, found in _by_group(wanted, mine)
        for firing in found
    )
    starts = [span.start for own in spans for span in own]
    told = together(mine)
    first = min((firing.start for firing in mine), default=None)
    ended = told[-1].end if told else None
    return TierOutcome(
        tier=str(tier.long),
        severity=tier.severity,
        wanted=min(starts, default=None),
        fired=first,
        spent=None if first is None else played.course.spent(first, budgeted),
        reset=None if ended is None else ended - played.course.lasts,
        firings=len(told),
        missed=missed,
        false=false,
        allowed=lag,
    )


def lateness(slo: Slo, tier: Tier, course: Course) -> float:
    """Give the seconds by which an alert may be later than the events: scrapes, evaluations, tiles and slices.

    What windows of tiles may be late depends on the share of bad events (``detection_time.lag``).
    """
    measure = measure_of(slo)
    late = 2 * _EVALUATION + slo.scrape.seconds
    if measure.pair is not None and measure.pair.slices:
        late += 2 * measure.pair.base.seconds
    if tier.long.seconds >= _RECORDED_SLOWLY:
        late += _SLOW
    fail = 1 - float(course.happening.scraped.min())
    late += 2 * slo.scrape.seconds / (1 - fail) if 0 < fail < 1 else 0.0
    share = course.share
    return late + detection_time.lag(slo, measure, tier, Decimal(str(share)) if share else Decimal(1)).seconds


def _stays(tier: Tier) -> float:
    """Give for how long an alert may go on after its reason: the last ratio is remembered, and it is kept firing."""
    keep = 0.0 if tier.keep_firing is None else tier.keep_firing.seconds
    return keep + known_for(tier.short or tier.long).seconds


def _lasts(span: Span, lag: float) -> bool:
    """Tell whether a reason lasted long enough to be seen for certain."""
    return span.end is None or span.end - span.start > 2 * lag


def _met(span: Span, fired: Iterable[Firing], slack: float) -> bool:
    """Tell whether some firing overlaps a span, give or take some seconds."""
    return any(
        firing.start <= (float("inf") if span.end is None else span.end + slack)
        and (firing.end is None or firing.end >= span.start - slack)
        for firing in fired
    )


def _by_group(
    wanted: Sequence[tuple[Span, ...]], fired: Sequence[Firing]
) -> Iterable[tuple[tuple[Span, ...], Sequence[Firing]]]:
    """Pair the spans of each group with its firings; groups come in the order of their labels."""
    if len(wanted) == 1:
        return [(wanted[0], fired)]
    # Only the first group may have errors of its own; where all have, all are alike.
    names = sorted({firing.labels for firing in fired})
    found = [[firing for firing in fired if firing.labels == name] for name in names]
    return list(zip(wanted, [*found, *([] for _ in wanted)], strict=False))


def together(fired: Iterable[Firing]) -> list[Span]:
    """Join firings of all tiers and groups to what one notification tells."""
    made: list[Span] = []
    for firing in sorted(fired, key=lambda firing: firing.start):
        last = made[-1] if made else None
        if last is not None and (last.end is None or firing.start - last.end < _APART):
            ends = None if last.end is None or firing.end is None else max(last.end, firing.end)
            made[-1] = Span(last.start, ends)
        else:
            made.append(Span(firing.start, firing.end))
    return made


def _budgeted(slo: Slo, played: Played) -> float:
    """Give the bad events that the budget of a whole period allows, at the usual traffic."""
    course = played.course
    if isinstance(slo.indicator, Count):
        return float(slo.indicator.limit)
    pair = measure_of(slo).pair
    if pair is not None and pair.slices:
        events = period(slo).seconds / pair.base.seconds * len(course.bad)
    else:
        events = period(slo).seconds * course.usual
    return float(slo.budget) * events

"""Run the compiled rules over real history: which alerts would have fired, when, and what the budget says.

Only raw series are needed, so this works before an SLO exists. The rules begin with the history. So a tier that waits
for its window says nothing at first: with 30 days of history, that of three days speaks from the third on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.lab.alerts import Firing, RuleFailedError, Run, compiled, firings, needed
from burnproof.lab.outcome import together
from burnproof.model import naming
from burnproof.rules.kinds import measure_of
from promrules.columns.series import Series, Storage
from promrules.columns.values import Matrix
from promrules.engine import Options, evaluate
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse
from promrules.workers import mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from burnproof.lab.expected import Span
    from burnproof.lab.incidents import Incident
    from burnproof.model.slo import Slo
    from promrules.rule_tests.rule_file import RuleGroup

_HOUR: Final = 3600
_GRACE: Final = 1800
"""Seconds after an incident in which an alert about it may still come."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What somebody would have been told: from when until when, in seconds since the epoch; None while it goes on.

    Attributes:
        severity: page, ticket, …
        tiers: the long windows that fired in it.
        spent: the share of the budget that went from the beginning of the first window until its end; None for counts.
        incident: the note of the incident it belongs to; None where it belongs to none.
    """

    severity: str
    start: float
    end: float | None
    tiers: tuple[str, ...]
    spent: float | None
    incident: str | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """One SLO under one policy and objective over one history.

    Attributes:
        slo: its id.
        variant: what was tried: the policy, the objective, the version of the spec.
        start, end: the history, seconds since the epoch.
        attained: the share of good events; None where there were none, or none are counted.
        left: the share of the budget that is left if the history is a whole period; below 0 where more is spent.
        notifications: in order.
        incidents: how many of the listed incidents there are, and how many were notified of.
        others: further alerts and how often they fired.
        reason: why it could not be run; all else is empty then.
    """

    slo: str
    variant: str
    start: int
    end: int
    attained: float | None = None
    left: float | None = None
    notifications: tuple[Notification, ...] = ()
    incidents: tuple[int, int] = (0, 0)
    others: tuple[tuple[str, int], ...] = ()
    reason: str = ""

    @property
    def recall(self) -> float | None:
        """The share of the listed incidents that somebody was notified of."""
        known, met = self.incidents
        return met / known if known else None

    @property
    def precision(self) -> float | None:
        """The share of notifications that belong to a listed incident."""
        if not self.notifications:
            return None
        return sum(one.incident is not None for one in self.notifications) / len(self.notifications)


@dataclass(frozen=True, slots=True)
class Job:
    """One SLO and what to run it on."""

    slo: Slo
    variant: str
    history: Storage
    start: int
    end: int
    incidents: tuple[Incident, ...] = ()
    interval: int = 60


def backtest(jobs: Sequence[Job], processes: int = 0) -> Iterator[Backtest]:
    """Run every job, on several processors; results come in the order of the jobs."""
    return mapped(run_job, jobs, processes)


def run_job(job: Job) -> Backtest:
    """Run one job."""
    slo, start = job.slo, job.start // _HOUR * _HOUR
    groups = compiled(slo)
    read = own_series(job.history, groups)
    if not len(read):
        return Backtest(slo.id, job.variant, job.start, job.end, reason="the history has none of its series")
    kept = needed(groups, also=_tiles(slo))
    try:
        fired = firings(kept, read, Run(job.end + 1, start=start, interval=job.interval))
    except RuleFailedError as error:
        return Backtest(slo.id, job.variant, job.start, job.end, reason=str(error))
    counted = _counted(slo, read, start, job.end)
    own = [one for one in fired if one.alert == slo.alert_name and one.tier]
    mine = [one for one in job.incidents if one.slo in (None, slo.id)]
    told = tuple(sorted(_notifications(slo, own, counted, mine), key=lambda one: one.start))
    names = [one.alert for one in fired if one.alert != slo.alert_name or not one.tier]
    return Backtest(
        slo=slo.id,
        variant=job.variant,
        start=job.start,
        end=job.end,
        attained=counted.attained,
        left=None if counted.attained is None else 1 - (1 - counted.attained) / float(slo.budget),
        notifications=told,
        incidents=(len(mine), sum(any(_meets(one, note.start, note.end) for note in told) for one in mine)),
        others=tuple((name, names.count(name)) for name in dict.fromkeys(names)),
    )


def own_series(history: Storage, groups: Sequence[RuleGroup]) -> Storage:
    """Give a storage of the raw series that rules read, for what is recorded to be added to."""
    recorded = {rule.name for group in groups for rule in group.rules}
    found: dict[int, Series] = {}
    for group in groups:
        for rule in group.rules:
            for selector in selectors(rule.node):
                if selector.name not in recorded:
                    found |= {id(series): series for series in history.select(selector.matchers)}
    return Storage(Series(one.labels, one.times, one.values, one.histograms) for one in found.values())


def _tiles(slo: Slo) -> tuple[str, ...]:
    pair = measure_of(slo).pair
    return () if pair is None else (pair.errors, pair.total)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Bad events and all events by the end of each tile."""

    times: NDArray[np.float64]
    bad: NDArray[np.float64]
    total: NDArray[np.float64]

    @property
    def attained(self) -> float | None:
        if not len(self.total) or not self.total[-1]:
            return None
        return float(1 - self.bad[-1] / self.total[-1])

    def bad_in(self, start: float, end: float) -> float:
        """Give the bad events between two moments, to the tile."""
        first, last = np.searchsorted(self.times, [start, end])
        before = self.bad[first - 1] if first else 0.0
        return float(self.bad[min(int(last), len(self.bad) - 1)] - before) if len(self.bad) else 0.0


def _counted(slo: Slo, storage: Storage, start: int, end: int) -> _Counted:
    """Add up the tiles that the rules recorded."""
    pair = measure_of(slo).pair
    nothing = np.zeros(0)
    if pair is None:
        return _Counted(nothing, nothing, nothing)
    step = pair.base.ms
    times = np.arange((start * 1000 // step + 1) * step, end * 1000 + 1, step, dtype=np.int64)
    sums = []
    for name in (pair.errors, pair.total):
        node = parse(f"sum(last_over_time({naming.selector(name, slo.id)}[{pair.base}]))")
        # A tile is recorded at the evaluation after its end; an evaluation later it is there for certain.
        value = evaluate(node, storage, times + 90_000, Options()).value
        shown = np.zeros(len(times))
        if isinstance(value, Matrix) and len(value.labels):
            shown = np.where(value.present[0], value.values[0], 0.0) * float(pair.weight)
        sums.append(np.cumsum(shown))
    return _Counted(times / 1000, sums[0], sums[1])


def _notifications(
    slo: Slo, fired: Sequence[Firing], counted: _Counted, incidents: Sequence[Incident]
) -> Iterator[Notification]:
    budgeted = float(slo.budget) * float(counted.total[-1]) if len(counted.total) else 0.0
    for severity in dict.fromkeys(tier.severity for tier in slo.policy.tiers):
        own = [one for one in fired if one.severity == severity]
        for span in together(own):
            tiers = tuple(dict.fromkeys(one.tier for one in own if _within(one, span)))
            saw = next(tier.long.seconds for tier in slo.policy.tiers if str(tier.long) == tiers[0])
            until = counted.times[-1] if span.end is None and len(counted.times) else span.end or span.start
            yield Notification(
                severity=severity,
                start=span.start,
                end=span.end,
                tiers=tiers,
                spent=counted.bad_in(span.start - saw, float(until)) / budgeted if budgeted else None,
                incident=next((one.note or "listed" for one in incidents if _meets(one, span.start, span.end)), None),
            )


def _within(firing: Firing, span: Span) -> bool:
    return firing.start >= span.start and (span.end is None or firing.start < span.end)


def _meets(incident: Incident, start: float, end: float | None) -> bool:
    """Tell whether an alert belongs to an incident: it fired while it lasted, or soon after."""
    return start <= incident.end + _GRACE and (end is None or end >= incident.start)

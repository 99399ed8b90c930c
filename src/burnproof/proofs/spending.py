"""Calculate how much of a period's budget the rules show as spent at an evaluation of a proof.

The definition is that of ``rules/periods.py``: bad events, out of what the error budget allows of the events that the
whole period has or is expected to have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from burnproof.model.quantities import duration
from burnproof.model.slo import Rolling
from burnproof.proofs import tolerances
from burnproof.proofs.calendar_arithmetic import unit_at
from burnproof.proofs.views import seen
from burnproof.rules.budget_policy import MARGIN
from burnproof.rules.calendars import REACH, calendar_of
from burnproof.rules.periods import period

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.slo import BudgetStep, Calendar, Slo
    from burnproof.proofs.timeline import Timeline
    from burnproof.proofs.views import Counts, Seen, View

_DAY, _HOUR, _GRACE = 86_400, 3600, 300
_LOOK = 1800  # seconds between two looks at what was left


@dataclass(frozen=True, slots=True)
class Account:
    """What the budget of an SLO is spent by: its period or calendar, its size, and how windows are read."""

    view: View
    length: int  # of a rolling period, in seconds
    calendar: Calendar | None
    budget: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """What the rules record of a period at a time; ``left`` is a share of the budget."""

    ratio: float
    seen: float
    left: float


def account_of(slo: Slo, view: View) -> Account:
    """Gather what matters of an SLO."""
    length = slo.period.length if isinstance(slo.period, Rolling) else period(slo)
    return Account(view, length.ms // 1000, calendar_of(slo), slo.budget)


@lru_cache(maxsize=256)
def balances(account: Account, timeline: Timeline, *, closed: bool = False) -> tuple[Balance | None, ...]:
    """Predict what is recorded at each evaluation; None where no events are known of.

    Args:
        account: the budget.
        timeline: what happens.
        closed: whether ranges are closed on the left, as before Prometheus 3.
    """
    story = seen(account.view, timeline)
    spans = [_span(account, int(time), closed=closed) for time in story.times]
    if account.calendar is None:
        events = story.window(account.length, closed=closed, few=True)
    else:
        # What the unit holds is asked for by its own beginning, which no range closes.
        events = story.long(np.array([span.start for span in spans]), closed=closed, sharp=True)
    usual = _usual(account, story, closed=closed)
    made: list[Balance | None] = []
    for at, span in enumerate(spans):
        bad, total = float(events.bad[at]), float(events.total[at])
        rate = float(usual[at]) if usual[at] >= 0 else total / (span.seen * span.whole)
        expected = total + (1 - span.seen) * span.whole * rate
        if not expected or (account.calendar is None and not total):
            made.append(None)
            continue
        left = 1 - bad / float(account.budget) / expected
        made.append(Balance(bad / total if total else 0.0, span.seen, left))
    return tuple(made)


def balance(account: Account, timeline: Timeline, time: int, *, closed: bool = False) -> Balance | None:
    """Predict what is recorded at one evaluation."""
    return balances(account, timeline, closed=closed)[time // account.view.grid]


@dataclass(frozen=True, slots=True)
class _Span:
    """The part of a period up to an evaluation: when it began, the share of it that is seen, the whole in seconds."""

    start: int
    seen: float
    whole: int


def _span(account: Account, time: int, *, closed: bool) -> _Span:
    if account.calendar is None:
        step = _HOUR if account.length >= _DAY else _GRACE
        oldest = _oldest(account, time - account.length, step, closed=closed)
        return _Span(time - account.length, min(1.0, (time - oldest + step) / account.length), account.length)
    unit, reach = unit_at(account.calendar, time), duration(REACH[account.calendar.unit]).ms // 1000
    oldest = _oldest(account, time - reach, _HOUR, closed=False)
    whole = unit.end - unit.start
    return _Span(max(unit.start, time - reach), max(0.0, (time - 1 - max(oldest, unit.start)) / whole), whole)


def _oldest(account: Account, after: int, step: int, *, closed: bool) -> int:
    """Give the first evaluation after a time that stands at a multiple of a step."""
    apart = lcm(account.view.grid, step) if account.view.grid > _GRACE else step
    return max(0, -(-(after + (0 if closed else 1)) // apart) * apart)


def _usual(account: Account, story: Seen, *, closed: bool) -> Counts:
    """Give the events per second that are expected of time not seen; -1 where they are the mean of what is."""
    base = account.view.base
    peaks = np.array([story.peak(int(time) - _DAY, int(time)) / base if time < _DAY else 0.0 for time in story.times])
    if account.calendar is None:
        return np.where(story.times < _DAY, peaks, -1.0)
    reach = duration(REACH[account.calendar.unit]).ms // 1000
    after = story.times - _GRACE - reach
    hours = story.long(after, closed=closed, opened=False)
    seconds = story.length_of_hours(after, closed=closed)
    mean = np.where(seconds > 0, hours.total / np.maximum(seconds, 1), -1.0)
    return np.where(story.times < _DAY, peaks, mean)


@lru_cache(maxsize=1024)
def step_states(account: Account, step: BudgetStep, timeline: Timeline) -> tuple[bool | None, ...]:
    """Give for each evaluation whether a step's alert fires; None where it is uncertain."""
    margin = tolerances.MARGIN_OF_BUDGET
    runs = [_run(account, step, timeline, off, closed=closed) for closed in (False, True) for off in (-margin, margin)]
    return tuple(states[0] if len(set(states)) == 1 else None for states in zip(*runs, strict=True))


def _run(account: Account, step: BudgetStep, timeline: Timeline, off: float, *, closed: bool) -> list[bool]:
    grid, limit = account.view.grid, float(step.below) + off
    found = balances(account, timeline, closed=closed)
    lefts = {number * grid: one.left for number, one in enumerate(found) if one is not None}
    states = []
    for time in range(0, timeline.end + 1, grid):
        if time not in lefts:
            states.append(False)
            continue
        # The lowest of the day is looked up every half an hour.
        marks = range((time - _DAY) // _LOOK * _LOOK + _LOOK, time + 1, _LOOK)
        looks = (mark // grid * grid for mark in marks if mark % grid < _GRACE)
        lowest = min((lefts[mark] for mark in looks if mark in lefts), default=1.0)
        left = lefts[time]
        states.append(left < limit or (left < limit + float(MARGIN) and lowest < limit))
    return states

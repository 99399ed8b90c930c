"""How much of a period's budget the rules call spent at an evaluation of a proof; arithmetic, no PromQL.

The definition is that of ``plan/periods.py``: bad events, out of what the error budget allows of the events that the
whole period has or is expected to have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING

from burnproof.model import Rolling
from burnproof.plan.budgetalerts import MARGIN
from burnproof.plan.calendars import REACH, calendar_of
from burnproof.plan.periods import budget, period
from burnproof.plan.proofs.units import unit_at
from burnproof.plan.proofs.views import held, held_between
from burnproof.units import duration

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model import BudgetStep, Calendar, Slo
    from burnproof.plan.proofs.timeline import Timeline
    from burnproof.plan.proofs.views import Spans, View

_DAY, _HOUR, _GRACE = 86_400, 3600, 300
_LOOK = 1800  # seconds between two looks at what was left
_MARGIN = 0.002  # of the budget


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
    return Account(view, length.ms // 1000, calendar_of(slo), budget(slo))


def balance(account: Account, timeline: Timeline, time: int, side: int = 0) -> Balance | None:
    """Predict what is recorded at a time; None where no events are known of.

    Args:
        account: the budget.
        timeline: what happens.
        time: an evaluation, in seconds.
        side: 0 for ranges that are open on the left, 1 for closed ones.
    """
    spans, seen, whole = _rolling(account, time, side) if account.calendar is None else _unit(account, time)
    bad, total = _amounts(timeline, spans)
    usual = _usual(account, timeline, time, side, total / (seen * whole) if seen else 0.0)
    expected = total + (1 - seen) * whole * usual
    if not expected or (account.calendar is None and not total):
        return None
    return Balance(bad / total if total else 0.0, seen, 1 - bad / float(account.budget) / expected)


def _rolling(account: Account, time: int, side: int) -> tuple[Spans, float, int]:
    step = _HOUR if account.length >= _DAY else _GRACE
    oldest = _oldest(account, time - account.length, step, closed=bool(side))
    seen = min(1.0, (time - oldest + step) / account.length)
    return held(account.view, account.length, time)[side], seen, account.length


def _oldest(account: Account, after: int, step: int, *, closed: bool) -> int:
    """Give the first evaluation after a time that stands at a multiple of a step."""
    apart = lcm(account.view.grid, step) if account.view.grid > _GRACE else step
    return max(0, -(-(after + (0 if closed else 1)) // apart) * apart)


def _unit(account: Account, time: int) -> tuple[Spans, float, int]:
    if account.calendar is None:
        raise ValueError("no calendar")
    unit = unit_at(account.calendar, time)
    reach = duration(REACH[account.calendar.unit]).ms // 1000
    oldest = _oldest(account, time - reach, _HOUR, closed=False)
    whole = unit.end - unit.start
    # What the unit holds is asked for by its own beginning, which no range closes.
    spans = held_between(account.view, max(unit.start, time - reach), time, closed=False)
    return spans, max(0.0, (time - 1 - max(oldest, unit.start)) / whole), whole


def _usual(account: Account, timeline: Timeline, time: int, side: int, mean: float) -> float:
    """Give the events per second that are expected of time not seen."""
    if time < _DAY:
        return max((total for _, total in _rates(account.view, timeline, time)), default=0.0)
    if account.calendar is None:
        return mean
    reach = duration(REACH[account.calendar.unit]).ms // 1000
    closed = held_between(account.view, time - _GRACE - reach, time, closed=bool(side), opened=False)
    seconds = sum(end - start for start, end in closed)
    return _amounts(timeline, closed)[1] / seconds if seconds else mean


def _rates(view: View, timeline: Timeline, time: int) -> list[tuple[float, float]]:
    """List bad and all events per second of the tiles of the last day."""
    ends = range(max(view.base, (time - _DAY) // view.base * view.base + view.base), time + 1, view.base)
    amounts = (timeline.amounts(end - view.base, end) for end in ends)
    return [(bad / view.base, total / view.base) for bad, total in amounts]


def _amounts(timeline: Timeline, spans: Spans) -> tuple[float, float]:
    bad = total = 0.0
    for start, end in spans:
        some, all_of_them = timeline.amounts(start, end)
        bad, total = bad + some, total + all_of_them
    return bad, total


@lru_cache(maxsize=1024)
def step_states(account: Account, step: BudgetStep, timeline: Timeline) -> tuple[bool | None, ...]:
    """Give for each evaluation whether a step's alert fires; None where it is uncertain."""
    runs = [_run(account, step, timeline, side, off) for side in (0, 1) for off in (-_MARGIN, _MARGIN)]
    return tuple(states[0] if len(set(states)) == 1 else None for states in zip(*runs, strict=True))


def _run(account: Account, step: BudgetStep, timeline: Timeline, side: int, off: float) -> list[bool]:
    grid, limit = account.view.grid, float(step.below) + off
    lefts: dict[int, float] = {}
    states = []
    for time in range(0, timeline.end + 1, grid):
        found = balance(account, timeline, time, side)
        if found is None:
            states.append(False)
            continue
        lefts[time] = found.left
        # The lowest of the day is looked up every half an hour.
        marks = range((time - _DAY) // _LOOK * _LOOK + _LOOK, time + 1, _LOOK)
        seen = (mark // grid * grid for mark in marks if mark % grid < _GRACE)
        lowest = min((lefts[mark] for mark in seen if mark in lefts), default=1.0)
        states.append(found.left < limit or (found.left < limit + float(MARGIN) and lowest < limit))
    return states

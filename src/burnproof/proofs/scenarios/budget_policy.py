"""Prove a step of an error-budget policy: silent while less is spent than it allows, then firing.

The story begins with days of usual traffic, after which a mean is known. Then bad events come that spend a little less
of the whole period's budget than the step allows, and then a little more, long before the period is over: what is spent
is spent. When they have left the period, or the calendar's unit ends, the alert resets.
"""

from __future__ import annotations

from decimal import Decimal
from math import ceil, gcd, lcm
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent
from burnproof.model.slo import Count
from burnproof.model.time_zones import zone_of
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import alert_series, at
from burnproof.proofs.calendar_arithmetic import unit_at
from burnproof.proofs.prediction import changes, shape_of
from burnproof.proofs.scenarios.burn_rate import sample_of
from burnproof.proofs.scene import GRIDS, Case, Scene
from burnproof.proofs.spending import account_of, balances, step_states
from burnproof.proofs.timeline import Stretch, Timeline, round_up
from burnproof.proofs.types import ExprCheck
from burnproof.rules.budget_policy import as_tier, budget_alert_name, budget_labels
from burnproof.rules.calendars import calendar_of
from burnproof.rules.periods import period
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import BudgetStep, Slo
    from burnproof.proofs.spending import Account
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_TILE, _HOUR, _DAY = 300, 3600, 86_400
_BAD = Decimal(1)
_DIGITS = Decimal("0.00000001")
_MOST_SLICES = 40
_LEAD = 5 * _DAY  # beside which an hour that is still open matters little


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of each step."""
    slo = case.slo
    for step in slo.budget_policy:
        if isinstance(slo.indicator, Count):
            found = _counted(slo, slo.indicator, step, case.group)
        else:
            found = _spent(slo, case.measure, step, case.group)
        if found is not None:
            yield found


def _step_fires(slo: Slo, step: BudgetStep, seconds: int, groups: tuple[Labels, ...] = ((),)) -> ExprCheck:
    """Assert that a step's alert fires for exactly these groups, with exactly its labels."""
    name, more = budget_alert_name(slo), {"__name__": "ALERTS", "alertstate": "firing"}
    labels = budget_labels(slo, step)
    expected = sorted((format_labels(alert_series(name, slo, labels, group, **more)), "1") for group in groups)
    chosen = f'alertname="{name}",{naming.ID}="{slo.id}",{naming.BUDGET_BELOW}="{percent(step.below)}"'
    return ExprCheck(at(seconds), f'ALERTS{{{chosen},alertstate="firing"}}', tuple(expected))


def _step_silent(slo: Slo, step: BudgetStep, seconds: int) -> ExprCheck:
    """Assert that a step's alert fires for no group."""
    return _step_fires(slo, step, seconds, groups=())


def _spent(slo: Slo, measure: Measure, step: BudgetStep, group: Labels) -> Scene | None:
    """Tell the story of one step of a budget that events or slices spend; None where the unit is too short for it."""
    for grid in _grids(slo):
        shape = shape_of(slo, measure, as_tier(slo, step))
        account = account_of(slo, shape.view(grid, sample_of(shape, grid)))
        story = _spending(account, step, shape.slice)
        if story is None:
            continue
        timeline, states = story
        checks = [
            (_step_fires if state else _step_silent)(slo, step, time, *((((group,)),) if state else ()))
            for time, state in changes(states, grid)
        ]
        if any(states):
            return Scene(_step_title(step), timeline, grid, account.view.sample, tuple(checks), alike=False)
    return None


def _grids(slo: Slo) -> tuple[int, ...]:
    """Give the grids to try, the cheapest first: local midnight must fall on one, a short period needs a fine one."""
    calendar = calendar_of(slo)
    if calendar is not None:
        shift = zone_of(calendar.timezone).shift
        return (gcd(_HOUR, shift),) if shift else (2 * _HOUR, _HOUR)
    return (_HOUR,) if period(slo).ms // 1000 >= 3 * _DAY else (_TILE,)


def _spending(account: Account, step: BudgetStep, slices: int) -> tuple[Timeline, tuple[bool | None, ...]] | None:
    """Let a few usual days pass, then spend: nearly enough, a little more, and nothing until it is forgotten."""
    grid = account.view.grid
    begin, length = 0, account.length
    if account.calendar is not None:
        current = unit_at(account.calendar, 2 * _DAY)
        begin, length = max(0, current.start), current.end - max(current.start, 0)
    # A slice is bad or good as a whole, so nothing changes within one.
    whole = lcm(grid, slices) if slices else grid
    lead = round_up(begin + min(_LEAD, length // 4), whole)
    settle = Stretch(round_up(_HOUR + _TILE, whole))
    amount = (1 - step.below) * account.budget * (account.length if account.calendar is None else _unit_length(account))
    if slices:
        unit = round_up(slices, grid)
        most = int(amount * tolerances.BUDGET_STEP.less / unit)
        timeline = _most_slices(account, step, (Stretch(lead), settle), most, unit)
        for _ in range(_MOST_SLICES):
            timeline = timeline.then(Stretch(unit, _BAD), Stretch(settle.seconds))
            if step_states(account, step, timeline)[-1]:
                break
    else:
        timeline = _two_blocks(account, step, Stretch(lead), settle, amount)
    if account.calendar is not None and timeline.end > begin + length - 2 * grid:
        return None
    over = round_up(begin + length if account.calendar is not None else timeline.end + length, grid)
    timeline = timeline.then(Stretch(max(over - timeline.end, 0) + 2 * grid + round_up(_HOUR, grid)))
    return timeline, step_states(account, step, timeline)


def _most_slices(account: Account, step: BudgetStep, around: tuple[Stretch, Stretch], most: int, unit: int) -> Timeline:
    """Let as many slices be bad as the step still allows: fewer than in theory where an open hour is not seen."""
    lead, settle = around
    for count in range(most, max(0, most - _MOST_SLICES), -1):
        timeline = Timeline((lead, Stretch(count * unit, _BAD), settle))
        if not any(step_states(account, step, timeline)):
            return timeline
    return Timeline((lead, Stretch(most * unit, _BAD), settle))


def _two_blocks(account: Account, step: BudgetStep, lead: Stretch, settle: Stretch, amount: Decimal) -> Timeline:
    """Spend a little less than the step allows, as the rules see it, and then more than it allows by any reading.

    On a coarse grid they see but a part of the open hour, so that a young period looks quieter than it was, and its
    budget smaller. What is spent is a straight line in the share of bad events.
    """
    first = _block(tolerances.BUDGET_STEP.less * amount, account.view.grid)
    spent = max((1 - one.left for one in balances(account, Timeline((lead, first, settle))) if one), default=0.0)
    if spent > 0:
        share = first.share * (1 - step.below) * tolerances.BUDGET_STEP.less / Decimal(spent)
        first = Stretch(first.seconds, min(share, first.share).quantize(_DIGITS))
    second = _block(tolerances.BUDGET_STEP.more * amount - first.share * first.seconds, account.view.grid)
    return Timeline((lead, first, settle, second, settle))


def _unit_length(account: Account) -> int:
    if account.calendar is None:
        raise ValueError("no calendar")
    unit = unit_at(account.calendar, 2 * _DAY)
    return unit.end - unit.start


def _block(amount: Decimal, grid: int) -> Stretch:
    """Spread an amount of wholly bad seconds over whole steps."""
    seconds = max(1, ceil(amount / grid)) * grid
    return Stretch(seconds, (amount / seconds).quantize(_DIGITS))


def _counted(slo: Slo, indicator: Count, step: BudgetStep, group: Labels) -> Scene | None:
    """Count up to what leaves just enough, then one more; None where extrapolation would blur a single event."""
    spent = (1 - step.below) * indicator.limit
    needed = int(spent) + 1 if step.below else int(spent.to_integral_value())
    window = indicator.per.ms // 1000
    grid = max((choice for choice in GRIDS if choice * 12 <= window), default=GRIDS[0])
    sample = min(60, grid)
    if needed * sample >= 0.4 * 4 * grid:
        return None
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, counted=Decimal(needed - 1))))
    quiet = story.end
    story = story.then(Stretch(2 * grid, counted=Decimal(1)))
    checks = (_step_silent(slo, step, quiet), _step_fires(slo, step, story.end, (group,)))
    return Scene(_step_title(step), story, grid, sample, checks, alike=False)


def _step_title(step: BudgetStep) -> str:
    """Name the proof of a step."""
    return f"budget: silent above {percent(step.below)}, fires below"

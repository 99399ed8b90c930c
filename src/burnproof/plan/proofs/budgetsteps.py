"""The proof of an error-budget policy's step: it waits for its period, fires once so much is spent, and resets.

The story is about a period long. A first bad block, early in it, spends a little less than the step allows, which
on the few hours seen by then looks like far more: only the wait for the period keeps the alert silent. Once the
period is covered, the same block is judged rightly, and is not enough. A second block is; and when the first has
left the window, the alert resets.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.decimals import percent
from burnproof.plan.budgetalerts import as_tier, budget_alert_name, budget_labels
from burnproof.plan.proofs.checks import alert_series, at
from burnproof.plan.proofs.standing import Scene
from burnproof.plan.proofs.tiers import GRIDS, blocks, grid_of, sample_of, settled, shape_of, unit_of
from burnproof.plan.proofs.timeline import Stretch, Timeline, round_up
from burnproof.plan.types import ExprCheck
from burnproof.promql.labels import format_labels

if TYPE_CHECKING:
    from burnproof.model import BudgetStep, Count, Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.types import Labels

_HOUR = 3600
_SAMPLE = 300  # an hourly rate needs no more


def step_fires(slo: Slo, step: BudgetStep, seconds: int, groups: tuple[Labels, ...] = ((),)) -> ExprCheck:
    """Assert that a step's alert fires for exactly these groups, with exactly its labels."""
    name, more = budget_alert_name(slo), {"__name__": "ALERTS", "alertstate": "firing"}
    labels = budget_labels(slo, step)
    expected = sorted((format_labels(alert_series(name, slo, labels, group, **more)), "1") for group in groups)
    chosen = f'alertname="{name}",{naming.ID}="{slo.id}",{naming.BUDGET_BELOW}="{percent(step.below)}"'
    return ExprCheck(at(seconds), f'ALERTS{{{chosen},alertstate="firing"}}', tuple(expected))


def step_silent(slo: Slo, step: BudgetStep, seconds: int) -> ExprCheck:
    """Assert that a step's alert fires for no group."""
    return step_fires(slo, step, seconds, groups=())


def step_scene(slo: Slo, measure: Measure, step: BudgetStep, group: Labels) -> Scene:
    """Tell the story of one step of a budget that events or slices spend."""
    shape = shape_of(slo, measure, as_tier(slo, step))
    whole_hours = shape.hours or shape.slice >= _HOUR
    grid = _HOUR if whole_hours else grid_of(shape)
    unit = max(unit_of(shape, grid), _HOUR if whole_hours else 0)
    covered = round_up(shape.long + _HOUR, unit)
    first, second = blocks(shape, grid, short_too=False)
    apart = Stretch(grid if shape.hours and not shape.slice else 0)
    # The first block must still be in the window when the second has done its work.
    start = round_up(covered - shape.long + apart.seconds + second.seconds + 4 * max(grid, unit, _HOUR), unit)
    early = Timeline((Stretch(start), apart, first))
    # As late as the few hours seen still look bad: a wait for anything shorter would have ended long before.
    seen = max(settled(shape, grid, early.end), shape.long * 8 // 10 // unit * unit)
    waited = Timeline((*early.stretches, Stretch(max(0, covered - early.end))))
    spent = waited.then(apart, second)
    known = settled(shape, grid, spent.end)
    checks = [step_silent(slo, step, covered), step_fires(slo, step, known, (group,))]
    if waited.mean(seen - shape.long, seen) > float(shape.threshold) * 1.1 and seen < shape.long:
        checks.append(step_silent(slo, step, seen))
    over = round_up(early.end + shape.long, unit) + 2 * max(grid, unit)
    healed = spent.then(Stretch(over + grid - spent.end))
    if over > known and healed.mean(over - shape.long, over) < float(shape.threshold) * 0.95:
        checks.append(step_silent(slo, step, over))
    else:
        healed = spent.then(Stretch(known + grid - spent.end))
    sample = _SAMPLE if shape.hours and not shape.slice else sample_of(shape, grid)
    return Scene(step_title(step), healed, grid, sample, tuple(checks), alike=False)


def count_scene(slo: Slo, indicator: Count, step: BudgetStep, group: Labels) -> Scene | None:
    """Count up to what leaves just enough, then one more; None where extrapolation would blur a single event."""
    spent = (1 - step.below) * indicator.limit
    needed = int(spent) + 1 if step.below else int(spent.to_integral_value())
    window = indicator.per.ms // 1000
    grid = max((choice for choice in GRIDS if choice * 12 <= window), default=GRIDS[0])
    sample = min(60, grid)
    if needed * sample >= 0.4 * 4 * grid:
        return None
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, share=Decimal(needed - 1))))
    quiet = story.end
    story = story.then(Stretch(2 * grid, share=Decimal(1)))
    checks = (step_silent(slo, step, quiet), step_fires(slo, step, story.end, (group,)))
    return Scene(step_title(step), story, grid, sample, checks, alike=False)


def step_title(step: BudgetStep) -> str:
    """Name the proof of a step."""
    return f"budget: silent above {percent(step.below)}, fires below"

"""The proofs of a calendar period: the budget is that of the unit, and begins anew at local midnight."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, gcd
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.plan.calendars import tile
from burnproof.plan.periods import budget, period_ratio
from burnproof.plan.proofs.budgetsteps import step_fires, step_silent, step_title
from burnproof.plan.proofs.checks import at, is_near
from burnproof.plan.proofs.standing import Scene, slice_seconds
from burnproof.plan.proofs.timeline import Stretch, Timeline
from burnproof.plan.proofs.units import seen, tiles, unit_at
from burnproof.plan.rules import identity_labels, sorted_labels
from burnproof.plan.types import ExprCheck
from burnproof.promql.labels import format_labels
from burnproof.spec.zones import zone_of

if TYPE_CHECKING:
    from burnproof.model import BudgetStep, Calendar, Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.proofs.units import Unit
    from burnproof.plan.types import Labels

_HOUR, _DAY = 3600, 86_400
# Some hundred evaluations are enough; a unit counts the hours at which rules ran, and the prediction does too.
_GRIDS = {"week": 2 * _HOUR, "month": 6 * _HOUR, "quarter": 12 * _HOUR}
_FINE = 2 * _HOUR
_SAMPLE = 300


def begins_anew(slo: Slo, calendar: Calendar, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """What was bad counts until local midnight ends the unit, and no longer."""
    grid = _grid(calendar, measure, _GRIDS[calendar.unit])
    slices = measure.pair is not None and measure.pair.slices
    usual = Decimal(0) if slices else (budget(slo) / 4).quantize(Decimal("0.000001"))
    ends = unit_at(calendar, 2 * _DAY).end
    before = ends // grid * grid
    after, later = before + grid, before + 12 * grid
    bad = Stretch(4 * grid, share=Decimal(1 if slices else "0.5"))
    story = Timeline((Stretch(4 * grid), bad, Stretch(later - 8 * grid, share=usual)))
    checks = [check for time in (before, after) for check in _clock_checks(slo, calendar, time)]
    for time in (before, after, later):
        found = seen(slo, measure, story, grid, time)
        if found is None:
            continue
        for group in groups:
            burn = found.ratio / float(budget(slo))
            left = found.left(slo)
            checks += [
                is_near(slo, period_ratio(slo), found.ratio, time, group),
                is_near(slo, naming.PERIOD_BURN_RATE, burn, time, group),
                is_near(slo, naming.PERIOD_SEEN, found.share, time, group),
                is_near(slo, naming.BUDGET_REMAINING, left, time, group, scale=1 - left),
            ]
    title = f"a {calendar.unit} begins anew at midnight in {calendar.timezone}"
    return Scene(title, story, grid, _sample(slo), tuple(checks))


def _clock_checks(slo: Slo, calendar: Calendar, time: int) -> list[ExprCheck]:
    """Check the clock to the second."""
    unit = unit_at(calendar, time)
    values = (
        (naming.PERIOD_CLOCK, time - 1 + unit.begin - unit.start),
        (naming.PERIOD_BEGIN, unit.begin),
        (naming.PERIOD_START, unit.start),
        (naming.PERIOD_LENGTH, unit.end - unit.start),
    )
    identity = identity_labels(slo)
    return [
        ExprCheck(
            at(time),
            naming.selector(metric, slo.id),
            ((format_labels(sorted_labels((("__name__", metric), *identity))), str(value)),),
        )
        for metric, value in values
    ]


@dataclass(frozen=True, slots=True)
class _Stage:
    """A unit to spend the budget in, and the summed hours of it that a grid lets rules see."""

    unit: Unit
    grid: int
    ends: tuple[int, ...]
    apart: int  # seconds between two of them


def step_scene(slo: Slo, calendar: Calendar, measure: Measure, step: BudgetStep, group: Labels) -> Scene | None:
    """Spend a little less of the unit's budget than a step allows, then a little more; midnight gives it back.

    None where the unit has not as many hours as it takes, or slices too long to come close.
    """
    pair = measure.pair
    if pair is None:
        return None
    target = (1 - step.below) * budget(slo)
    for stage in _stages(slo, calendar, measure):
        length = stage.unit.end - stage.unit.start
        allowed = target * length / (tile(pair).ms // 1000)
        below, above = _blocks(allowed, slices=pair.slices)
        if below[0] + above[0] + 4 <= len(stage.ends):
            return _spending(slo, step, group, stage, below, above)
    return None


def _spending(
    slo: Slo, step: BudgetStep, group: Labels, stage: _Stage, below: tuple[int, Decimal], above: tuple[int, Decimal]
) -> Scene:
    """Tell the story: healthy, nearly enough, healthy, more than enough, the end of the unit."""
    lead = Stretch(stage.ends[0])
    first, second = (Stretch(count * stage.apart, share=share) for count, share in (below, above))
    quiet = Timeline((lead, first, Stretch(stage.apart)))
    spent = quiet.then(second, Stretch(stage.apart))
    last = stage.unit.end // stage.grid * stage.grid
    story = spent.then(Stretch(last + 2 * stage.grid - spent.end))
    checks = (
        step_silent(slo, step, quiet.end),
        step_fires(slo, step, spent.end, (group,)),
        step_fires(slo, step, last, (group,)),
        step_silent(slo, step, last + stage.grid),
    )
    return Scene(step_title(step), story, stage.grid, _sample(slo), checks, alike=False)


def _stages(slo: Slo, calendar: Calendar, measure: Measure) -> list[_Stage]:
    """Give units and grids to try, the cheapest first."""
    first = unit_at(calendar, 2 * _DAY)
    choices = ((first, _GRIDS[calendar.unit]), (first, _FINE), (unit_at(calendar, first.end + _DAY), _FINE))
    made = []
    for unit, wanted in choices:
        grid = _grid(calendar, measure, wanted)
        ends = tuple(tiles(slo, measure, grid, max(0, unit.start), unit.end - 1))
        if len(ends) > 1:
            made.append(_Stage(unit, grid, ends, ends[1] - ends[0]))
    return made


def _blocks(allowed: Decimal, *, slices: bool) -> tuple[tuple[int, Decimal], tuple[int, Decimal]]:
    """Give two blocks as (hours, share of bad): the first stays below what is allowed, both together exceed it."""
    if slices:
        below = floor(allowed * Decimal("0.98"))
        return (below, Decimal(1)), (ceil(allowed * Decimal("1.02")) - below, Decimal(1))
    first, second = allowed * Decimal("0.9"), allowed * Decimal("0.2")
    return _block(first), _block(second)


def _block(amount: Decimal) -> tuple[int, Decimal]:
    hours = max(1, ceil(amount))
    return hours, (amount / hours).quantize(Decimal("0.000001"))


def _grid(calendar: Calendar, measure: Measure, wanted: int) -> int:
    """Choose how often the story is evaluated, so that each evaluation ends a local hour (or a slice), or some do."""
    step = tile(measure.pair).ms // 1000 if measure.pair is not None else _HOUR
    shift = zone_of(calendar.timezone).shift
    if not shift:
        return step if step > wanted else wanted // step * step if wanted % step else wanted
    if step > _HOUR:
        return gcd(step, shift)
    # Every second, or every fourth, of these multiples ends a local hour.
    return _HOUR - shift + _HOUR * (3 if shift * 2 == _HOUR else 1)


def _sample(slo: Slo) -> int:
    """Choose the seconds between samples: a slice holds four or more, and an hourly rate needs no more than twelve."""
    length = slice_seconds(slo)
    return max((step for step in (1, 5, 10, 15, 30, 60, 100, 150) if 4 * step <= length), default=_SAMPLE)

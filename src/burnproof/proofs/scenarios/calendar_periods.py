"""Prove a calendar period: the budget is that of the unit, and begins anew at local midnight."""

from __future__ import annotations

from decimal import Decimal
from math import gcd
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.time_zones import zone_of
from burnproof.proofs.assertions import at, is_between, is_near
from burnproof.proofs.calendar_arithmetic import unit_at
from burnproof.proofs.prediction import shape_of
from burnproof.proofs.scene import Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.spending import account_of, balance
from burnproof.proofs.timeline import Stretch, Timeline, countable
from burnproof.proofs.types import ExprCheck
from burnproof.rules.calendars import calendar_of
from burnproof.rules.periods import period_ratio
from burnproof.rules.recording import identity_labels, sorted_labels
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Calendar, Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_HOUR, _DAY = 3600, 86_400
# Some hundred evaluations are enough; a unit counts the hours at which rules ran, and the prediction does too.
_GRIDS = {"week": 2 * _HOUR, "month": 6 * _HOUR, "quarter": 12 * _HOUR}


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a calendar period."""
    calendar = calendar_of(case.slo)
    if case.measure.pair is not None and calendar is not None:
        yield _begins_anew(case.slo, calendar, case.measure, case.groups)


def _begins_anew(slo: Slo, calendar: Calendar, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """What was bad counts until local midnight ends the unit, and no longer."""
    shape = shape_of(slo, measure)
    shift = zone_of(calendar.timezone).shift
    grid = gcd(_HOUR, shift) if shift else max(_GRIDS[calendar.unit], slice_seconds(slo))
    account = account_of(slo, shape.view(grid, sample_seconds(slo, grid)))
    slices = shape.slice > 0
    usual = Decimal(0) if slices else countable(slo.budget / 4, account.view.sample)
    ends = unit_at(calendar, 2 * _DAY).end
    before = ends // grid * grid
    after, later = before + grid, before + 12 * grid
    bad = Stretch(4 * grid, share=Decimal(1 if slices else "0.5"))
    story = Timeline((Stretch(4 * grid), bad, Stretch(later - 8 * grid, share=usual)))
    checks = [check for time in (before, after) for check in _clock_checks(slo, calendar, time)]
    for time in (before, after, later):
        sides = [found for closed in (False, True) if (found := balance(account, story, time, closed=closed))]
        if not sides:
            continue
        ratios, lefts = ([getattr(found, what) for found in sides] for what in ("ratio", "left"))
        burns = [ratio / float(slo.budget) for ratio in ratios]
        for group in groups:
            checks += [
                is_between(slo, period_ratio(slo), min(ratios), max(ratios), time, group),
                is_between(slo, naming.PERIOD_BURN_RATE, min(burns), max(burns), time, group),
                is_between(slo, naming.BUDGET_REMAINING, min(lefts), max(lefts), time, group, scale=1 - min(lefts)),
            ]
        checks.append(is_near(slo, naming.PERIOD_SEEN, sides[0].seen, time))
    title = f"a {calendar.unit} begins anew at midnight in {calendar.timezone}"
    return Scene(title, story, grid, account.view.sample, tuple(checks))


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

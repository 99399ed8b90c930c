"""A period of days: what was bad counts for as long as it lasts, and no longer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs.assertions import (
    is_between,
    is_near,
)
from burnproof.proofs.prediction import shape_of
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.spending import account_of, balance
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    countable,
    round_up,
)
from burnproof.proofs.views import ratios
from burnproof.rules.calendars import calendar_of
from burnproof.rules.measure import BASE, DAY, HOUR, Measure
from burnproof.rules.periods import period, period_ratio
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.types import Labels

_SIDES: Final = 2  # ranges may be open on the left, or closed


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a rolling period."""
    if case.measure.pair is not None and calendar_of(case.slo) is None and period(case.slo) >= DAY:
        yield _forgets(case.slo, case.measure, case.groups)


def _forgets(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """What was bad counts for as long as the period, and no longer."""
    whole = period(slo).ms // 1000
    # Some hundred evaluations are enough: a quotient of sums does not depend on how many samples there are.
    # On a grid of an hour, hourly sums of shorter slices see each verdict for some minutes of the next hour, too.
    length, hour = slice_seconds(slo), HOUR.ms // 1000
    step = 2 * hour if 0 < length < hour else max(hour, length)
    # A mean is expected of what is to come where rules ran a day ago, so each day must have an evaluation.
    grid = min(round_up(whole / 120, step), max(step, DAY.ms // 1000 // step * step))
    slices = measure.pair is not None and measure.pair.slices
    sample = min(2 * MINUTE, sample_seconds(slo, 5 * MINUTE))
    if sample == MINUTE and whole > 90 * DAY.ms // 1000 and windows(slo, measure)[0] >= BASE:
        sample = BASE.ms // 2000  # two in the shortest window: a year of minutes is more than a test should take
    usual = Decimal(0) if slices else countable(slo.budget / 4, sample)
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, share=Decimal(1 if slices else "0.5"))))
    late, after = whole * 3 // 4 // grid * grid, whole // grid * grid + 6 * grid
    story = story.then(Stretch(late + 2 * grid - story.end, share=usual))
    # Slices are bad as a whole, so what stays in the period is one stretch of them.
    story = story.then(Stretch(grid, share=Decimal(1) if slices else usual))
    story = story.then(Stretch(after - story.end, share=usual))
    shape = shape_of(slo, measure)
    account = account_of(slo, shape.view(grid, sample))
    checks = []
    for group in groups:
        for time in (late, after):
            sides = [found for found in (balance(account, story, time, closed=side) for side in (False, True)) if found]
            if not sides:
                continue
            shares = [found.ratio for found in sides]
            lefts = [found.left for found in sides]
            checks.append(is_between(slo, period_ratio(slo), min(shares), max(shares), time, group))
            spent = 1 - min(lefts)
            checks.append(is_between(slo, naming.BUDGET_REMAINING, min(lefts), max(lefts), time, group, scale=spent))
        shortest = windows(slo, measure)[0].ms // 1000
        if len(ratios(account.view, story, shortest, late)) == _SIDES:
            checks.append(is_near(slo, naming.CURRENT_BURN_RATE, float(usual / slo.budget), late, group))
        for window in windows(slo, measure):
            length = window.ms // 1000
            forgotten = round_up(4 * grid + length, grid) + grid
            # So few evaluations judge too few slices for most windows.
            if grid < length <= late - 5 * grid and len(ratios(account.view, story, length, forgotten)) == _SIDES:
                checks.append(is_near(slo, naming.error_ratio(window), float(usual), forgotten, group))
    return Scene("a period remembers for as long as it lasts", story, grid, sample, tuple(checks))

"""Proofs of the tiles themselves: what the last hour of the clock had, and the one before, while traffic changes.

Traffic differs from hour to hour and at the beginning of one, so that a range that is a scrape too long or too short
reads another rate. Then the data vanish: a tile ends with the hour after them, and is not what the hour before had.
Where the series of good or bad events never existed, tiles and windows are all bad, or all good.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import Compare, Quantile
from burnproof.proofs.assertions import is_absent, is_between, is_near
from burnproof.proofs.prediction import counts_per_second, shape_of
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline
from burnproof.proofs.views import reach
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import BASE, HOUR, RAW, least_slices
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.naming import Side
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.proofs.prediction import Shape
    from burnproof.proofs.types import ExprCheck
    from burnproof.rules.measure import Measure, Pair
    from burnproof.rules.types import Labels

_HOUR, _BASE = HOUR.ms // 1000, BASE.ms // 1000
_GRID = 4 * MINUTE  # some evaluations are at the end of a tile of five minutes, others long after it
_SIDES: Final[tuple[Side, Side]] = ("errors", "total")
_LATER, _AFTER = 36 * MINUTE, 45 * MINUTE  # after an hour, more than half of it; multiples of the grids
_NEVER: Final = {LeftOut.BAD: Decimal(0), LeftOut.GOOD: Decimal(1)}


def scenes(case: Case) -> Iterator[Scene]:
    """Yield the scenes of tiles, where there are hours of them."""
    slo, measure, group = case.slo, case.measure, case.group
    pair = measure.pair
    if pair is None or pair.long != HOUR or slo.query_offset is not None or isinstance(slo.indicator, Compare):
        return
    if pair.slices:
        if _BASE % (pair.base.ms // 1000) == 0:
            yield _slices_scene(slo, pair, group)
        first = windows(slo, measure)[0]
        if isinstance(slo.indicator, Quantile) and first <= HOUR and least_slices(pair, first) >= 3:
            yield _first_scene(slo, pair, first, group)
        return
    if not counts_per_second(slo):
        return
    shape = shape_of(slo, measure)
    yield _events_scene(slo, shape, group)
    for without, share in _NEVER.items():
        yield _never_scene(slo, measure, without, share, group)


def _events_scene(slo: Slo, shape: Shape, group: Labels) -> Scene:
    """Each hour has its own traffic, and its first minutes more of it; then there are no data."""
    rate = EVENTS_PER_SECOND
    eighth = Decimal("0.125")
    first, rest = 2 * MINUTE, _HOUR - 2 * MINUTE
    story = Timeline(
        (
            Stretch(first, eighth, 4 * rate),
            Stretch(rest, 2 * eighth, rate),
            Stretch(first, 6 * eighth, 8 * rate),
            Stretch(rest, eighth, 3 * rate),
            Stretch(first, 5 * eighth, 6 * rate),
            Stretch(rest, 3 * eighth, 2 * rate),
            Stretch(first, eighth, rate),
            Stretch(3 * _HOUR + _LATER + _GRID - first, rate=None),
        )
    )
    sample = sample_seconds(slo, _GRID)
    checks: list[ExprCheck] = []
    for hour in (2, 3):
        time = hour * _HOUR + _LATER
        for again in (False, True):
            checks += _tile(slo, shape, story, sample, _HOUR, time, (hour - again) * _HOUR, group, again=again)
    # The last evaluation before a five minutes' end, and one in the middle of them.
    for time in (2 * _HOUR + 8 * MINUTE, 2 * _HOUR + 24 * MINUTE):
        checks += _tile(slo, shape, story, sample, _BASE, time, time // _BASE * _BASE, group)
    gone = 3 * _HOUR + first
    for side in _SIDES:
        checks.append(is_absent(slo, naming.tile(side, BASE), gone // _BASE * _BASE + 2 * _BASE + 2 * MINUTE))
        checks.append(is_absent(slo, naming.tile(side, HOUR), 5 * _HOUR + _LATER))
        checks.append(is_absent(slo, naming.tile(side, HOUR, again=True), 6 * _HOUR + _LATER))
    title = "tiles hold what their hour had, and end with the data"
    return Scene(title, story, _GRID, sample, tuple(checks), alike=True)


def _tile(
    slo: Slo,
    shape: Shape,
    story: Timeline,
    sample: int,
    length: int,
    time: int,
    end: int,
    group: Labels,
    *,
    again: bool = False,
) -> Iterator[ExprCheck]:
    """Look at both sides of a tile that ended at a time, open and closed on the left."""
    view, weight = shape.view(_GRID, sample), float(weight_of(slo))
    span = HOUR if length == _HOUR else BASE
    for number, side in enumerate(_SIDES):
        means = [story.amounts(end - back, end)[number] * weight / back for back in reach(view, length)]
        yield is_between(slo, naming.tile(side, span, again=again), min(means), max(means), time, group)


def _never_scene(slo: Slo, measure: Measure, without: LeftOut, share: Decimal, group: Labels) -> Scene:
    """Good events have no series any more, or bad ones never had: hours and windows are all bad, or all good."""
    well = 92 * MINUTE if without is LeftOut.GOOD else 0
    lasts = 3 * _HOUR + _LATER + _GRID
    story = Timeline((Stretch(well), Stretch(lasts - well, share), Stretch(5 * _HOUR, rate=None)))
    rate = float(EVENTS_PER_SECOND * weight_of(slo))
    bad = rate * float(share)
    first, again = naming.tile("errors", HOUR), naming.tile("errors", HOUR, again=True)
    checks = [
        is_near(slo, first, bad, 3 * _HOUR + _LATER, group, scale=rate),
        is_near(slo, naming.tile("errors", BASE), bad, 100 * MINUTE, group, scale=rate),
    ]
    late = 4 * _HOUR + _LATER
    checks.append(is_near(slo, again, bad, late, group, scale=rate))
    for window in windows(slo, measure):
        seconds = window.ms // 1000
        if measure.ratio(window) is not None and HOUR.ms < window.ms <= RAW.ms:
            after = lasts + seconds * 3 // 4 // _GRID * _GRID
            checks.append(is_near(slo, naming.error_ratio(window), float(share), after, group))
    title = "hours without bad events of their own are all good"
    if without is LeftOut.GOOD:
        title = "hours whose good events are gone are all bad"
    sample = sample_seconds(slo, _GRID)
    return Scene(title, story, _GRID, sample, tuple(checks), without=without, alike=True)


def _slices_scene(slo: Slo, pair: Pair, group: Labels) -> Scene:
    """The second hour begins and ends with bad slices; in the middle of a bad one of the third, the data vanish.

    Rules run once in one and a half slices: most verdicts are recorded in the middle of the next slice, some never.
    """
    base = pair.base.ms // 1000
    grid = base * 3 // 2
    sample = sample_seconds(slo, base // 2)
    half = round(base / 2 / sample) * sample
    first, last, final = _HOUR + 10 * MINUTE, 2 * _HOUR, 2 * _HOUR + 20 * MINUTE
    story = Timeline(
        (
            Stretch(_HOUR),
            Stretch(first - _HOUR, Decimal(1)),
            Stretch(last - base - first),
            Stretch(base, Decimal(1)),
            Stretch(final - last),
            Stretch(half, Decimal(1)),
            Stretch(3 * _HOUR + _AFTER + base - final - half, rate=None),
        )
    )
    marks = [mark for mark in range(base, final + base + 1, base) if -(-mark // grid) * grid < mark + base]
    bad = {*range(_HOUR + base, first + 1, base), last, final + base}
    checks = []
    # Values that are no quantiles may be of more than a slice, and there for longer than that.
    for hour in (2, 3) if isinstance(slo.indicator, Quantile) else (2,):
        held = [mark for mark in marks if (hour - 1) * _HOUR < mark <= hour * _HOUR]
        for again in (False, True):
            time = (hour + again) * _HOUR + _AFTER
            total, errors = naming.tile("total", HOUR, again=again), naming.tile("errors", HOUR, again=again)
            checks.append(is_near(slo, total, len(held), time, group))
            checks.append(is_near(slo, errors, len(bad.intersection(held)), time, group))
    for side in _SIDES:
        checks.append(is_absent(slo, naming.tile(side, HOUR), 4 * _HOUR + _AFTER))
        checks.append(is_absent(slo, naming.tile(side, HOUR, again=True), 5 * _HOUR + _AFTER))
    title = "hours count their slices, and end with the data"
    return Scene(title, story, grid, sample, tuple(checks), alike=True)


def _first_scene(slo: Slo, pair: Pair, window: Duration, group: Labels) -> Scene:
    """Of the first slices one is bad; with the least number of them there is a ratio. Then there are no data."""
    base, least = pair.base.ms // 1000, least_slices(pair, window)
    grid = min(base, MINUTE)
    sample = sample_seconds(slo, grid)
    half = round(base / 2 / sample) * sample
    story = Timeline(
        (
            Stretch(base, Decimal(1)),
            Stretch((least - 1) * base),
            Stretch(half, Decimal(1)),
            Stretch(3 * base, rate=None),
        )
    )
    metric = naming.error_ratio(window)
    checks = [is_absent(slo, metric, (least - 1) * base), is_near(slo, metric, 1 / least, least * base, group)]
    if window.ms // 1000 >= (least + 2) * base:
        checks.append(is_near(slo, metric, 2 / (least + 1), (least + 2) * base, group))
    return Scene(f"{window}: {least} slices are a ratio", story, grid, sample, tuple(checks), alike=True)

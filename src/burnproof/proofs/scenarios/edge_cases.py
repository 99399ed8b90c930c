"""The proofs at the edges: no traffic ever, a trickle of it, no success ever, and a period that forgets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Compare
from burnproof.proofs.assertions import (
    alert_series,
    all_silent,
    at,
    is_absent,
    is_between,
    is_near,
    tier_fires,
    tier_silent,
)
from burnproof.proofs.prediction import changes, counts_counters, predict, shape_of
from burnproof.proofs.scenarios.calendar_periods import begins_anew
from burnproof.proofs.scenarios.outage import (
    MINUTE,
    Scene,
    counts_per_second,
    sample_seconds,
    slice_seconds,
)
from burnproof.proofs.series.decoys import excess_decoy
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.series.queries import has_gauge
from burnproof.proofs.spending import account_of, balance
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline, countable, round_up
from burnproof.proofs.types import ExprCheck
from burnproof.proofs.views import ratios
from burnproof.rules.calendars import calendar_of
from burnproof.rules.coverage import needs_coverage
from burnproof.rules.data_quality import bad_data_labels, bad_data_name, can_exceed
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import BASE, DAY, HOUR
from burnproof.rules.periods import budget, period, period_ratio
from burnproof.rules.recording import windows
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_GRID = 5 * MINUTE
_SLOW = Decimal("0.25")  # events per second
_SIDES = 2  # ranges may be open on the left, or closed
_TRICKLE = Decimal(8) / 1024  # events per sample, of which half are bad


def edge_scenes(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    """Yield the edge cases that the SLO's kind has."""
    if measure.pair is None:
        return
    if not has_gauge(slo):
        yield never_used(slo, measure, groups)
    if can_exceed(slo):
        yield excess(slo, groups)
    if not measure.pair.slices:
        yield never_good(slo, measure, groups)
        if counts_counters(slo):
            yield trickle(slo, measure, groups)
            yield swings(slo, measure, groups)
    if isinstance(slo.indicator, Compare):
        yield drained(slo, groups)
        yield neglected(slo, groups)
    yield from cold_starts(slo, measure, groups)
    calendar = calendar_of(slo)
    if calendar is not None:
        yield begins_anew(slo, calendar, measure, groups)
    elif period(slo) >= DAY:
        yield forgets(slo, measure, groups)


def excess(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """After an hour in which all was well, more is counted than there is: an alert says so."""
    # Of the total; what is tolerated is between the two, and the hour has half of each after half an hour.
    tolerated, wrong = Decimal("0.045"), Decimal("0.055")
    well = Timeline((Stretch(70 * MINUTE), Stretch(65 * MINUTE, share=tolerated)))
    story = well.then(Stretch(60 * MINUTE, share=wrong))
    name, labels = bad_data_name(slo), bad_data_labels(slo)
    firing = {"__name__": "ALERTS", "alertstate": "firing"}
    fired = sorted((format_labels(alert_series(name, slo, labels, group, **firing)), "1") for group in groups)
    selected = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    checks = [all_silent(slo, time, name) for time in (70 * MINUTE, well.end, well.end + 40 * MINUTE)]
    checks.append(ExprCheck(at(well.end + 55 * MINUTE), selected, tuple(fired)))
    title = "more counted than there is raises an alert of its own"
    sample = sample_seconds(slo)
    return Scene(
        title, story, _GRID, sample, tuple(checks), without=LeftOut.TOTAL, others=excess_decoy(slo, story, sample)
    )


def never_used(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Counters that never move: over no window is there a ratio of nothing, and no window is poisoned by 0/0."""
    end = round_up(max(65 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    checks = [all_silent(slo, end)]
    for window in windows(slo, measure):
        metric = naming.error_ratio(window)
        if slo.no_traffic == "ignore":
            checks.append(is_absent(slo, metric, end))
        elif measure.pair is not None and (measure.pair.slices or measure.ratio(window) is not None):
            checks += [is_near(slo, metric, 0, end, group) for group in groups]
    story = Timeline((Stretch(end, rate=Decimal(0)),))
    return Scene("no traffic at all is no ratio", story, _GRID, sample_seconds(slo, _GRID), tuple(checks))


def never_good(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Nothing ever succeeded, so no series of good events exists: that reads as all bad, in every window."""
    end = 65 * MINUTE
    story = Timeline((Stretch(end, share=Decimal(1)),))
    checks = _ratios(slo, measure, groups, 1.0, end)
    return Scene(
        "no good series reads as all bad", story, _GRID, sample_seconds(slo), checks, without=LeftOut.GOOD, decoys=True
    )


def trickle(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Less than an event a minute, half of them bad, still has a ratio of one half."""
    end = 65 * MINUTE
    sample = sample_seconds(slo)
    story = Timeline((Stretch(end, share=Decimal("0.5"), rate=_TRICKLE / sample),))
    return Scene("a trickle of traffic has its ratio", story, _GRID, sample, _ratios(slo, measure, groups, 0.5, end))


def drained(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """The right side rests while the left one moves, as when a backlog is worked off: a slice like any other."""
    end = round_up(max(15 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, rate=_SLOW),))
    checks = tuple(is_near(slo, naming.SLICE_TOTAL, 1, end, group) for group in groups)
    return Scene(
        "a left side that moves alone is judged", story, _GRID, sample_seconds(slo), checks, without=LeftOut.RIGHT
    )


def neglected(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """The right side moves a little and the left one never: the slice is bad."""
    end = round_up(max(15 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, share=Decimal(1), rate=_SLOW),))
    checks = tuple(is_near(slo, naming.SLICE_ERRORS, 1, end, group) for group in groups)
    title = "a right side that moves alone is bad"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=LeftOut.GOOD, decoys=True)


def cold_starts(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Iterator[Scene]:
    """Everything is bad from the first evaluation on: a tier of an hour or less waits for its window, too."""
    for tier in slo.policy.tiers:
        window = tier.long.ms // 1000
        length = slice_seconds(slo)
        if not needs_coverage(measure, tier.long) or window > HOUR.ms // 1000 or window <= 2 * length:
            continue
        shape = shape_of(slo, measure, tier)
        view = shape.view(MINUTE, sample_seconds(slo))
        hold = 0 if tier.hold is None else tier.hold.ms // 1000
        story = Timeline((Stretch(round_up(window + hold + max(MINUTE, length), MINUTE) + MINUTE, share=Decimal(1)),))
        checks = tuple(
            tier_fires(slo, tier, time, groups) if fires else tier_silent(slo, tier, time)
            for time, fires in changes(predict(shape, view, story), MINUTE)
        )
        yield Scene(f"{tier.long}: waits until its window is covered", story, MINUTE, view.sample, checks)


def swings(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Traffic triples while the share of bad events stays: no ratio moves, for errors and total see the same window."""
    share, sample = Decimal("0.125"), sample_seconds(slo)
    calm = Timeline((Stretch(63 * MINUTE, share=share),))
    story = calm.then(Stretch(22 * MINUTE, share=share, rate=EVENTS_PER_SECOND * 3))
    checks = [
        check
        for time in (calm.end + 2 * MINUTE, story.end)
        for check in _ratios(slo, measure, groups, float(share), time)
    ]
    if counts_per_second(slo):
        checks += _swung(slo, story, sample, groups[0])
    return Scene("a ratio does not move with traffic", story, _GRID, sample, tuple(checks))


def _swung(slo: Slo, story: Timeline, sample: int, group: Labels) -> Iterator[ExprCheck]:
    """Check the rates while their window holds both traffics, which a closed range sees a sample more of."""
    calm, busy = story.stretches
    window, after = BASE.ms // 1000, 2 * MINUTE
    whole = float(EVENTS_PER_SECOND * weight_of(slo))
    means = [(left + 2 * after) / left for left in (window, window + sample)]
    for metric, share in ((naming.TOTAL, 1.0), (naming.ERRORS, float(busy.share))):
        low, high = min(means) * whole * share, max(means) * whole * share
        yield is_between(slo, metric, low, high, calm.seconds + after, group)


def _ratios(slo: Slo, measure: Measure, groups: tuple[Labels, ...], value: float, end: int) -> tuple[ExprCheck, ...]:
    return tuple(
        is_near(slo, naming.error_ratio(window), value, end, group)
        for window in windows(slo, measure)
        for group in groups
    )


def forgets(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
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
    usual = Decimal(0) if slices else countable(budget(slo) / 4, sample)
    story = Timeline((Stretch(2 * grid), Stretch(2 * grid, share=Decimal(1 if slices else "0.5"))))
    late, after = whole * 3 // 4 // grid * grid, whole // grid * grid + 6 * grid
    story = story.then(Stretch(late + 2 * grid - story.end, share=usual))
    # Slices are bad as a whole, so what stays in the period is one stretch of them.
    story = story.then(Stretch(grid, share=Decimal(1) if slices else usual))
    story = story.then(Stretch(after - story.end, share=usual))
    shape = shape_of(slo, measure, slo.policy.tiers[0])
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
            checks.append(is_near(slo, naming.CURRENT_BURN_RATE, float(usual / budget(slo)), late, group))
        for window in windows(slo, measure):
            length = window.ms // 1000
            forgotten = round_up(4 * grid + length, grid) + grid
            # So few evaluations judge too few slices for most windows.
            if grid < length <= late - 5 * grid and len(ratios(account.view, story, length, forgotten)) == _SIDES:
                checks.append(is_near(slo, naming.error_ratio(window), float(usual), forgotten, group))
    return Scene("a period remembers for as long as it lasts", story, grid, sample, tuple(checks))

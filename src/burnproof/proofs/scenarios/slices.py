"""The proofs of one slice: all of it is judged and nothing beside it, and too few observations are no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.indicators import Events
from burnproof.model.slo import Compare, Quantile, Threshold
from burnproof.proofs.assertions import is_nan, is_near, is_nothing
from burnproof.proofs.scenarios.burn_rate import GRIDS
from burnproof.proofs.scenarios.comparisons import compared
from burnproof.proofs.scenarios.outage import Scene, slice_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.series.queries import judges_at_once
from burnproof.proofs.series.value_solver import has_quick_condition, is_mean_of_window, value_feed
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline
from burnproof.rules import selectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_SAMPLES, _FEWEST = 10, 3  # in a slice: enough for three fifths and for halves, and for two thirds
_BAD = Decimal(1)
_FEWER, _ENOUGH = Decimal("0.9"), Decimal("1.1")  # of min_events; a guard off by a fifth is on the other side
_LOWEST_QUANTILE = Decimal("0.15")  # below, all that is slow is hardly more than what is tolerated


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds: of a slice, between evaluations, between samples."""

    length: int
    grid: int
    sample: int

    @property
    def most(self) -> int:
        """The greater part of a slice: three fifths of it, or up to three quarters."""
        return -(-3 * (self.length // self.sample) // 5) * self.sample


def clock_of(slo: Slo) -> Clock | None:
    """Choose evaluations and samples for stories within a slice; None where it does not divide into ten samples.

    Ranges of increments are a scrape longer than the slice. They hold no more than it where samples are farther apart
    than that, however ranges are closed.
    """
    length, scrape = slice_seconds(slo), slo.scrape.ms // 1000
    if not length or length % _SAMPLES:
        return None
    grid = max((choice for choice in GRIDS if length % choice == 0), default=length)
    numbers = [number for number in range(_FEWEST, _SAMPLES) if length % number == 0 and length // number > scrape]
    exact = length // _SAMPLES > scrape or judges_at_once(slo) or not numbers
    return Clock(length, grid, length // (_SAMPLES if exact else max(numbers)))


def slice_scenes(slo: Slo, measure: Measure, group: Labels) -> Iterator[Scene]:
    """Yield what is to be proved of single slices; nothing where a slice does not divide into ten samples."""
    clock = clock_of(slo)
    if measure.pair is None or not measure.pair.slices or clock is None:
        return
    if isinstance(slo.indicator, Compare):
        yield from compared(slo, slo.indicator, group)
    if is_judged_as_a_whole(slo, group) and not _blurs(slo, clock):
        yield whole(slo, clock, group)
    if isinstance(slo.indicator, Threshold) and has_quick_condition(slo.indicator.value, slo.indicator.slice):
        yield conditional(slo, clock, group)
    if isinstance(slo.indicator, Quantile) and slo.min_events is not None:
        yield few(slo, slo.min_events, clock, group)


def is_judged_as_a_whole(slo: Slo, group: Labels) -> bool:
    """Tell whether the verdict is on a mean of the slice, and not on its last moment."""
    match slo.indicator:
        case Quantile(quantile=quantile):
            return quantile >= _LOWEST_QUANTILE
        case Threshold(value=value, op=op, bound=bound, slice=length):
            feed = value_feed(value, op, bound, length, group) if is_mean_of_window(value, length) else None
            return feed is not None
        case indicator:
            return isinstance(indicator, Events)  # as a member of a composite


def _blurs(slo: Slo, clock: Clock) -> bool:
    """Tell whether a mean is taken of a good deal more than the slice, because it holds too few scrapes."""
    value = slo.indicator.value if isinstance(slo.indicator, Threshold) else None
    return value is not None and clock.sample < slo.scrape.ms // 1000 and selectors.takes_differences(value)


def whole(slo: Slo, clock: Clock, group: Labels) -> Scene:
    """The greater part of a slice decides it, however its other part, its neighbours and its traffic may be.

    Windows of half a slice or of two would give another verdict on some of them: the first, bad at its beginning,
    follows a good and busy one; in the second traffic rises; the third begins badly after bad ones; in the fourth
    there is less traffic than before, so a side of a comparison that saw more time would be larger.
    """
    most, rest = clock.most, clock.length - clock.most
    low = max(EVENTS_PER_SECOND, 2 * (slo.min_events or Decimal(0)) / clock.length)
    story = Timeline((Stretch(2 * clock.length, rate=9 * low),))
    story = story.then(Stretch(most, _BAD, 3 * low), Stretch(rest, rate=low))
    story = story.then(Stretch(rest, _BAD, low), Stretch(most, _BAD, 3 * low))
    story = story.then(Stretch(rest, _BAD, low), Stretch(most, rate=3 * low))
    story = story.then(Stretch(clock.length, rate=low))
    checks = tuple(
        is_near(slo, naming.SLICE_ERRORS, verdict, clock.length * number, group)
        for number, verdict in ((3, 1), (4, 1), (5, 0), (6, 0))
    )
    title = "a slice is judged as a whole, and without its neighbours"
    return Scene(title, story, clock.grid, clock.sample, checks, alike=False)


def few(slo: Slo, least: Decimal, clock: Clock, group: Labels) -> Scene:
    """A little fewer than ``min_events`` observations in a slice are no verdict, a little more are one.

    Then data vanish in the middle of a slice, which still has its value, not a number; the next one has none.
    """
    fewer, enough = (least * part / clock.length for part in (_FEWER, _ENOUGH))
    length = clock.length
    half = length // clock.sample // 2 * clock.sample
    story = Timeline((Stretch(2 * length, _BAD, enough), Stretch(length, _BAD, fewer), Stretch(length, _BAD, enough)))
    story = story.then(Stretch(half, _BAD, fewer), Stretch(2 * length - half, rate=None))
    checks = [is_near(slo, naming.SLICE_TOTAL, 1, length * number, group) for number in (2, 4)]
    checks += [is_nan(slo, naming.SLICE_VALUE, length * number, group) for number in (3, 5)]
    # At the very end of a slice a closed range holds the one before it, too: looked at a little later.
    grid = max((choice for choice in GRIDS if length % choice == 0 and choice < length), default=length // 2)
    if slo.no_traffic == "ignore":
        checks.append(is_nothing(slo, naming.SLICE_TOTAL, length * 3 + grid, group))
    checks.append(is_nothing(slo, naming.SLICE_VALUE, length * 6, group))
    title = f"fewer than {least} observations in a slice are no verdict"
    return Scene(title, story, grid, clock.sample, tuple(checks), decoys=True, alike=False)


def conditional(slo: Slo, clock: Clock, group: Labels) -> Scene:
    """A value whose condition just holds is judged, one whose condition just fails is not."""
    length = clock.length
    holds, fails = (EVENTS_PER_SECOND * part for part in (_ENOUGH, _FEWER))
    story = Timeline((Stretch(2 * length, _BAD, holds), Stretch(length, _BAD, fails), Stretch(length, _BAD, holds)))
    checks = [is_near(slo, naming.SLICE_TOTAL, 1, length * number, group) for number in (2, 4)]
    checks.append(is_nothing(slo, naming.SLICE_VALUE, length * 3, group))
    title = "a value without its condition is no verdict"
    return Scene(
        title, story, clock.grid, clock.sample, tuple(checks), without=LeftOut.CONDITION, decoys=True, alike=False
    )

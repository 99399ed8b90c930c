"""A slice is judged as a whole, and without its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.indicators import Events
from burnproof.model.slo import (
    Quantile,
    Slo,
    Threshold,
)
from burnproof.proofs.assertions import (
    is_beyond,
    is_near,
)
from burnproof.proofs.scene import GRIDS, Case, Scene, slice_seconds
from burnproof.proofs.series.queries import judges_at_once
from burnproof.proofs.series.value_solver import is_mean_of_window, value_feed
from burnproof.proofs.timeline import (
    EVENTS_PER_SECOND,
    Stretch,
    Timeline,
)
from burnproof.rules import selectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.proofs.types import ExprCheck
    from burnproof.rules.types import Labels

_SAMPLES, _FEWEST = 10, 3  # in a slice: enough for three fifths and for halves, and for two thirds
_BAD: Final = Decimal(1)
_LOWEST_QUANTILE: Final = Decimal("0.15")  # below, all that is slow is hardly more than what is tolerated


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story where the verdict is on a mean of the slice, and the slice divides into ten samples."""
    slo, clock = case.slo, clock_of(case.slo)
    if case.measure.verdict is None or clock is None or not is_judged_as_a_whole(slo, case.group):
        return
    if not _blurs(slo, clock):
        yield whole(slo, clock, case.group)


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
    checks = [
        check
        for number, verdict in ((3, 1), (4, 1), (5, 0), (6, 0))
        for check in _judged(slo, verdict, clock.length * number, group)
    ]
    title = "a slice is judged as a whole, and without its neighbours"
    return Scene(title, story, clock.grid, clock.sample, tuple(checks), alike=False)


def _judged(slo: Slo, verdict: int, seconds: int, group: Labels) -> Iterator[ExprCheck]:
    """Look at the verdict on a slice, and on which side of its bound the value is."""
    yield is_near(slo, naming.SLICE_ERRORS, verdict, seconds, group)
    match slo.indicator:
        case Quantile(bound=bound):
            yield is_beyond(slo, naming.SLICE_VALUE, bound, verdict, seconds, group)
        case Threshold(bound=bound, op=op):
            yield is_beyond(slo, naming.SLICE_VALUE, bound, 1 - verdict, seconds, group, op=op)

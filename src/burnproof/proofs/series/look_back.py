"""Tell stories to values that look back further than their slice, such as ``max_over_time(x[2m])`` of slices of 1m.

What is bad is read for as long as the range holds it. So bad samples end that much earlier than the story's bad slices
do, and their levels are such that one of them makes the value bad. A run of bad slices that is shorter than the range
reaches cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from burnproof.proofs.series.steady import RISES
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.rules import selectors
from promrules.syntax.nodes import Call, MatrixSelector, Subquery, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Threshold
    from burnproof.proofs.series.feed import Feed, Without
    from burnproof.proofs.types import InputSeries

_UP_TO: Final = ("<", "<=")
_FROM: Final = (">", ">=")
_TOLD: Final = {
    "avg_over_time": _UP_TO + _FROM,
    "max_over_time": _UP_TO,
    "min_over_time": _FROM,
    "rate": _UP_TO,
    "increase": _UP_TO,
}
"""Functions of which one bad sample makes a range bad, by the operators that must hold of the value.

A counter that has just begun rises by less than it will over the whole range, so a rate is no good value at first.
"""
OF_THE_LAST: Final = frozenset({"last_over_time", "irate", "idelta"})
"""Functions that read the last samples of a range, however long it is."""
_SHORTEST_SAMPLE: Final = 5


class LookBack(NamedTuple):
    """How far a value looks back beyond its slice.

    Attributes:
        seconds: by how much; 0 where it does not.
        samples: how many samples its range holds at most, of which one must tell.
        rises: whether it is made of what counters rise by, all of which may be in one of these samples.
    """

    seconds: int
    samples: int
    rises: bool = False

    def sides(self, bound: Decimal) -> tuple[Decimal, Decimal]:
        """Give how far the good level and the bad one are from the bound: one bad sample outweighs all good ones."""
        size = abs(bound) or Decimal(1)
        if not self.seconds:
            return size / 10, size / 10
        return size / (4 * self.samples), size * (2 * self.samples if self.rises else Decimal("0.75"))


def look_back(indicator: Threshold) -> LookBack | None:
    """Find how far a value looks back; None where that cannot be told in a story."""
    length: Duration = indicator.slice
    found = [
        (call.func, arg.range)
        for call in walk(parse(indicator.value.text.replace(selectors.WINDOW, str(length))))
        if isinstance(call, Call) and call.func not in OF_THE_LAST
        for arg in call.args
        if isinstance(arg, MatrixSelector | Subquery)
    ]
    spans = {span for _, span in found}
    if not any(isinstance(span, int) and span > length.ms for span in spans):
        return LookBack(0, 1)
    told = all(indicator.op in _TOLD.get(func, ()) for func, _ in found)
    (span, *others) = spans
    if others or not told or not isinstance(span, int):
        return None
    rises = any(func in RISES for func, _ in found)
    return LookBack((span - length.ms) // 1000, max(span // 1000 // _SHORTEST_SAMPLE, 1), rises)


@dataclass(frozen=True, slots=True)
class LookingBack:
    """A feed whose bad samples end before the bad slices of a story."""

    feed: Feed
    seconds: int

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """See ``Feed``."""
        earlier = -(-(self.seconds + sample) // sample) * sample  # a closed range holds one sample more
        shortened = _shortened(story, earlier)
        return None if shortened is None else self.feed.series(shortened, sample, without=without)


def _shortened(story: Timeline, seconds: int) -> Timeline | None:
    """End each run of bad stretches earlier; None where one is too short for that."""
    told: list[Stretch] = []
    for stretch in story.stretches:
        if told and told[-1].share and not stretch.share and stretch.seconds and not _end_bad(told, seconds):
            return None
        if stretch.seconds:
            told.append(stretch)
    return Timeline(tuple(told))


def _end_bad(told: list[Stretch], seconds: int) -> bool:
    """Make the last seconds of a run good."""
    left = seconds
    for at in range(len(told) - 1, -1, -1):
        stretch = told[at]
        if not stretch.share or stretch.rate is None:
            return False
        if stretch.seconds > left:
            good = replace(stretch, seconds=left, share=Decimal(0))
            told[at : at + 1] = [replace(stretch, seconds=stretch.seconds - left), good]
            return True
        told[at] = replace(stretch, share=Decimal(0))
        left -= stretch.seconds
    return False

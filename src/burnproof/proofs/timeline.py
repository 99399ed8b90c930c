"""Hold the scenario of a proof as stretches of time, each with its traffic and its share of bad events.

Times are in seconds from the start of the test. What a window sees is the mean of the shares in it,
weighted by traffic: that is the definition of an error ratio, and all that predictions are made from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from math import ceil, floor

from burnproof.model.decimals import plain

EVENTS_PER_SECOND = Decimal(1000)
_GRAIN = 1024  # increments are multiples of 1/1024
REPLICAS_GRAIN = 256  # what is split in parts of 3/4 and 1/4 is exact in multiples of 1/256


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which nothing changes.

    Attributes:
        seconds: its length.
        share: of events that are bad, 0 to 1. Where a value is judged, and not events, any share of bad makes it bad.
        rate: events per second; None for no data at all.
        counted: events of a count that come at its start.
        excess: what is counted and not in the total, as a share of the total.
        catch_up: of a comparison, what was late and comes now, as a share of the traffic.
    """

    seconds: int
    share: Decimal = Decimal(0)
    rate: Decimal | None = EVENTS_PER_SECOND
    counted: Decimal = Decimal(0)
    excess: Decimal = Decimal(0)
    catch_up: Decimal = Decimal(0)

    @property
    def is_bad(self) -> bool:
        """Whether something in it is bad."""
        return self.share > 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches one after the other from time 0."""

    stretches: tuple[Stretch, ...]

    @property
    def end(self) -> int:
        """The time at which the story ends."""
        return sum(stretch.seconds for stretch in self.stretches)

    def then(self, *stretches: Stretch) -> Timeline:
        """Go on with further stretches."""
        return Timeline((*self.stretches, *stretches))

    def ahead(self, seconds: int) -> Timeline:
        """Give the story from a later time on; its last stretch goes on until the same end."""
        left, rest = seconds, []
        for stretch in self.stretches:
            gone = min(left, stretch.seconds)
            left -= gone
            if stretch.seconds > gone:
                rest.append(replace(stretch, seconds=stretch.seconds - gone))
        last = rest.pop() if rest else self.stretches[-1]
        return Timeline((*rest, replace(last, seconds=self.end - sum(stretch.seconds for stretch in rest))))

    def amounts(self, start: float, end: float) -> tuple[float, float]:
        """Give the bad events and all events in ``(start, end]``."""
        bad = total = 0.0
        at = 0.0
        for stretch in self.stretches:
            inside = min(end, at + stretch.seconds) - max(start, at)
            if inside > 0 and stretch.rate:
                total += inside * float(stretch.rate)
                bad += inside * float(stretch.rate) * float(stretch.share)
            at += stretch.seconds
        return bad, total

    def mean(self, start: float, end: float) -> float:
        """Give the share of bad events in ``(start, end]``, 0 where there were none."""
        bad, total = self.amounts(start, end)
        return bad / total if total else 0.0


def counter_values(increments: tuple[tuple[int, Decimal | None], ...], start: Decimal = Decimal(10**9)) -> str:
    """Write a counter in promtool's notation, from (samples, increment per sample) pairs.

    It starts high, as the counter of a process that has run for long does: ``rate`` does not extrapolate
    a counter below zero, and one that starts at zero would read low by up to one scrape.
    Increments are rounded to binary fractions: promtool adds them up as floats, and a sum that is off in its
    last digit where the next stretch begins would read as a counter reset.
    An increment of None ends the series with a stale marker, as a vanished target does.
    """
    items, value, gone = [plain(start)], start, False
    for samples, wanted in increments:
        if samples == 0:
            continue
        increment = None if wanted is None else grained(wanted)
        if increment is None:
            items.append(f"_x{samples}" if gone else "stale")
            if not gone and samples > 1:
                items.append(f"_x{samples - 1}")
            gone = True
            continue
        gone = False
        first = value + increment
        items.append(f"{plain(first)}+{plain(increment)}x{samples - 1}" if samples > 1 else plain(first))
        value += increment * samples
    return " ".join(items)


def grained(increment: Decimal) -> Decimal:
    """Round to a binary fraction, so that adding up increments as floats stays exact."""
    return Decimal(round(increment * _GRAIN)) / _GRAIN


def gauge_values(levels: tuple[tuple[int, str | None], ...]) -> str:
    """Write a gauge in promtool's notation, from (samples, value) pairs; its first sample has the first value."""
    items, gone = [levels[0][1] or "_"], False
    for samples, level in levels:
        if level is not None:
            items += [f"{level}x{samples - 1}"] if samples else []
        elif samples:
            items += [f"_x{samples}"] if gone else ["stale", *([f"_x{samples - 1}"] if samples > 1 else [])]
        gone = level is None
    return " ".join(items)


def clock_values(behind: tuple[tuple[int, Decimal | None], ...], step: Decimal) -> str:
    """Write a gauge that tells the time, from (samples, how far it is behind) pairs; it rises by a step each sample."""
    items, at = [plain(-(behind[0][1] or 0)) if behind[0][1] is not None else "_"], 0
    for samples, level in behind:
        if level is None and samples:
            items += ["stale", *([f"_x{samples - 1}"] if samples > 1 else [])]
        elif level is not None and samples:
            first = plain((at + 1) * step - level)
            items.append(f"{first}+{plain(step)}x{samples - 1}" if samples > 1 else first)
        at += samples
    return " ".join(items)


def countable(share: Decimal, sample: int) -> Decimal:
    """Give the next share of which the bad events between two samples can be counted in full, replica by replica."""
    events = EVENTS_PER_SECOND * sample * REPLICAS_GRAIN
    return (share * events).to_integral_value(ROUND_CEILING) / events


def round_up(seconds: float, step: int) -> int:
    """Give the first multiple of a step at or after a time."""
    return ceil(seconds / step) * step


def round_down(seconds: float, step: int) -> int:
    """Give the last multiple of a step at or before a time."""
    return floor(seconds / step) * step

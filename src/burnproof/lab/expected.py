"""Calculate when each tier should fire, from the events themselves; no rule and no engine is used.

The condition is the one of the SRE Workbook, chapter 5: the share of bad events in the long window is above the
threshold, and so is that in the short one. Where the short window has no event, its last share stands for it, as long
as the alert's does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from burnproof.model.slo import Count
from burnproof.rules.alerting import known_for, threshold
from burnproof.rules.detection_time import count_to_fire
from burnproof.rules.kinds import measure_of
from promrules.rule_tests.alert_states import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from burnproof.lab.course import Course
    from burnproof.model.slo import Slo, Tier

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

STEP = 10
"""Seconds between the times at which the condition is looked at."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which an alert should fire, in seconds since the incident began; ``end`` None at the end of the run."""

    start: float
    end: float | None


def expected(slo: Slo, tier: Tier, course: Course) -> tuple[tuple[Span, ...], ...]:
    """Give for each group when the tier should fire; one of them where the SLO has no groups."""
    if course.grouped:
        rows = [(course.bad[part], course.total[part]) for part in range(len(course.bad))]
    else:
        rows = [(course.bad.sum(axis=0), course.total.sum(axis=0))]
    return tuple(tuple(_spans(slo, tier, course, bad, total)) for bad, total in rows)


def _spans(slo: Slo, tier: Tier, course: Course, bad: Floats, total: Floats) -> Iterator[Span]:
    ends = np.arange(course.before, course.seconds + 1, STEP)
    over = _over(slo, tier, bad, total, ends)
    hold = 0 if tier.hold is None else tier.hold.ms // 1000
    for begin, end in zip(*runs(over), strict=True):
        start = int(ends[begin]) + hold
        stop = None if end == len(ends) else int(ends[end])
        if stop is None or start < stop:
            yield Span(start - course.before, None if stop is None else stop - course.before)


def _over(slo: Slo, tier: Tier, bad: Floats, total: Floats, ends: NDArray[np.int64]) -> Flags:
    long, short = tier.long.ms // 1000, (tier.short or tier.long).ms // 1000
    within = _window(bad, ends, long)
    if isinstance(slo.indicator, Count):
        return within >= count_to_fire(slo.indicator, tier)
    # A threshold of 0.144 and a share of 0.144 are equal, in spite of the last bit of a float.
    limit = float(threshold(slo, tier)) * (1 + 1e-9)
    events = _window(total, ends, long)
    pair = measure_of(slo).pair
    least = float(slo.min_events or 0) if pair is not None and not pair.slices else 0.0
    share = np.divide(within, events, out=np.zeros(len(ends)), where=events > 0)
    return (share > limit) & (events >= least) & (_last_known(bad, total, ends, short, tier) > limit)


def _last_known(bads: Floats, totals: Floats, ends: NDArray[np.int64], short: int, tier: Tier) -> Floats:
    """Give the share in the short window, or the last one that had events, for as long as the alert remembers it."""
    events = _window(totals, ends, short)
    share = np.divide(_window(bads, ends, short), events, out=np.zeros(len(ends)), where=events > 0)
    place = np.maximum.accumulate(np.where(events > 0, np.arange(len(ends)), -1))
    age = (np.arange(len(ends)) - place) * STEP
    known = (place >= 0) & (age < known_for(tier.short or tier.long).ms // 1000)
    return np.where(known, share[np.maximum(place, 0)], 0.0)


def _window(sums: Floats, ends: NDArray[np.int64], length: int) -> Floats:
    return sums[ends] - sums[np.maximum(ends - length, 0)]


def joined(spans: tuple[Span, ...], within: float) -> tuple[Span, ...]:
    """Join spans that are less than ``within`` seconds apart: a short break is no end."""
    made: list[Span] = []
    for span in spans:
        if made and made[-1].end is not None and span.start - made[-1].end < within:
            made[-1] = Span(made[-1].start, span.end)
        else:
            made.append(span)
    return tuple(made)

"""Make the raw series that Prometheus scrapes in a scenario, each instance at its own phase."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.model.slo import Count
from burnproof.proofs.prediction import shape_of
from burnproof.proofs.scene import sample_seconds
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.event_feeds import EventFeed
from burnproof.proofs.series.generators import feed_of, groups_of
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline
from burnproof.rules.kinds import measure_of
from promrules.columns.series import STALE_NAN, Series, Storage
from promrules.prometheus_scripts.series_notation import as_series, parse_series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from burnproof.lab.course import Course
    from burnproof.model.slo import Slo
    from burnproof.proofs.series.feed import Feed
    from promrules.syntax.labels import Labels

GROUPS: Final = 3
"""Groups that are played where the SLO has groups; their labels may allow fewer."""
_OLD: Final = 1e6
"""What every counter has counted before the past begins: `rate` does not extrapolate below zero then."""
_INSTANCES: Final = ("pod", "instance", "replica", "lab_instance")


class UnplayableError(Exception):
    """An SLO or a scenario for which no raw series can be made; the message says why."""


def parts_of(slo: Slo) -> tuple[tuple[Feed, Labels], ...]:
    """Give the feed of each group, with its labels; one where the SLO has no groups.

    Raises:
        UnplayableError: no example series can be worked out for the SLO's queries.
    """
    groups = groups_of(slo, GROUPS)
    feeds = [(feed_of(slo, group), group) for group in groups]
    known = tuple((feed, group) for feed, group in feeds if feed is not None)
    if not known or len(known) < len(feeds):
        raise UnplayableError("no example series could be worked out for its queries")
    return known


def storage_of(slo: Slo, course: Course, seed: int) -> Storage:
    """Give the raw series of a course; time 0 of the storage is the beginning of the past, in milliseconds.

    Raises:
        UnplayableError: there are none for this SLO, or the scenario asks for what its kind cannot show.
    """
    parts = parts_of(slo)
    if all(isinstance(feed, EventFeed) for feed, _ in parts):
        return Storage(_counters(slo, course, parts, seed))
    if course.happening.restarts or (course.happening.scraped < 1).any():
        raise UnplayableError("restarts and failing scrapes are played for counters of events only")
    return Storage(series for number, (feed, _) in enumerate(parts) for series in _told(slo, course, feed, number))


def _counters(slo: Slo, course: Course, parts: tuple[tuple[Feed, Labels], ...], seed: int) -> Iterator[Series]:
    """Yield counters of events: those of groups, or of instances."""
    chance = np.random.default_rng(seed)
    for number in range(len(course.total)):
        feed = parts[number if course.grouped else 0][0]
        if not isinstance(feed, EventFeed):
            continue
        label = _instance_label(slo, feed)
        times, kept = _scrapes(course, slo.scrape.ms, chance)
        total, bad = (_shown(course, counts[number], times) for counts in (course.total, course.bad))
        for atom in dict.fromkeys((*feed.good, *feed.bad)):
            shown = (total if atom in feed.bad else total - bad) if atom in feed.good else bad
            yield _series(instance(atom, label, f"part-{number + 1}"), times, shown, kept)


def _shown(course: Course, counts: NDArray[np.float64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give what a counter shows at its scrapes: all that it has counted since its instance began."""
    shown = counts[times // 1000]
    begun = np.full(len(times), -_OLD)
    for restart in course.happening.restarts:
        at = restart + course.before
        begun[times >= at * 1000] = counts[at]
    since: NDArray[np.float64] = shown - begun
    return since


def _scrapes(course: Course, interval: int, chance: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give the times of an instance's scrapes in milliseconds, and which of them succeed."""
    phase = int(chance.integers(0, interval))
    times = np.arange(phase, course.seconds * 1000, interval, dtype=np.int64)
    kept = np.ones(len(times), dtype=bool)
    later = times >= course.before * 1000
    seconds = times[later] // 1000 - course.before
    told = course.happening
    kept[later] = told.present[seconds] & (chance.random(len(seconds)) < told.scraped[seconds])
    return times, kept


def _series(labels: Labels, times: NDArray[np.int64], shown: NDArray[np.float64], kept: NDArray[np.bool_]) -> Series:
    """Write a series; a failing scrape writes a staleness marker once."""
    first_lost = ~kept & np.concatenate([[False], kept[:-1]])
    values = np.where(kept, shown, STALE_NAN[0])
    values[first_lost] = STALE_NAN
    written = kept | first_lost
    return Series(labels, times[written], values[written])


def _instance_label(slo: Slo, feed: EventFeed) -> str:
    """Choose a label that tells instances apart and that no query asks for."""
    taken = {name for atom in (*feed.good, *feed.bad) for name, _ in atom} | set(slo.by) | set(slo.dedup)
    return next(name for name in _INSTANCES if name not in taken)


def _told(slo: Slo, course: Course, feed: Feed, part: int) -> Iterator[Series]:
    """Yield the series of any other kind, as proofs have them: stretches of equal errors and traffic."""
    shape = shape_of(slo, measure_of(slo))
    sample = sample_seconds(slo)
    counts = isinstance(slo.indicator, Count)
    made = feed.series(_story(course, part, shape.slice, sample, counts=counts), sample)
    if made is None:
        raise UnplayableError("its kind of SLI cannot show this scenario")
    for one in made:
        yield as_series(*parse_series(f"{one.series} {one.values}"), sample * 1000)


def _story(course: Course, part: int, length: int, sample: int, *, counts: bool) -> Timeline:
    """Give a course as stretches, at the resolution of samples; ``length`` is that of slices, 0 for events."""
    step = length or sample
    starts = np.arange(0, course.seconds - step + 1, step)
    told, later = course.happening, np.maximum(starts - course.before, 0)
    present = told.present[later] | (starts < course.before)
    rate = np.where(starts < course.before, course.usual, told.rate[later])
    if counts or length:
        share, rate = course.bad[part][starts + step] - course.bad[part][starts], np.where(rate > 0, 1.0, 0.0)
    else:
        share = np.where(starts < course.before, 0.0, told.share[part][later])
    changed = (np.diff(share) != 0) | (np.diff(rate) != 0) | (np.diff(present) != 0)
    edges = np.flatnonzero(np.concatenate([[True], changed]) | ((share != 0) & counts))
    stretches = []
    for begin, end in pairwise((*edges.tolist(), len(starts))):
        events = Decimal(str(rate[begin])) * (EVENTS_PER_SECOND if length or counts else 1)
        seconds, what, traffic = (end - begin) * step, Decimal(str(share[begin])), events if present[begin] else None
        stretches.append(Stretch(seconds, rate=traffic, counted=what) if counts else Stretch(seconds, what, traffic))
    return Timeline(tuple(stretches))

"""Judge recorded runs over some days: improving, stable, degrading, mixed, or too few data to tell.

A number is stable where its change over the window stays within 5 %, with confidence; it improves or degrades
where it changed by more and the order of the runs is not chance. Everything between is not known, and said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.compare import RULES, Rule
from burnproof.loadtest.baseline.rank_statistics import ALPHA, FEWEST, trend
from burnproof.loadtest.baseline.run_metadata import differences, unstated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from burnproof.loadtest.results.model import Result

STABLE: Final = 0.05
"""A change of at most 5 % is stability; for an error ratio, of at most half a percentage point."""
STABLE_POINTS: Final = 0.005


class Direction(StrEnum):
    """Where a number, or a service, is going."""

    IMPROVING = "improving"
    STABLE = "stable"
    DEGRADING = "degrading"
    MIXED = "mixed"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Course:
    """How one number went.

    Attributes:
        change: Its change over the window, relative to its median, or absolute for a ratio; None if unknown.
        low: The lower end of the change's 95 % confidence interval.
        high: The upper end.
        p: How likely such an order of runs is by chance.
        note: What kept the data from telling.
    """

    rule: Rule
    direction: Direction
    change: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How an operation went over a window, by its comparable runs."""

    direction: Direction
    courses: tuple[Course, ...]
    runs: tuple[Result, ...]
    left_out: int


def outlook(records: Sequence[Result], days: int, now: datetime, *, across_versions: bool = True) -> Outlook:
    """Judge the runs of one operation in the last ``days``; only those comparable with the newest one count.

    Args:
        records: its records.
        days: how far to look back.
        now: the end of the window.
        across_versions: whether versions may differ; over weeks they do.
    """
    recent = [
        found
        for found in records
        if found.run.timestamp is not None and now - timedelta(days=days) <= found.run.timestamp <= now
    ]
    comparable = [found for found in recent if not unstated(found.run)]
    if not comparable:
        return Outlook(Direction.UNKNOWN, (), (), len(recent))
    newest = max(comparable, key=lambda found: found.run.timestamp or now)
    runs = tuple(found for found in recent if not differences(found.run, newest.run, across_versions=across_versions))
    courses = tuple(_course(rule, runs) for rule in RULES)
    return Outlook(_together(courses), courses, runs, len(recent) - len(runs))


def _course(rule: Rule, runs: Sequence[Result]) -> Course:
    points = [
        (found.run.timestamp.timestamp(), float(reading.value))
        for found in runs
        if found.run.timestamp and (reading := found.readings.get(rule.metric)) and reading.value is not None
    ]
    if len(points) < FEWEST:
        runs_are = "1 run is" if len(points) == 1 else f"{len(points)} runs are"
        note = f"{runs_are} too few: with fewer than {FEWEST} any order may be chance"
        return Course(rule, Direction.UNKNOWN, note=note)
    found = trend([time for time, _ in points], [value for _, value in points])
    middle = median(value for _, value in points)
    if found is None or (not rule.worst.in_points and not middle):
        return Course(rule, Direction.UNKNOWN, note="the runs are all of one moment, or all zero")
    length = max(time for time, _ in points) - min(time for time, _ in points)
    scale = length if rule.worst.in_points else length / abs(middle)
    change, low, high = found.slope * scale, found.low * scale, found.high * scale
    band = STABLE_POINTS if rule.worst.in_points else STABLE
    direction, note = _direction(rule, (change, low, high), found.p, band)
    return Course(rule, direction, change, low, high, found.p, note)


def _direction(rule: Rule, spread: tuple[float, float, float], p: float, band: float) -> tuple[Direction, str]:
    change, low, high = spread
    if -band <= low and high <= band:
        return Direction.STABLE, ""
    if p < ALPHA and abs(change) > band:
        worse = (change > 0) is rule.is_ceiling
        return (Direction.DEGRADING if worse else Direction.IMPROVING), ""
    if p < ALPHA:
        return Direction.STABLE, "it moves, within the band"
    return Direction.UNKNOWN, "the runs scatter more than they move"


def _together(courses: Sequence[Course]) -> Direction:
    """Sum up: what gets worse while something else gets better is mixed, not either."""
    seen = {course.direction for course in courses}
    if {Direction.IMPROVING, Direction.DEGRADING} <= seen:
        return Direction.MIXED
    for direction in (Direction.DEGRADING, Direction.UNKNOWN, Direction.IMPROVING):
        if direction in seen:
            return direction
    return Direction.STABLE if seen else Direction.UNKNOWN

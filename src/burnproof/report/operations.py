"""Summarise recorded load tests for a report: the trend of each operation, its thresholds, its last course.

Runs are those of the report's span, of seven days at least: fewer never show a trend. What is not comparable with the
newest run of an operation is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.drift_page import DRIFTS, drift_rows, level_text
from burnproof.loadtest.baseline.report import COURSES, course_rows
from burnproof.loadtest.baseline.run_metadata import silence
from burnproof.loadtest.baseline.store import stored
from burnproof.loadtest.baseline.thresholds import bases_of, thresholds
from burnproof.loadtest.baseline.trend import outlook

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from burnproof.loadtest.baseline.thresholds import Threshold
    from burnproof.loadtest.baseline.trend import Outlook
    from burnproof.loadtest.results.model import Result
    from burnproof.model.measured import Quantity
    from burnproof.report.periods import Span

LEAST_DAYS: Final = 7
_DAY: Final = 86_400
HEADER: Final = (*COURSES[:-1], "First", "Newest", "Warning", "Critical", "")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation in one environment.

    Attributes:
        name: what its records are called.
        environment: where it ran.
        days: how far back was looked.
        outlook: where it is going, with its comparable runs.
        thresholds: warning and critical, derived from the first of those runs.
    """

    name: str
    environment: str
    days: int
    outlook: Outlook
    thresholds: tuple[Threshold, ...]

    @property
    def runs(self) -> tuple[Result, ...]:
        """The comparable runs, oldest first."""
        return self.outlook.runs

    @property
    def title(self) -> str:
        """The operation, and where it ran."""
        return f"{self.name} ({self.environment})" if self.environment else self.name

    @property
    def soaked(self) -> Result | None:
        """The newest run that has a course of more than one stretch."""
        return next((run for run in reversed(self.runs) if any(len(one) > 1 for one in run.series.values())), None)


def operations(folder: Path, span: Span, names: Collection[str] = ()) -> tuple[tuple[Operation, ...], tuple[str, ...]]:
    """Give the operations of a folder of records that ran in a span, and what is missing, as sentences.

    Args:
        folder: where ``burnproof baseline record`` keeps runs.
        span: what the report is about.
        names: only these operations; all unless given.

    Raises:
        StoreError: there is no such folder.
    """
    kept = stored(folder)
    end = datetime.fromtimestamp(span.end, UTC)
    days = max(LEAST_DAYS, -(-span.seconds // _DAY))
    wanted = [found for found in kept.records if not names or found.run.operation in names]
    made = [
        _operation(key, wanted, days, end)
        for key in sorted({(one.run.operation, one.run.environment) for one in wanted})
    ]
    found = tuple(one for one in made if one.runs)
    silent = [one for one in made if not one.runs and one.outlook.left_out]
    named = {one.name for one in (*found, *silent)}
    absent = sorted(set(names) - named) if names else [] if named else ["any operation"]
    when = f"in the {days} days before {end:%Y-%m-%d %H:%M} UTC"
    missing = [f"no run of {name} is recorded in {folder} {when}" for name in absent]
    missing += [
        f"the runs of {one.title} are left out: {silence(run.run for run in wanted if run.run.operation == one.name)}"
        for one in silent
    ]
    return found, (*missing, *(f"{one.name} is left out: {one.fault}" for one in kept.faulty if one.fault))


def _operation(key: tuple[str, str], records: Sequence[Result], days: int, end: datetime) -> Operation:
    own = [found for found in records if (found.run.operation, found.run.environment) == key]
    seen = outlook(own, days, end)
    return Operation(*key, days, seen, thresholds(bases_of(seen.runs[0])) if seen.runs else ())


def headline(one: Operation) -> str:
    """Say where an operation is going: ``content_generation_baseline (ci): degrading, 14 runs in 30 days``."""
    count = len(one.runs)
    left = f", {one.outlook.left_out} left out as not comparable" if one.outlook.left_out else ""
    return f"{one.title}: {one.outlook.direction.value}, {count} run{'s' * (count != 1)} in {one.days} days{left}"


def rows(one: Operation) -> list[tuple[str, ...]]:
    """Give a row for each metric, in the order of ``HEADER``."""
    limits = {(found.metric, found.level): _level(found.limit) for found in one.thresholds}
    made = []
    for course, cells in zip(one.outlook.courses, course_rows(one.outlook), strict=True):
        metric = course.rule.metric
        ends = (_shown(one.runs[0], metric), _shown(one.runs[-1], metric))
        levels = (limits.get((metric, level), "-") for level in ("warning", "critical"))
        made.append((*cells[:-1], *ends, *levels, cells[-1]))
    return made


def _shown(run: Result, metric: str) -> str:
    reading = run.readings.get(metric)
    return "-" if reading is None or reading.quantity is None else _level(reading.quantity)


def _level(found: Quantity) -> str:
    return level_text(float(found.value), found.unit)


def versions(one: Operation) -> list[tuple[int, str]]:
    """Give when the version changed, as seconds since the epoch and the new version; the first run is none."""
    found: list[tuple[int, str]] = []
    last = one.runs[0].run.version if one.runs else ""
    for run in one.runs:
        if run.run.version != last and run.run.timestamp is not None:
            found.append((int(run.run.timestamp.timestamp()), run.run.version))
        last = run.run.version
    return found


def drift_table(one: Operation) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]] | None:
    """Give title, header and rows of what drifted in the newest run that has a course; None where none has."""
    run = one.soaked
    if run is None or run.run.timestamp is None:
        return None
    return f"Drift within the run of {run.run.timestamp:%Y-%m-%d %H:%M} UTC", DRIFTS, drift_rows(run)

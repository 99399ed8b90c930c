"""Write the section of a run's page on its course: ten parts, and what drifted."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.drift import drift
from burnproof.loadtest.baseline.rank_statistics import ALPHA
from burnproof.loadtest.baseline.report import chance_text
from burnproof.loadtest.results.markdown import table
from burnproof.loadtest.results.time_series import USERS
from burnproof.model.measured import COUNT, UNITS, UNKNOWN, Dimension, Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.baseline.drift import Drift
    from burnproof.loadtest.results.model import Result, Sample

_PARTS: Final = 10
_TITLES: Final = {
    USERS: "Users",
    "response_time_p95": "P95",
    "requests_per_second": "Throughput",
    "error_rate": "Error rate",
    "metrics.first_byte_latency_ms.p95": "First byte P95",
    "target/process_resident_memory_bytes": "Memory of the target",
    "target/process_open_fds": "Open files of the target",
}
_MEGABYTE: Final = UNITS["MB"]
_LARGE: Final = 10**6
DRIFTS: Final = ("Figure", "Start", "End", "Change", "95 % interval", "p", "")


@dataclass(frozen=True, slots=True)
class Drifted:
    """What became of one figure over a run; ``drift`` is None where the run is too short to tell."""

    path: str
    title: str
    unit: Unit
    drift: Drift | None

    @property
    def verdict(self) -> str:
        """Say in words what the statistics say."""
        if self.drift is None:
            return "too short to tell"
        if self.drift.p >= ALPHA:
            return "no drift beyond chance"
        return "rises" if self.drift.change > 0 else "falls" if self.drift.change < 0 else "steady"


def title_of(path: str) -> str:
    """Name a course for people."""
    return _TITLES.get(path) or path.removeprefix("target/")


def drifts(result: Result) -> tuple[Drifted, ...]:
    """Give the drift of every figure whose course a result has, but not of the users, who are the load."""
    return tuple(
        Drifted(path, title_of(path), unit_of(result, path), drift(course, result.series))
        for path, course in result.series.items()
        if path != USERS
    )


def unit_of(result: Result, path: str) -> Unit:
    """Give the unit of a course."""
    found = result.readings.get(path)
    return found.unit if found is not None else COUNT if path == USERS else UNKNOWN


def drift_rows(result: Result) -> list[tuple[str, ...]]:
    """Give the rows of the table of drifts."""
    return [_drift_row(one) for one in drifts(result)]


def _drift_row(one: Drifted) -> tuple[str, ...]:
    found = one.drift
    if found is None:
        return one.title, "-", "-", "-", "-", "-", one.verdict
    change, low, high = (_change(one, value) for value in (found.change, found.low, found.high))
    start, end = level_text(found.first, one.unit), level_text(found.last, one.unit)
    return one.title, start, end, change, f"{low} to {high}", chance_text(found.p), one.verdict


def _change(one: Drifted, value: float) -> str:
    """Write a change: as a share of the start, or in points of a ratio."""
    if one.drift is None:
        return "-"
    if one.unit.dimension is Dimension.RATIO:
        return f"{value * float(one.unit.scale) * 100:+.2f}pp"
    share = one.drift.relative(value)
    return level_text(value, one.unit) if share is None else f"{share * 100:+.1f}%"


def level_text(value: float | None, unit: Unit) -> str:
    """Write a level for people: four digits, ratios as percentages, large sizes in MB."""
    if value is None:
        return "-"
    if unit.dimension is Dimension.RATIO:
        return f"{value * float(unit.scale) * 100:.2f}%"
    if unit.dimension is Dimension.SIZE and abs(value) >= _LARGE:
        value, unit = value * float(unit.scale / _MEGABYTE.scale), _MEGABYTE
    return str(Quantity(Decimal(f"{value:.4g}"), unit))


def course_markdown(result: Result) -> str:
    """Give the section on the course; "" for a result that has none, or but one stretch."""
    seconds = sorted({sample.time for samples in result.series.values() for sample in samples})
    if len(seconds) < 2:
        return ""
    start = Decimal(str(result.run.timestamp.timestamp())) if result.run.timestamp else seconds[0]
    parts = _parts(seconds)
    header = ("Until", *(title_of(path) for path in result.series))
    rows = [
        (f"{part[-1] - start:.0f} s", *(_level(result, path, samples, part) for path, samples in result.series.items()))
        for part in parts
    ]
    return f"\n## Course\n\nMedians of each part.\n\n{table(header, rows)}\n{table(DRIFTS, drift_rows(result))}"


def _parts(seconds: Sequence[Decimal]) -> list[Sequence[Decimal]]:
    """Cut times into ten parts of about the same size, or as many as there are."""
    count = min(_PARTS, len(seconds))
    bounds = [round(number * len(seconds) / count) for number in range(count + 1)]
    return [seconds[start:end] for start, end in pairwise(bounds)]


def _level(result: Result, path: str, samples: Sequence[Sample], part: Sequence[Decimal]) -> str:
    wanted = set(part)
    values = [float(sample.value) for sample in samples if sample.time in wanted and sample.value is not None]
    return level_text(median(values) if values else None, unit_of(result, path))

"""Hold the course of a run: its figures stretch by stretch, as in a record and as samples.

``{"seconds": [15, 30, …], "series": {"response_time_p95": {"unit": "ms", "values": [38.2, null, …]}, …}}``: when each
stretch ended, counted from the start of the run, and what was measured in it; null where nothing was.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.results.model import Sample
from burnproof.model.measured import UNKNOWN, QuantityError, Unit, unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST: Final = 500
"""Stretches that a course may have; longer ones are no summary of a run."""
USERS: Final = "users"


class CourseError(ValueError):
    """A course that contradicts itself; the message says how."""


@dataclass(frozen=True, slots=True)
class Course:
    """A run's course.

    Attributes:
        seconds: When each stretch ended, from the start of the run, rising.
        series: Path to its unit and one value a stretch; None where there was none.
    """

    seconds: tuple[Decimal, ...]
    series: Mapping[str, tuple[Unit, tuple[Decimal | None, ...]]]

    def samples(self, start: datetime) -> dict[str, tuple[Sample, ...]]:
        """Give every series as samples in time; the run began at ``start``."""
        began = Decimal(str(start.timestamp()))
        times = [began + second for second in self.seconds]
        return {
            path: tuple(Sample(time, value) for time, value in zip(times, values, strict=True))
            for path, (_, values) in self.series.items()
        }

    def as_json(self) -> dict[str, Any]:
        """Give what ``read_course`` reads back."""
        series = {
            path: {"unit": made.name or "count", "values": [None if one is None else float(one) for one in values]}
            for path, (made, values) in self.series.items()
        }
        return {"seconds": [float(second) for second in self.seconds], "series": series}


def read_course(kept: Any) -> Course:
    """Read a course of JSON whose numbers are decimals.

    Raises:
        CourseError: it is none.
    """
    if not isinstance(kept, dict) or not isinstance(kept.get("series"), dict):
        raise CourseError("its course has no seconds and series")
    seconds = _numbers(kept.get("seconds"), "seconds")
    times = [second for second in seconds if second is not None]
    if len(times) != len(seconds) or any(b <= a for a, b in pairwise(times)):
        raise CourseError("the seconds of its course do not rise")
    series = {}
    for path, item in kept["series"].items():
        values = _numbers(item.get("values") if isinstance(item, dict) else None, path)
        if len(values) != len(times):
            raise CourseError(f"its course has {len(times)} stretches and {len(values)} values of {path}")
        series[path] = (_unit(str(item.get("unit"))), values)
    return Course(tuple(times), series)


def _unit(name: str) -> Unit:
    try:
        return unit(name)
    except QuantityError:
        return UNKNOWN


def _numbers(values: Any, what: str) -> tuple[Decimal | None, ...]:
    if not isinstance(values, list) or not 0 < len(values) <= MOST:
        raise CourseError(f"its course has no list of 1 to {MOST} {what}")
    if not all(value is None or (isinstance(value, Decimal) and value.is_finite()) for value in values):
        raise CourseError(f"its course has {what} that are no numbers")
    return tuple(values)

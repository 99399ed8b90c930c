"""Make the course of a finished run: figures stretch by stretch, for drift and recovery."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.results.time_series import USERS, Course
from burnproof.loadtest.run.samples import percentile
from burnproof.model.measured import COUNT, MILLISECONDS, PER_SECOND, RATIO, UNKNOWN, unit_by_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from burnproof.loadtest.run.profile import Profile
    from burnproof.loadtest.run.samples import Outcome
    from burnproof.model.measured import Unit

MOST: Final = 240
"""Stretches of a course: an hour has one every 15 s, which tells a drift and fits into a record."""
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
FIRST_BYTE: Final = "metrics.first_byte_latency_ms.p95"
WATCHED: Final = "target/"
"""What is read from the target itself has this before its name."""


def step_of(seconds: float) -> float:
    """Give the length of a stretch: the shortest of a round length of which at most 240 make up the run."""
    return next((step for step in _STEPS if seconds / step <= MOST), math.ceil(seconds / MOST))


@dataclass(slots=True)
class _Stretch:
    """A stretch of a run: when it ended, how long it was, and what ended in it."""

    end: float
    length: float
    took: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    failed: int = 0
    in_time: int = 0

    @property
    def errors(self) -> float | None:
        """The share of what failed; None where nothing ended."""
        ended = len(self.took) + self.failed
        return self.failed / ended if ended else None


def course_of(profile: Profile, outcome: Outcome) -> Course:
    """Give the course of a run.

    A request belongs to the stretch in which it ended; what ended in the grace belongs to the last one, but not to
    its throughput. Latencies are of what succeeded. Users are the fewest that were active in the stretch.
    """
    found = _stretches(profile, outcome)
    ends = [one.end for one in found]
    series: dict[str, tuple[Unit, tuple[Decimal | None, ...]]] = {
        USERS: (COUNT, _exact(_folded(ends, outcome.users, min))),
        "response_time_p95": (MILLISECONDS, _exact(percentile(one.took, 0.95) for one in found)),
        "requests_per_second": (PER_SECOND, _exact(one.in_time / one.length for one in found)),
        "error_rate": (RATIO, _exact(one.errors for one in found)),
    }
    if profile.sessions is not None:
        series[FIRST_BYTE] = (MILLISECONDS, _exact(percentile(one.first_bytes, 0.95) for one in found))
    for name, seen in outcome.watched.items():
        series[WATCHED + name] = (gauge_unit(name), _exact(_folded(ends, seen, max)))
    return Course(tuple(Decimal(str(round(end, 3))) for end in ends), series)


def _stretches(profile: Profile, outcome: Outcome) -> list[_Stretch]:
    """Cut a run into stretches; what is left over at its end belongs to the last one."""
    lasted = max(min(outcome.seconds, profile.seconds), 0.001)
    step = step_of(profile.seconds)
    ends = [*(step * number for number in range(1, max(1, int(lasted / step)))), lasted]
    found = [_Stretch(end, end - start) for start, end in zip((0.0, *ends), ends, strict=False)]
    first_bytes = iter(outcome.samples.first_bytes)
    for at, took in zip(outcome.samples.ended, outcome.samples.took, strict=True):
        offset = at - outcome.began
        one = found[_place(ends, offset)]
        one.in_time += offset <= lasted
        if math.isnan(took):
            one.failed += 1
            continue
        one.took.append(took)
        # First bytes are noted session by session, beside the times of those that were completed.
        if (first := next(first_bytes, None)) is not None:
            one.first_bytes.append(first)
    return found


def _place(ends: Sequence[float], offset: float) -> int:
    """Give the number of the stretch that a moment belongs to; one after the last belongs to it."""
    return min(bisect_left(ends, offset), len(ends) - 1)


def _folded(
    ends: Sequence[float], seen: Iterable[tuple[float, float]], fold: Callable[[float, float], float]
) -> list[float | None]:
    """Give one value a stretch of (seconds, value) pairs; None where there was none."""
    found: list[float | None] = [None] * len(ends)
    for offset, value in seen:
        if offset <= ends[-1]:
            at = _place(ends, offset)
            before = found[at]
            found[at] = value if before is None else fold(before, value)
    return found


def gauge_unit(name: str) -> Unit:
    """Tell the unit of a gauge by its name, as Prometheus names them; what counts something has none."""
    found = unit_by_name(name)
    return COUNT if found is UNKNOWN else found


def _exact(values: Iterable[float | None]) -> tuple[Decimal | None, ...]:
    return tuple(None if value is None else Decimal(str(round(value, 6))) for value in values)

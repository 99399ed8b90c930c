"""Hold a result file: readings by path, the run they come from, and whether they can be trusted."""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.measured import UNKNOWN, Quantity, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_PERCENTILE: Final = re.compile(
    r"(?:(?:^|[^A-Za-z0-9])p\(?(\d{1,2}(?:\.\d+)?|100)\)?|(?:^|/)(\d{1,3}(?:\.\d+)?)%)$", re.IGNORECASE
)
_MEDIANS: Final = re.compile(r"(?:^|[^A-Za-z])(?:med|median|Median Response Time)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One number of a result.

    Attributes:
        value: The number, or None where the file has none that can be used.
        unit: Its unit.
        declared: Whether the format says the unit; False where only the name of the field suggests it.
        samples: How many observations are behind it, None where the file does not say.
        failures: How many of them failed, None where the file does not say.
        trouble: Why it must not be used, "" where nothing is wrong with it.
    """

    value: Decimal | None
    unit: Unit = UNKNOWN
    declared: bool = True
    samples: int | None = None
    failures: int | None = None
    trouble: str = ""

    @property
    def quantity(self) -> Quantity | None:
        """The number with its unit."""
        return None if self.value is None else Quantity(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Sample:
    """A moment of a run: seconds since the epoch, and the value then; None where there was none."""

    time: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Run:
    """What a file says of the run: what makes it comparable with another, and how much happened in it.

    Attributes:
        duration: Seconds.
        users: Concurrent users or sessions.
        requests: All requests or sessions, failed ones included.
        failures: The failed ones of them.
    """

    operation: str = ""
    environment: str = ""
    version: str = ""
    revision: str = ""
    timestamp: datetime | None = None
    duration: Decimal | None = None
    users: int | None = None
    requests: int | None = None
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One result file.

    Attributes:
        name: The file as the user named it.
        format: What kind of file it is, in words.
        readings: Path to number.
        run: What the file says of the run.
        fault: Why nothing in it may pass; "" where the file is sound.
        series: Path to its course over the run, where the file has one.
        ambiguous: Short paths that several readings share, with the full ones.
    """

    name: str
    format: str
    readings: Mapping[str, Reading] = field(default_factory=dict)
    run: Run = field(default_factory=Run)
    fault: str = ""
    series: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Tell whether the path names something here, usable or not."""
        return path in self.readings or path in self.ambiguous or path in self.series

    def near(self, path: str) -> tuple[str, ...]:
        """Give the paths that look most like one that is not there."""
        return tuple(difflib.get_close_matches(path, list(self.readings), n=3, cutoff=0.5))


def percentile_of(path: str) -> Decimal | None:
    """Read the percentile that a path names: ``Aggregated/99%``, ``x.p95``, ``x/p(99.9)``, ``x/med``."""
    if _MEDIANS.search(path):
        return Decimal(50)
    found = _PERCENTILE.search(path)
    if found is None:
        return None
    value = Decimal(found[1] or found[2])
    return value if 0 < value < 100 else None


def samples_needed(path: str) -> int:
    """Give the fewest samples of which a percentile is more than the extreme value: 100 for p99, 20 for p5 and p95.

    The q-th percentile of n values is one of its extremes as long as n (1 - q) < 1.
    """
    percentile = percentile_of(path)
    if percentile is None:
        return 1
    return math.ceil(100 / min(percentile, 100 - percentile))

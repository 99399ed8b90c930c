"""Text to exact quantities: durations, ratios and counts, as SREs write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import total_ordering

# Windows are named in days (7d, 28d, 30d) in the field's metric names, so weeks are read but never printed.
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


@total_ordering
@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in whole milliseconds, printed as Prometheus prints it (``1h30m``)."""

    ms: int

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.ms / 1000

    def __lt__(self, other: Duration) -> bool:
        return self.ms < other.ms

    def __str__(self) -> str:
        if self.ms == 0:
            return "0s"
        text, rest = "", self.ms
        for unit, size in _UNITS[1:]:
            count, rest = divmod(rest, size)
            text += f"{count}{unit}" if count else ""
        return text

"""What makes the input series of a proof: one feed for each way to measure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from burnproof.proofs.timeline import Timeline
    from burnproof.proofs.types import InputSeries


class LeftOut(Enum):
    """What is left out of the series of a story."""

    BAD = "bad"
    """Series that only bad events need, as where no error ever happened."""
    GOOD = "good"
    """Series that only good events need: they end where the first wholly bad stretch begins."""
    COUNTED = "counted"
    """Series that only what is counted needs, good or bad: they end likewise."""
    ONE_COUNTED = "one counted"
    """Those of the second instance alone: they end likewise."""
    TOTAL = "total"
    """A series of the total: what it counts is in what is counted alone. A stretch's share is how much that is."""
    RIGHT = "right"
    """The traffic of a comparison's right side."""
    CONDITION = "condition"
    """What a value's condition is about: there is as much of its bound as a stretch has of the usual traffic."""


@dataclass(frozen=True, slots=True)
class OthersHealthy:
    """Of a composite one member is as the story says, and the others are healthy."""

    member: str  # its id


@dataclass(frozen=True, slots=True)
class OthersGone:
    """Of a composite one member is as the story says, and the others have no data."""

    member: str  # its id


Without = LeftOut | OthersHealthy | OthersGone


class Feed(Protocol):
    """Makes input series of one SLI kind for one group (``()`` where the SLO has no groups)."""

    def series(self, story: Timeline, sample: int, *, without: Without | None = None) -> tuple[InputSeries, ...] | None:
        """Tell ``story`` with a sample every ``sample`` seconds; None where the kind cannot tell it, or not without."""

"""Count what happened in a span of time on a server; the live gate judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.model.quantities import Duration


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch of time that is judged; ``end`` in seconds since the epoch."""

    end: float
    length: Duration

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return self.length.seconds


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one group: how many were bad, of how many.

    Attributes:
        faults: Why the figures must not pass, as sentences.
        unsure: How many more bad ones there may be, each of them one more of the total.
        doubts: What the figures may lack, as sentences.
    """

    bad: float
    total: float
    faults: tuple[str, ...] = ()
    unsure: float = 0.0
    doubts: tuple[str, ...] = ()

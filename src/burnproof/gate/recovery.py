"""The course of a run to the longest stretch in which a bound was broken."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from burnproof.results.model import Sample


@dataclass(frozen=True, slots=True)
class Break:
    """The longest contiguous stretch out of bounds.

    Attributes:
        length: Seconds from the first bad sample to the next good one; 0 where all are good.
        open: Whether the last sample was bad, so that nobody knows when it would have recovered.
        samples: How many samples were looked at.
    """

    length: Decimal
    open: bool
    samples: int


def longest_break(course: Sequence[Sample], keeps: Callable[[Decimal], bool]) -> Break:
    """Find the longest stretch in which ``keeps`` is false.

    A moment without a value counts as bad once the run has begun: in an outage clients get nothing to measure.
    """
    ordered = sorted(course, key=lambda sample: sample.time)
    first = next((index for index, sample in enumerate(ordered) if sample.value is not None), len(ordered))
    began: Decimal | None = None
    longest = Decimal(0)
    for sample in ordered[first:]:
        bad = sample.value is None or not keeps(sample.value)
        if began is not None:
            longest = max(longest, sample.time - began)
        if not bad:
            began = None
        elif began is None:
            began = sample.time
    return Break(longest, began is not None, len(ordered) - first)

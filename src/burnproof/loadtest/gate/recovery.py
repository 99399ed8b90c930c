"""Find the longest stretch of a run in which a bound was broken."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from burnproof.loadtest.results.model import Sample


# How many sampling steps may pass between two samples; a load generator that is busy skips one.
_STEPS: Final = 3


@dataclass(frozen=True, slots=True)
class Break:
    """The longest contiguous stretch out of bounds.

    Attributes:
        length: Seconds from the first bad sample to the next good one; 0 where all are good.
        open: Whether the last sample was bad, so that nobody knows when it would have recovered.
        samples: How many samples had a value.
    """

    length: Decimal
    open: bool
    samples: int


def longest_break(course: Sequence[Sample], keeps: Callable[[Decimal], bool]) -> Break:
    """Find the longest stretch in which ``keeps`` is false.

    A moment without a value counts as bad, from the first one on, and so does a gap between samples: in an outage
    clients get nothing to measure.
    """
    ordered = sorted(course, key=lambda sample: sample.time)
    gap = _longest_step([sample.time for sample in ordered])
    began: Decimal | None = None
    before: Decimal | None = None
    longest = Decimal(0)
    for sample in ordered:
        if began is None and before is not None and sample.time - before > gap:
            began = before
        if began is not None:
            longest = max(longest, sample.time - began)
        if sample.value is not None and keeps(sample.value):
            began = None
        elif began is None:
            began = sample.time
        before = sample.time
    return Break(longest, began is not None, sum(sample.value is not None for sample in ordered))


def _longest_step(times: Sequence[Decimal]) -> Decimal:
    """Give the longest time between two samples that is no gap."""
    steps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    return _STEPS * median(steps) if steps else Decimal(0)

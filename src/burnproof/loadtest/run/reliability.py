"""Decide whether a run's figures may be trusted: delay of the load generator, and load that was not made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.loadtest.run.samples import percentile

if TYPE_CHECKING:
    from burnproof.loadtest.run.samples import Samples

FLOOR: Final = 10.0
SHARE: Final = 0.1
"""Milliseconds and share: lateness up to the larger of 10 ms and a tenth of the p95 measured is let pass."""
BUSY: Final = 0.9
"""Beyond this share of a core, Python is what is being measured; Locust itself warns there too."""


def distrust(
    samples: Samples, wanted_users: int, most_users: int, lost_workers: int, ramp: str = ""
) -> tuple[str, ...]:
    """List, as sentences, why the figures are not to be trusted.

    Args:
        samples: what was measured.
        wanted_users: at the height.
        most_users: that were ever active.
        lost_workers: which died on the way.
        ramp: why there cannot have been all users; see ``shortfall``.

    Every time that is measured contains the lateness of the process that measures it, so its p95 bounds what a p95
    can be wrong by.
    """
    reasons = []
    late = percentile(samples.delays, 0.95)
    measured = percentile(samples.first_bytes or samples.all_times(), 0.95)
    limit = max(FLOOR, SHARE * (measured or 0.0))
    if late is None:
        reasons.append("The load generator's own delay was not measured.")
    elif late > limit:
        reasons.append(f"The load generator was late by {late:.1f} ms at p95; {limit:.1f} ms are let pass.")
    if samples.busy > BUSY:
        reasons.append(f"The load generator used {samples.busy:.0%} of a core; use --workers, or a larger machine.")
    if most_users < wanted_users:
        reasons.append(f"Only {most_users} of {wanted_users} users were ever active.{ramp and f' {ramp}'}")
    if lost_workers:
        reasons.append(f"{lost_workers} workers were lost on the way.")
    return tuple(reasons)

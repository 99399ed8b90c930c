"""From presence to alert states: when an alert is pending and firing, over all steps at once or step by step.

The states are those of Prometheus' alerting rules: pending from the first step a label set is present, firing once it
has been so for `for`, kept firing through gaps shorter than `keep_firing_for`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from promrules.columns.values import Mask, Times


@dataclass(frozen=True, slots=True)
class AlertStates:
    """One alert over all steps.

    Attributes:
        active: pending or firing, shape `(steps,)`.
        firing: firing, kept firing included.
        since_ms: time since which it is active; meaningless where it is not.
    """

    active: Mask
    firing: Mask
    since_ms: Times


def runs(mask: Mask) -> tuple[list[int], list[int]]:
    """Give where each run of True begins, and the place behind its end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).view(np.int8)))
    return edges[::2].tolist(), edges[1::2].tolist()


def alert_states(present: Mask, times: Times, hold_ms: int, keep_ms: int) -> AlertStates:
    """Compute the states of one label set from its presence, in time proportional to its runs."""
    active, firing = present.copy(), np.zeros_like(present)
    since = np.zeros(len(times), dtype=np.int64)
    starts, ends = runs(present)
    kept_from_before = False
    began = 0
    for run, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if not kept_from_before:
            began = int(times[start])
        since[start:end] = began
        fires = start if kept_from_before else start + int(times[start:end].searchsorted(began + hold_ms))
        firing[fires:end] = True
        kept_from_before = False
        if fires < end and keep_ms > 0 and end < len(times):
            following = starts[run + 1] if run + 1 < len(starts) else len(times)
            lasts = int(times.searchsorted(times[end] + keep_ms))
            until = min(lasts, following)
            active[end:until] = firing[end:until] = True
            since[end:until] = began
            kept_from_before = lasts >= following
    return AlertStates(active, firing, since)


@dataclass(slots=True)
class LiveAlert:
    """The state of one alert while steps go by, for rules that cannot be computed in columns."""

    since_ms: int
    is_firing: bool = False
    absent_since_ms: int | None = None

    def step(self, now_ms: int, hold_ms: int, keep_ms: int, *, is_present: bool) -> bool:
        """Go to the next evaluation; give whether the alert is still active."""
        if is_present:
            self.absent_since_ms = None
        else:
            if not self.is_firing or keep_ms <= 0:
                return False
            if self.absent_since_ms is None:
                self.absent_since_ms = now_ms
            if now_ms - self.absent_since_ms >= keep_ms:
                return False
        if not self.is_firing and now_ms - self.since_ms >= hold_ms:
            self.is_firing = True
        return True

"""What each kind has: a function from a story to the series that tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from burnproof.proofs.timeline import Timeline
    from burnproof.proofs.types import InputSeries


class Feed(Protocol):
    """Makes input series of one SLI kind for one group (``()`` where the SLO has no groups)."""

    def series(self, story: Timeline, sample: int, *, without: str = "") -> tuple[InputSeries, ...] | None:
        """Tell ``story`` with a sample every ``sample`` seconds.

        ``without`` leaves out series: ``"bad"`` those that only bad events need, as where no error ever happened;
        ``"good"`` ends those that only good events need where the first wholly bad stretch begins, ``"counted"`` those
        that only what is counted needs, and ``"one counted"`` those of the second instance; a composite
        leaves bad ``"all but ID"``.
        None where the kind cannot tell such a story.
        """

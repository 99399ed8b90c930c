"""A scene: a story with its checks, before there are series; and the seconds that all scenes are told in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Slo,
    slice_of,
)
from burnproof.proofs.assertions import (
    is_near,
)
from burnproof.rules.measure import BASE
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from burnproof.proofs.series.feed import Without
    from burnproof.proofs.timeline import (
        Timeline,
    )
    from burnproof.proofs.types import AlertCheck, ExprCheck, InputSeries
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

MINUTE: Final = 60
GRIDS: Final = (60, 300, 900, 3600)
"""Seconds between evaluations that proofs may choose; each its own test file."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a scenario is asked about.

    Attributes:
        slo: the SLO that is proved.
        measure: how it is measured.
        groups: example groups, ``((),)`` where it has none; of some scenes the first alone suffers.
    """

    slo: Slo
    measure: Measure
    groups: tuple[Labels, ...]

    @property
    def group(self) -> Labels:
        """The first group."""
        return self.groups[0]


@dataclass(frozen=True, slots=True)
class Scene:
    """A story with its checks, before there are series: one unit test of one SLO."""

    name: str
    story: Timeline
    grid: int
    sample: int
    exprs: tuple[ExprCheck, ...]
    alerts: tuple[AlertCheck, ...] = ()
    without: Without | None = None
    decoys: bool = False  # whether series that no rule may read are there too
    near: bool = False  # whether there are raw series that no rule may read
    others: tuple[InputSeries, ...] = ()  # of another SLO, with what this one's rules wait for
    raw: bool = True  # whether the SLO's own raw series tell the story; otherwise there are the others alone
    tier: int | None = None  # which alert of the policy it is about; scenes of one alert stand together
    alike: bool = True  # all groups live through the same; otherwise the first suffers and the others stay healthy


def slice_seconds(slo: Slo) -> int:
    """Give the length of the SLO's slices, 0 for events."""
    length = slice_of(slo.indicator)
    return 0 if length is None else length.ms // 1000


def sample_seconds(slo: Slo, grid: int = MINUTE) -> int:
    """Choose the seconds between samples: those between scrapes, or fewer where a slice or a window is too short."""
    length, scrape = slice_seconds(slo), slo.scrape.ms // 1000
    read = [min(tier.long, tier.short or tier.long).ms for tier in slo.policy.tiers]
    shortest = length or min(read, default=BASE.ms) // 1000
    if scrape and 2 * scrape <= shortest and grid % scrape == 0:
        return scrape
    if length:
        return max(1, min(length // 4, grid, 300))
    return max((step for step in (1, 5, 10, 15, 30, 60) if step <= min(grid, shortest // 4)), default=1)


def every_ratio(
    slo: Slo, measure: Measure, groups: tuple[Labels, ...], value: float, end: int
) -> tuple[ExprCheck, ...]:
    """Check the error ratio of every window and group against one value."""
    return tuple(
        is_near(slo, naming.error_ratio(window), value, end, group)
        for window in windows(slo, measure)
        for group in groups
    )

"""A comparison of which only one side moves: a slice like any other, and a bad one where it is the right side."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Compare,
    Slo,
)
from burnproof.proofs.assertions import (
    is_near,
)
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
    round_up,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.types import Labels

_GRID: Final = 5 * MINUTE
_SLOW: Final = Decimal("0.25")  # events per second


def scenes(case: Case) -> Iterator[Scene]:
    """Tell both stories of a comparison."""
    if isinstance(case.slo.indicator, Compare):
        yield _drained(case.slo, case.groups)
        yield _neglected(case.slo, case.groups)


def _drained(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """The right side rests while the left one moves, as when a backlog is worked off: a slice like any other."""
    end = round_up(max(15 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, rate=_SLOW),))
    checks = tuple(is_near(slo, naming.SLICE_TOTAL, 1, end, group) for group in groups)
    return Scene(
        "a left side that moves alone is judged", story, _GRID, sample_seconds(slo), checks, without=LeftOut.RIGHT
    )


def _neglected(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """The right side moves a little and the left one never: the slice is bad."""
    end = round_up(max(15 * MINUTE, 2 * slice_seconds(slo)), _GRID)
    story = Timeline((Stretch(end, share=Decimal(1), rate=_SLOW),))
    checks = tuple(is_near(slo, naming.SLICE_ERRORS, 1, end, group) for group in groups)
    title = "a right side that moves alone is bad"
    return Scene(title, story, _GRID, sample_seconds(slo), checks, without=LeftOut.GOOD, decoys=True)

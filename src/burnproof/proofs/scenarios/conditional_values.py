"""A value whose condition just holds is judged, one whose condition just fails is not."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Slo,
    Threshold,
)
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import (
    is_near,
    is_nothing,
)
from burnproof.proofs.scenarios.slices import Clock, clock_of
from burnproof.proofs.scene import Case, Scene
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.series.value_solver import has_quick_condition
from burnproof.proofs.timeline import (
    EVENTS_PER_SECOND,
    Stretch,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.types import Labels

_BAD: Final = Decimal(1)


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a value with a condition."""
    slo, clock = case.slo, clock_of(case.slo)
    indicator = slo.indicator
    if isinstance(indicator, Threshold) and clock and has_quick_condition(indicator.value, indicator.slice):
        yield _conditional(slo, clock, case.group)


def _conditional(slo: Slo, clock: Clock, group: Labels) -> Scene:
    """A value whose condition just holds is judged, one whose condition just fails is not."""
    length = clock.length
    holds, fails = (EVENTS_PER_SECOND * part for part in (tolerances.CONDITION.more, tolerances.CONDITION.less))
    story = Timeline((Stretch(2 * length, _BAD, holds), Stretch(length, _BAD, fails), Stretch(length, _BAD, holds)))
    checks = [is_near(slo, naming.SLICE_TOTAL, 1, length * number, group) for number in (2, 4)]
    checks.append(is_nothing(slo, naming.SLICE_VALUE, length * 3, group))
    title = "a value without its condition is no verdict"
    return Scene(
        title, story, clock.grid, clock.sample, tuple(checks), without=LeftOut.CONDITION, decoys=True, alike=False
    )

"""Too few observations in a slice are no verdict."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Quantile,
    Slo,
)
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import (
    is_beyond,
    is_nan,
    is_near,
    is_nothing,
)
from burnproof.proofs.scenarios.slices import Clock, clock_of
from burnproof.proofs.scene import GRIDS, Case, Scene
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.types import Labels

_BAD: Final = Decimal(1)


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a quantile with ``min_events``."""
    slo, clock = case.slo, clock_of(case.slo)
    if isinstance(slo.indicator, Quantile) and slo.min_events is not None and clock is not None:
        yield _few(slo, slo.min_events, clock, case.group)


def _few(slo: Slo, least: Decimal, clock: Clock, group: Labels) -> Scene:
    """A little fewer than ``min_events`` observations in a slice are no verdict, a little more are one.

    Then data vanish in the middle of a slice, which still has its value, not a number; the next one has none.
    """
    fewer, enough = (least * part / clock.length for part in (tolerances.SLICE_GUARD.less, tolerances.SLICE_GUARD.more))
    length = clock.length
    half = length // clock.sample // 2 * clock.sample
    story = Timeline((Stretch(2 * length, _BAD, enough), Stretch(length, _BAD, fewer), Stretch(length, _BAD, enough)))
    story = story.then(Stretch(half, _BAD, fewer), Stretch(2 * length - half, rate=None))
    checks = [is_near(slo, naming.SLICE_TOTAL, 1, length * number, group) for number in (2, 4)]
    if isinstance(slo.indicator, Quantile):
        bound = slo.indicator.bound
        checks += [is_beyond(slo, naming.SLICE_VALUE, bound, 1, length * number, group) for number in (2, 4)]
    checks += [is_nan(slo, naming.SLICE_VALUE, length * number, group) for number in (3, 5)]
    # At the very end of a slice a closed range holds the one before it, too: looked at a little later.
    grid = max((choice for choice in GRIDS if length % choice == 0 and choice < length), default=length // 2)
    if slo.no_traffic == "ignore":
        checks.append(is_nothing(slo, naming.SLICE_TOTAL, length * 3 + grid, group))
    checks.append(is_nothing(slo, naming.SLICE_VALUE, length * 6, group))
    title = f"fewer than {least} observations in a slice are no verdict"
    return Scene(title, story, grid, clock.sample, tuple(checks), decoys=True, alike=False)

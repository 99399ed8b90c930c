"""Proofs for histograms without the bucket at their bound: no figure is made of that time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs.assertions import is_absent, is_beyond, is_near
from burnproof.proofs.prediction import counts_per_second
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.series.given import given
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.rules.kinds.events import is_classic
from burnproof.rules.measure import BASE, HOUR
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.naming import Side
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_GRID = 4 * MINUTE
_LOST, _LOOKED = 132 * MINUTE, 136 * MINUTE
_AGO: Final = (1790, 1810)
_SIDES: Final[tuple[Side, Side]] = ("errors", "total")


def scenes(case: Case) -> Iterator[Scene]:
    """Yield the scenes of histograms whose bucket is missing, or was a while ago."""
    slo, measure, groups = case.slo, case.measure, case.groups
    recorded = any(one.name == naming.MISSING for one in measure.records)
    if not is_classic(slo.indicator) or not recorded or slo.query_offset is not None or not counts_per_second(slo):
        return
    for without in (LeftOut.COUNTED, LeftOut.ONE_COUNTED):
        yield _lost_scene(slo, measure, without, groups)
    for grid in _AGO:
        yield _ago_scene(slo, measure, grid, groups[0])


def _lost_scene(slo: Slo, measure: Measure, without: LeftOut, groups: tuple[Labels, ...]) -> Scene:
    """After two hours the bucket is gone, of all series or of one, while the count goes on."""
    story = Timeline((Stretch(_LOST), Stretch(_LOOKED - _LOST, share=Decimal(1))))
    pair = measure.pair
    names = [naming.TOTAL, naming.ERRORS]
    for side in _SIDES:
        names.append(naming.tile(side, BASE))
        if pair is not None and pair.long == HOUR:
            names += [naming.tile(side, HOUR), naming.tile(side, HOUR, again=True)]
    names += [naming.error_ratio(window) for window in windows(slo, measure) if measure.ratio(window) is not None]
    checks = (
        *(is_absent(slo, name, _LOOKED) for name in names),
        *(is_beyond(slo, naming.MISSING, Decimal(0), 1, _LOOKED, group) for group in groups),
    )
    sample = sample_seconds(slo, _GRID)
    title = (
        f"no figure is made of a histogram {'without its' if without is LeftOut.COUNTED else 'that lacks one'} bucket"
    )
    return Scene(title, story, _GRID, sample, checks, without=without, near=True, alike=True)


def _ago_scene(slo: Slo, measure: Measure, grid: int, group: Labels) -> Scene:
    """A bucket was missing at one evaluation: windows that hold it have no ratio, others have one."""
    spans = [window for window in windows(slo, measure) if measure.ratio(window) is not None and window > BASE]
    began = 13
    last = max((window.ms // 1000 // grid for window in spans), default=1) + 2
    checks = []
    for window in spans:
        held = (window.ms // 1000 - 1) // grid
        metric = naming.error_ratio(window)
        if held:
            checks.append(is_absent(slo, metric, (began + held) * grid))
        checks.append(is_near(slo, metric, 0, (began + held + 1) * grid, group))
    story = Timeline((Stretch((began + last) * grid),))
    missing = given(slo, naming.MISSING, group, [None] * began * (grid // 10) + [1.0])
    title = "a bucket that was missing is remembered for as long as the window"
    return Scene(title, story, grid, 10, tuple(checks), others=(missing,), alike=True)

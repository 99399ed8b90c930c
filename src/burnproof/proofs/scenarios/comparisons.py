"""Prove a comparison: what is tolerated, when a loss is found, what catches up, and few events."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Compare
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import is_near
from burnproof.proofs.scenarios.slices import clock_of
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.timeline import Stretch, Timeline, round_up
from burnproof.rules.query_terms import counts_per_second

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.types import Labels

_FEW = Decimal(25)  # events in a window, of which chance explains five
_STOPS = Decimal(1)


def scenes(case: Case) -> Iterator[Scene]:
    """Yield what is to be proved of a comparison in slices; times are those of the verdicts."""
    slo, indicator, group = case.slo, case.slo.indicator, case.group
    if not isinstance(indicator, Compare) or not indicator.tolerance or clock_of(slo) is None:
        return
    yield _tolerated(slo, indicator, group)
    length, over = indicator.slice.ms // 1000, indicator.judged_over(slo.scrape).ms // 1000
    if over >= 4 * length:
        yield _builds_up(slo, indicator, group)
    if indicator.lag_at(slo.scrape) >= indicator.slice:
        yield _catches_up(slo, indicator, group)
    if counts_per_second(indicator.right) and indicator.tolerance < Decimal("0.15"):
        yield _few_events(slo, indicator, group)


def _settled(slo: Slo, indicator: Compare) -> int:
    """Give the seconds after which all that a verdict reads is of one stretch."""
    length = indicator.slice.ms // 1000
    over, late = (span(slo.scrape).ms // 1000 for span in (indicator.judged_over, indicator.judged_after))
    return round_up(over + 2 * late + 2 * length, round_up(5 * MINUTE, length))


def _scene(slo: Slo, title: str, story: Timeline, verdicts: tuple[tuple[int, int], ...], group: Labels) -> Scene:
    checks = tuple(is_near(slo, naming.SLICE_ERRORS, verdict, at, group) for at, verdict in verdicts)
    return Scene(title, story, MINUTE, sample_seconds(slo), checks, decoys=True, alike=False)


def _tolerated(slo: Slo, indicator: Compare, group: Labels) -> Scene:
    """A little less than the tolerance is good, for ever; a little more is bad."""
    lasts = _settled(slo, indicator)
    less, more = (indicator.tolerance * part for part in (tolerances.TOLERATED.less, tolerances.TOLERATED.more))
    story = Timeline((Stretch(lasts, less), Stretch(lasts, more)))
    return _scene(slo, "left fails by more than the tolerance", story, ((lasts, 0), (2 * lasts, 1)), group)


def _builds_up(slo: Slo, indicator: Compare, group: Labels) -> Scene:
    """Twice the tolerance is bad once it fills half of the window: not two slices before, but two slices after."""
    lasts, length = _settled(slo, indicator), indicator.slice.ms // 1000
    half = round_up(indicator.judged_over(slo.scrape).ms / 2000, length)
    story = Timeline((Stretch(lasts), Stretch(half + 3 * length, 2 * indicator.tolerance)))
    checks = ((lasts + half - 2 * length, 0), (lasts + half + 2 * length, 1))
    return _scene(slo, "a loss is bad once the window has enough of it", story, checks, group)


def _catches_up(slo: Slo, indicator: Compare, group: Labels) -> Scene:
    """Left stops for a slice and makes up for it in the next one: nothing is lost. Then it stops and does not."""
    lasts, length = _settled(slo, indicator), indicator.slice.ms // 1000
    story = Timeline((Stretch(lasts), Stretch(length, _STOPS), Stretch(length, catch_up=_STOPS), Stretch(lasts)))
    stops = story.end + length
    story = story.then(Stretch(length, _STOPS), Stretch(2 * length))
    checks = ((lasts + length, 0), (stops, 1), (stops + 2 * length, 0))
    return _scene(slo, "what is late is not lost", story, checks, group)


def _few_events(slo: Slo, indicator: Compare, group: Labels) -> Scene:
    """Of 25 events four may be missing by chance, six may not."""
    lasts = _settled(slo, indicator)
    rate = _FEW * 1000 / indicator.judged_over(slo.scrape).ms
    story = Timeline((Stretch(lasts, Decimal(4) / _FEW, rate), Stretch(lasts, Decimal(6) / _FEW, rate)))
    return _scene(slo, "few events are missing by chance", story, ((lasts, 0), (2 * lasts, 1)), group)

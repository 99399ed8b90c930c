"""Prove that each window counts an event for exactly its length, wherever it falls between two scrapes.

One burst, within a single scrape, stands at the very beginning of an hour, which is the beginning of a five-minute tile
too: there a range that is one scrape too short loses it. Every window is looked at twice: at the last evaluation at
which it must hold the burst, and at the first at which it must not.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.proofs.assertions import is_between, is_near
from burnproof.proofs.prediction import counts_per_second, shape_of
from burnproof.proofs.scene import Case, Scene
from burnproof.proofs.series.replicas import dedup_labels
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline, round_up
from burnproof.proofs.views import is_raw, seen
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import DAY, HOUR, RAW
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.proofs.prediction import Shape
    from burnproof.proofs.types import ExprCheck
    from burnproof.proofs.views import View
    from burnproof.rules.types import Labels


def scenes(case: Case) -> Iterator[Scene]:
    """Yield a scene for the windows of each length; none where traffic cannot rest, for there no burst can be told."""
    slo, measure, group = case.slo, case.measure, case.group
    shape = shape_of(slo, measure)
    if not shape.rests:
        return
    least = 0
    for most, grid in _GRIDS:
        spans = [span for span in windows(slo, measure) if least < span.ms // 1000 <= most]
        least = most
        if spans and spans[0].ms >= 2 * slo.scrape.ms:
            yield _scene(slo, shape, spans, grid, group)


def _scene(slo: Slo, shape: Shape, spans: list[Duration], grid: int, group: Labels) -> Scene:
    """Let one burst come, and look at each window before and after it forgets it."""
    begin, longest = 2 * _HOUR, spans[-1].ms // 1000
    # Long windows need no more samples than they have tiles: a range that is too short loses one all the same.
    wanted = shape.base if longest > 2 * _HOUR else shape.scrape
    sample = wanted if wanted % shape.scrape == 0 and grid % wanted == 0 else grid
    view = shape.view(grid, sample)
    forgotten = begin + longest + (2 * _HOUR if longest >= DAY.ms // 1000 else 0)
    rate = EVENTS_PER_SECOND
    burst = Stretch(sample, _BAD, rate * sample)
    story = Timeline((Stretch(begin, rate=rate), burst, Stretch(round_up(forgotten, grid) + 3 * grid - begin - sample)))
    checks = [check for span in spans for check in _around(slo, view, story, span, group)]
    if grid == _GRIDS[0][1] and counts_per_second(slo):
        checks += _tiles(slo, shape, story, begin, group)
    title = f"{', '.join(map(str, spans))}: an event counts for as long as the window"
    return Scene(title, story, grid, sample, tuple(checks), alike=False)


def _around(slo: Slo, view: View, story: Timeline, span: Duration, group: Labels) -> Iterator[ExprCheck]:
    """Look at a window when it must have seen the burst, when it must hold it still, and when no longer."""
    sides = [seen(view, story).window(span.ms // 1000, closed=closed) for closed in (False, True)]
    held = np.logical_and.reduce([side.bad > 0 for side in sides])
    gone = np.logical_and.reduce([side.bad == 0 for side in sides])
    if not held.any():
        return
    first, last = (int(number) for number in np.flatnonzero(held)[[0, -1]])
    metric = naming.error_ratio(span)
    for number in sorted({first, last}):
        time = number * view.grid
        ratios = [float(side.bad[number] / side.total[number]) for side in sides]
        ratios += [_with_late_replica(ratio, view, time) for ratio in ratios if _is_late(slo, view, span, time)]
        yield is_between(slo, metric, min(ratios), max(ratios), time, group)
    if is_raw(view, span.ms // 1000) and _is_guarded(slo, span):
        whole = [float(side.total[last]) * float(weight_of(slo)) for side in sides]
        # A range that holds one sample more takes what it holds for all of that.
        least = min(whole) * span.ms / (span.ms + 1000 * view.sample)
        yield is_between(slo, naming.summed("total", span), least, max(whole), last * view.grid, group)
    after = np.flatnonzero(gone[last:])
    if len(after):
        yield is_near(slo, metric, 0, (last + int(after[0])) * view.grid, group)


def _is_late(slo: Slo, view: View, span: Duration, time: int) -> bool:
    """Tell whether a raw window reaches back to before a replica of the scrape began."""
    return bool(dedup_labels(slo)) and is_raw(view, span.ms // 1000) and time < span.ms // 1000


def _with_late_replica(ratio: float, view: View, time: int) -> float:
    """Give a ratio as the replica has it that began halfway to the burst.

    A rate goes on for half a scrape before its first sample, which is a larger part of what that replica saw.
    """
    more = 1 + view.sample / (2 * (time - _HOUR))
    return ratio * more / (ratio * more + 1 - ratio)


def _is_guarded(slo: Slo, span: Duration) -> bool:
    """Tell whether an alert asks for a least number of events in a window."""
    return slo.min_events is not None and counts_per_second(slo) and any(t.long == span for t in slo.policy.tiers)


def _tiles(slo: Slo, shape: Shape, story: Timeline, begin: int, group: Labels) -> Iterator[ExprCheck]:
    """Look at the tiles of five minutes and of an hour whose first scrape has the burst, and at those after them."""
    weight = float(weight_of(slo))
    for length, again in ((shape.base, False), (shape.tile, False), (shape.tile, True)):
        if not length or (again and begin + 2 * length > story.end):
            continue
        for number in (1, 2):
            time = begin + (number + again) * length
            if time > story.end:
                continue
            bad, _ = story.amounts(time - (1 + again) * length, time - again * length)
            name = naming.tile("errors", Duration(length * 1000), again=again)
            # A closed range holds one scrape more, and takes what it holds for all of that.
            least = bad * weight / (length + shape.scrape)
            yield is_between(slo, name, least, bad * weight / length, time, group)


_BAD: Final = Decimal(1)
_HOUR: Final = HOUR.ms // 1000
# Windows of one length are looked at on one grid: (up to so many seconds, seconds between two evaluations).
_GRIDS: Final = ((2 * _HOUR, 60), (RAW.ms // 1000, 300), (DAY.ms // 1000 - 1, 300), (4 * DAY.ms // 1000, 900))

"""Prove what each window holds some minutes after bad events end; no two windows hold as much."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import is_between
from burnproof.proofs.timeline import Stretch
from burnproof.proofs.views import ratios
from burnproof.rules.measure import HOUR
from burnproof.rules.recording import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.proofs.timeline import Timeline
    from burnproof.proofs.types import ExprCheck
    from burnproof.proofs.views import View
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

_MINUTE = 60
_LONGEST = 30 * _MINUTE  # after the end of bad events: more takes too many evaluations


def recovery_checks(
    slo: Slo, measure: Measure, story: Timeline, view: View, group: Labels
) -> Iterator[tuple[int, ExprCheck]]:
    """Yield what is seen after a story in which all was bad at last, each with the seconds from its end."""
    if measure.pair is None or (view.slices and view.base % _MINUTE):
        return
    healed = story.then(Stretch(_LONGEST))
    for window in windows(slo, measure):
        after = _telling_time(view, healed, story.end, window.ms // 1000)
        if after is not None:
            seen = ratios(view, healed, window.ms // 1000, story.end + after)
            yield after, is_between(slo, naming.error_ratio(window), min(seen), max(seen), story.end + after, group)


@lru_cache(maxsize=4096)  # outages are alike wherever policy and objective are
def _telling_time(view: View, healed: Timeline, end: int, window: int) -> int | None:
    """Find how long after the end a window sees clearly less or more than one of half or twice its length."""
    if window > HOUR.ms // 1000 or window > end:
        return None
    for after in range(_MINUTE, min(window, _LONGEST), _MINUTE):
        mine = ratios(view, healed, window, end + after)
        others = [ratios(view, healed, other, end + after) for other in (window // 2, 2 * window) if other <= end]
        if mine and all(_differ(mine, other) for other in others):
            return after
    return None


def _differ(mine: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether a window cannot read what another one reads, however ranges are closed."""
    return not other or max(mine) * tolerances.APART < min(other) or max(other) * tolerances.APART < min(mine)

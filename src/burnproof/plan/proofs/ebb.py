"""What windows say some time after bad events end: each has forgotten a part of them, and no other window so much."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.plan.measure import HOUR
from burnproof.plan.proofs.checks import is_between, tier_silent
from burnproof.plan.proofs.timeline import Stretch, round_up
from burnproof.plan.rules import windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model import Slo
    from burnproof.plan.measure import Measure
    from burnproof.plan.proofs.timeline import Timeline
    from burnproof.plan.types import ExprCheck, Labels

_MINUTE = 60
_LONGEST = 30 * _MINUTE  # an ebb, and a window looked at: more takes too many evaluations
_APART = 1.1  # by which factor what another window sees has to differ

_Bad = tuple[float, float]
"""Seconds of bad events and of all events in a window."""


def ebb_checks(
    slo: Slo, measure: Measure, story: Timeline, sample: int, group: Labels
) -> Iterator[tuple[int, ExprCheck]]:
    """Yield what is seen after a story in which all was bad at last, each with the seconds from its end.

    ``sample`` is below 0 where the samples of a gauge are counted, and not the rises of a counter.
    """
    pair = measure.pair
    length = pair.base.ms // 1000 if pair is not None and pair.slices else 0
    if pair is None or length % _MINUTE:
        return
    healed = story.then(Stretch(_LONGEST))
    for window in windows(slo, measure):
        after = _telling_time(healed, story.end, window.ms // 1000, length, sample)
        if after is not None:
            seen = [bad / total for bad, total in _seen(healed, window.ms // 1000, story.end + after, length, sample)]
            metric = naming.error_ratio(window)
            yield after, is_between(slo, metric, min(seen), max(seen), story.end + after, group)
    for tier in slo.policy.tiers:
        if tier.short is None or tier.short.ms // 1000 > _LONGEST // 3 or tier.keep_firing is not None:
            continue
        after = round_up(tier.short.ms // 1000 + max(length, _MINUTE), length or _MINUTE) + _MINUTE
        yield after, tier_silent(slo, tier, story.end + after)


@lru_cache(maxsize=4096)  # outages are alike wherever policy and objective are
def _telling_time(healed: Timeline, end: int, window: int, length: int, sample: int) -> int | None:
    """Find how long after the end a window sees clearly less or more than one of half or twice its length."""
    if window > HOUR.ms // 1000 or window > end:
        return None
    for after in range(_MINUTE, min(window, _LONGEST), _MINUTE):
        mine = _seen(healed, window, end + after, length, sample)
        others = [
            _seen(healed, other, end + after, length, sample) for other in (window // 2, 2 * window) if other <= end
        ]
        if mine and all(_differ(mine, other) for other in others):
            return after
    return None


def _differ(mine: tuple[_Bad, ...], other: tuple[_Bad, ...]) -> bool:
    """Tell whether neither errors nor total could be those of the other window, however windows are closed."""
    if not other:
        return True
    return all(
        max(one) * _APART < min(two) or max(two) * _APART < min(one)
        for one, two in zip(zip(*mine, strict=True), zip(*other, strict=True), strict=True)
    )


@lru_cache(maxsize=4096)
def _seen(story: Timeline, window: int, time: int, length: int, sample: int) -> tuple[_Bad, ...]:
    """Give what a left-open and a closed window hold; none where one of them may hold no slice at all."""
    if not length:
        # The rise up to its first sample a left-open window has to guess; of a gauge a closed one has a sample more.
        return tuple((story.mean(begin, time) * window, window) for begin in (time - window + sample, time - window))
    last = time // length * length
    firsts = ((time - window) // length * length + length, round_up(time - window, length))
    held = [last - first + length for first in firsts]
    return tuple((story.mean(last - some, last) * some, some) for some in held) if min(held) > 0 else ()

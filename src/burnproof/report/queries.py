"""Write the PromQL of a report: the sums that the rules make, for all SLOs at once.

Every query selects by ``slo_service``; what belongs to which SLO is told apart by ``slo_id`` in the answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.rules.measure import DAY, GRACE, SLOW_INTERVAL, read_tile, uses_hours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.report.periods import Span
    from burnproof.rules.measure import Pair

SIDE: Final = "burnproof_series"
"""The label that tells the recorded series apart once a function has dropped their names."""
BASE_SECONDS: Final = 300  # what presence is counted in: recorded series are looked for in steps of five minutes
_MATCHER_LENGTH: Final = 2000  # VictoriaMetrics takes 16 KiB a query, and some hold the matcher seven times
_CHART_POINTS: Final = 750
_BUCKETS: Final = (300, 900, 3600, 3 * 3600, 6 * 3600, 86_400)
_FINE_POINTS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading a pair.

    Attributes:
        errors: the recorded series of bad ones.
        total: the recorded series of all.
        tile: seconds between two samples that are added up.
        weight: how many events a sample of 1 stands for.
    """

    errors: str
    total: str
    tile: int
    weight: float

    @property
    def sides(self) -> tuple[str, str]:
        """Name errors and total in answers: series of one name may be read in tiles of several lengths."""
        return side(self.errors, self.tile), side(self.total, self.tile)


def side(name: str, tile: int) -> str:
    """Name a series that is read in tiles of so many seconds."""
    return f"{name}@{tile}"


def reading(pair: Pair, window: Duration) -> Reading:
    """Read a pair over a window as the rules do."""
    if uses_hours(pair, window) and pair.long is not None:
        errors, total = naming.tile("errors", pair.long), naming.tile("total", pair.long)
        return Reading(errors, total, pair.long.ms // 1000, float(pair.long_weight))
    return _fine(pair)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a span that is read in one way; seconds since the epoch, its start left out."""

    way: Reading
    start: int
    end: int


def parts(pair: Pair, span: Span, now: int) -> tuple[Part, ...]:
    """Divide a span into whole hours that are closed, and what stands before and after them in tiles.

    An hour is closed once its tile was recorded for sure; rules are evaluated every few minutes.
    """
    whole, fine = reading(pair, Duration(span.seconds * 1000)), _fine(pair)
    if whole == fine:
        return (Part(fine, span.start, span.end),)
    closed = min(span.end, now - (GRACE.ms + SLOW_INTERVAL.ms) // 1000) // whole.tile * whole.tile
    opened = -(-span.start // whole.tile) * whole.tile
    found = (Part(fine, span.start, opened), Part(whole, opened, closed), Part(fine, closed, span.end))
    return tuple(part for part in found if part.start < part.end)


def chart_reading(pair: Pair, seconds: int) -> Reading:
    """Read a pair for a chart: finely over up to two days, else as the rules do."""
    return _fine(pair) if seconds <= 2 * DAY.ms // 1000 else reading(pair, Duration(seconds * 1000))


def fine_reading(pair: Pair, seconds: int) -> Reading:
    """Read a pair as finely as it was recorded, unless the span is too long for that."""
    tiles = seconds * 1000 // pair.base.ms
    return _fine(pair) if tiles <= _FINE_POINTS else reading(pair, Duration(max(seconds * 1000, DAY.ms)))


def _fine(pair: Pair) -> Reading:
    return Reading(pair.errors, pair.total, pair.base.ms // 1000, float(pair.weight))


def bucket(seconds: int, tile: int) -> int:
    """Choose the length of a chart's buckets: whole tiles, and few enough of them to be drawn."""
    least = max(seconds / _CHART_POINTS, tile, BASE_SECONDS)
    nice = next((length for length in _BUCKETS if length >= least and length % tile == 0), 0)
    return nice or tile * -(-int(least) // tile)


def matchers(services: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give matchers that together select the services, each short enough, and the services that each selects."""
    chosen: list[str] = []
    length = 0
    for service in sorted(set(services)):
        size = len(_quoted(re.escape(service)))
        if chosen and length + size > _MATCHER_LENGTH:
            yield _matcher(chosen), tuple(chosen)
            chosen, length = [], 0
        chosen.append(service)
        length += size
    if chosen:
        yield _matcher(chosen), tuple(chosen)


def _matcher(services: Sequence[str]) -> str:
    if len(services) == 1:
        return f"{naming.SERVICE}={_quoted(services[0])}"
    return f"{naming.SERVICE}=~{_quoted('|'.join(map(re.escape, services)))}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def union(parts: Iterable[tuple[str, str]]) -> str:
    """Ask for several vectors in one query, each marked with the name of what it was made of."""
    return "\nor\n".join(f'label_replace({expr}, "{SIDE}", "{name}", "", "")' for name, expr in parts)


def sums(readings: Iterable[Reading], window: int, matcher: str) -> str:
    """Add up both sides of pairs over a window of seconds."""
    series = sorted({(name, way.tile) for way in readings for name in (way.errors, way.total)})
    return union((side(name, tile), summed(name, tile, window, matcher)) for name, tile in series)


def summed(name: str, tile: int, window: int, matcher: str) -> str:
    """Add up the tiles of one series; a window of one tile is that tile.

    The range is a second shorter than the window: before Prometheus 3 ranges hold both of their ends.
    """
    read = tile_of(name, tile, matcher)
    reach = Duration((window - 1) * 1000)
    return read if window == tile else f"sum_over_time({read}[{reach}:{Duration(tile * 1000)}])"


def counted(per: Duration, matcher: str) -> str:
    """Select what the trailing windows of counts hold."""
    return f"{naming.count_over(per)}{{{matcher}}}"


def tile_of(name: str, tile: int, matcher: str) -> str:
    """Read the tile that ends at the time of the query, a multiple of its length."""
    return f"({read_tile(f'{name}{{{matcher}}}', Duration(tile * 1000))})"


def presence(names: Iterable[str], window: int, matcher: str) -> str:
    """Count in how many steps of five minutes each series was there, whatever its value."""
    return union((name, f"count_over_time({name}{{{matcher}}}[{Duration(window * 1000)}:5m])") for name in names)


def burning(way: Reading, matcher: str) -> str:
    """Give the error ratio wherever and whenever it is above the budget."""
    budget = f"max by ({naming.ID}) ({naming.ANCHOR}{{{matcher}}})"
    errors, total = (tile_of(name, way.tile, matcher) for name in (way.errors, way.total))
    return f"{errors} / ({total} > 0) > on ({naming.ID}) group_left () {budget}"


def burnt(way: Reading, matcher: str) -> str:
    """Give the errors wherever and whenever their ratio is above the budget."""
    return f"{tile_of(way.errors, way.tile, matcher)} and ({burning(way, matcher)})"


def bad_slices(way: Reading, matcher: str) -> str:
    """Give the number of bad slices, where there are any."""
    return f"{tile_of(way.errors, way.tile, matcher)} > 0"


def firing(matcher: str) -> str:
    """Select the alerts that fire."""
    return f'ALERTS{{{matcher},alertstate="firing"}}'


def state(matcher: str) -> str:
    """Select what the rules themselves say of budget, burn and the windows of alerts."""
    return f'{{__name__=~"{naming.BUDGET_REMAINING}|{naming.CURRENT_BURN_RATE}|{naming.COVERED}.+",{matcher}}}'

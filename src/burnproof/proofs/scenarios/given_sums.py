"""Proofs of sums alone: the tiles that long windows add up are given, hour by hour, some of them with gaps around them.

Each hour that matters has a power of two, so that a sum tells which hours are in it, and how often. A ruler that was
down leaves a tile recorded soon after its hour alone, or late, or only once more an hour after: it counts all the same.
The hours at both edges of each window are among them. Then the sums are given, and what is made of them is looked at:
ratios with and without what is open, and the budget of a period of which little is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs.assertions import at
from burnproof.proofs.scene import MINUTE, Case, Scene
from burnproof.proofs.series.given import given, is_free
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.proofs.types import ExprCheck
from burnproof.rules.calendars import calendar_of
from burnproof.rules.measure import BASE, DAY, HOUR, uses_hours
from burnproof.rules.periods import period, period_ratio, reads_raw
from burnproof.rules.recording import identity_labels, sorted_labels, windows
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.naming import Side
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure, Pair
    from burnproof.rules.types import Labels

_HOUR, _DAY, _BASE = HOUR.ms // 1000, DAY.ms // 1000, BASE.ms // 1000
_SIDES: Final[tuple[Side, Side]] = ("errors", "total")
_GRID = 61 * _HOUR + 30 * MINUTE  # an odd multiple is half an hour after an hour, clear of the edge of any window
_APART = 4 * MINUTE  # between samples: the second of an hour is soon after its end, the last one in its last minutes
_OPEN_AT, _OPEN_APART = 26 * _HOUR + 52 * MINUTE + 30, 30
# At the first of one grid, rules ran just two days ago; at the first of the other, they ran more than that ago.
_AGED, _PAUSED = 47 * _HOUR + 58 * MINUTE, 48 * _HOUR + 30 * MINUTE
_AGED_TIMES = 2  # after so many evaluations on that grid, one was at a full hour between a day and two days ago
_MONTH = 30 * _DAY


def scenes(case: Case) -> Iterator[Scene]:
    """Yield the scenes of sums; none where there are no hours, or the unit of a calendar chooses them."""
    slo, measure, group = case.slo, case.measure, case.group
    pair = measure.pair
    if pair is None or pair.long != HOUR or calendar_of(slo) is not None or slo.query_offset is not None:
        return
    # Where a window begins at a full hour of the proof, versions of Prometheus differ.
    clear = (window for window in windows(slo, measure) if (_GRID - window.ms // 1000) % _HOUR)
    spans = tuple(window for window in clear if uses_hours(pair, window))
    for side in _SIDES:
        names = [naming.tile(side, HOUR), naming.tile(side, HOUR, again=True)]
        if spans and is_free(slo, measure, names):
            yield _hours_scene(slo, measure, pair, side, spans, group)
        if spans and _BASE % (pair.base.ms // 1000) == 0 and is_free(slo, measure, [pair.name(side)]):
            yield _open_scene(slo, measure, pair, side, group)
    parts = [name for side in _SIDES for name in (naming.opened(side), *(naming.closed(side, one) for one in spans))]
    if spans and not reads_raw(slo, measure) and period(slo).ms // 1000 >= 7 * _DAY and is_free(slo, measure, parts):
        yield _ratios_scene(slo, pair, spans, group)
        yield _paused_scene(slo, spans, group)


def _is(slo: Slo, metric: str, value: float, seconds: int, group: Labels) -> ExprCheck:
    """Assert that a recorded series has a value but for the last digits of a float."""
    labels = sorted_labels((*identity_labels(slo), *group))
    expected = format_labels(labels)
    selected = f"{metric}{format_labels(tuple(pair for pair in labels if pair[0] in (naming.ID, *slo.by)))}"
    margin = max(abs(value), 1e-3) * 1e-9
    return ExprCheck(at(seconds), f"abs({selected} - {value:.15g}) < bool {margin:.3g}", ((expected, "1"),))


def _hours_scene(
    slo: Slo, measure: Measure, pair: Pair, side: Side, spans: tuple[Duration, ...], group: Labels
) -> Scene:
    """Give one side's hours; the sums of each window hold those that end in it."""
    longest = spans[-1].ms // 1000
    last = next(number for number in range(13, 1000, 2) if number * _GRID > longest + 2 * _GRID)
    times = [last * _GRID] if pair.slices else [_GRID, 3 * _GRID, last * _GRID]
    hours = _marked(times, spans)
    tiles, again = _placed(hours, times[-1])
    checks = []
    for time in times:
        for span in spans:
            found = sum(value for mark, (value, _) in hours.items() if time - span.ms // 1000 < mark <= time) * float(
                pair.long_weight
            )
            if span.ms // 1000 < time or time == times[-1]:
                checks.append(_is(slo, naming.closed(side, span), found, time, group))
        if time == times[-1] and not reads_raw(slo, measure) and period(slo) in spans:
            whole = sum(v for m, (v, _) in hours.items() if time - period(slo).ms // 1000 < m <= time)
            checks.append(_is(slo, naming.summed(side, period(slo)), whole * float(pair.long_weight), time, group))
    series = (
        given(slo, naming.tile(side, HOUR), group, tiles),
        given(slo, naming.tile(side, HOUR, again=True), group, again),
    )
    title = f"each hour of {'bad' if side == 'errors' else 'all'} events counts once, whenever rules ran"
    story = Timeline((Stretch(times[-1], rate=None),))
    return Scene(title, story, _GRID, _APART, tuple(checks), others=series, raw=False)


def _marked(times: list[int], spans: tuple[Duration, ...]) -> dict[int, tuple[float, str]]:
    """Choose the hours that have events, by their end: how many, and how the tile was recorded."""
    found: dict[int, str] = {}
    if len(times) > 1:
        found |= {times[0] // _HOUR * _HOUR: "first", times[1] // _HOUR * _HOUR - _HOUR: "second"}
    last = times[-1] // _HOUR * _HOUR
    for before, how in ((0, "whole"), (1, "whole"), (2, "soon"), (5, "late"), (9, "again"), (13, "whole")):
        found[last - before * _HOUR] = how
    for span in spans:
        edge = (times[-1] - span.ms // 1000) // _HOUR * _HOUR
        found |= {edge: "whole", edge + _HOUR: "whole"}
    return {mark: (float(2**number), found[mark]) for number, mark in enumerate(sorted(found)) if mark > 0}


def _placed(hours: dict[int, tuple[float, str]], end: int) -> tuple[list[float | None], list[float | None]]:
    """Write the samples of the tiles, and of those recorded once more."""
    tiles: list[float | None] = [None] * (end // _APART + 1)
    again = list(tiles)
    offsets = {"soon": (_APART,), "late": (56 * MINUTE,), "again": ()}
    for mark, (value, how) in hours.items():
        everywhere = range(0, _HOUR, _APART)
        first = offsets.get(how, everywhere if how != "second" else ())
        second = everywhere if how in ("whole", "second") else (56 * MINUTE,) if how == "again" else ()
        for values, begin, chosen in ((tiles, mark, first), (again, mark + _HOUR, second)):
            for offset in chosen:
                if begin + offset <= end:
                    values[(begin + offset) // _APART] = value
    return tiles, again


def _open_scene(slo: Slo, measure: Measure, pair: Pair, side: Side, group: Labels) -> Scene:
    """Give one side's tiles of an open hour, and those at the beginning of the last day."""
    base = pair.base.ms // 1000
    hour = _OPEN_AT // _HOUR * _HOUR
    inside = (_OPEN_AT - _DAY) // base * base + base
    shares = {hour - base: 16.0, hour: 8.0, hour + base: 1.0, hour + 2 * base: 2.0, hour + 45 * MINUTE: 4.0}
    shares |= {inside: 64.0, inside - base: 128.0}
    values: list[float | None] = [None] * (_OPEN_AT // _OPEN_APART + 1)
    for mark, value in shares.items():
        # Not at the end of the tile itself, where a look without an offset would find it too.
        values[(mark + max(base - MINUTE, _OPEN_APART)) // _OPEN_APART] = value
    weight = float(pair.weight)
    checks = [_is(slo, naming.opened(side), 7 * weight, _OPEN_AT, group)]
    if side == "total" and not reads_raw(slo, measure):
        checks.append(_is(slo, naming.PEAK, 64 * weight / base, _OPEN_AT, group))
    title = f"what is open of {'bad' if side == 'errors' else 'all'} events is what ended since the hour"
    story = Timeline((Stretch(_OPEN_AT, rate=None),))
    series = (given(slo, pair.name(side), group, values),)
    return Scene(title, story, _OPEN_AT, _OPEN_APART, tuple(checks), others=series, raw=False)


def _ratios_scene(slo: Slo, pair: Pair, spans: tuple[Duration, ...], group: Labels) -> Scene:
    """Give closed and open sums, then one of the two alone, then none but zeros; at last look at the oldest record."""
    scale = float(2**20) if pair.slices else 1.0
    closed, opened = (scale / 16, scale / 4), (scale / 8, scale / 2)
    whole = period(slo).ms // 1000
    tiny, zeros = (1 / 256, 1 / 64), (0.0, 0.0)
    steps = [(tiny, None), (closed, opened), (zeros, None), (closed, None), (None, opened)]
    last = 16 if whole == _MONTH else len(steps)
    values: dict[str, list[float | None]] = {}
    for at_side, side in enumerate(_SIDES):
        for name in (naming.opened(side), *(naming.closed(side, span) for span in spans)):
            part = 1 if name == naming.opened(side) else 0
            chosen = [step[part] for step in steps]
            values[name] = [None, *(None if one is None else one[at_side] for one in chosen)]
    checks: list[ExprCheck] = []
    ends = (period_ratio(slo), naming.BUDGET_REMAINING)
    guarded = [] if slo.min_events is None or pair.slices else sorted({t.long for t in slo.policy.tiers} & set(spans))
    for number, step in enumerate(steps, start=1):
        time = number * _AGED
        bad, total = (sum(part[side] for part in step if part is not None) for side in (0, 1))
        if not total:
            checks += [ExprCheck(at(time), f'{name}{{{naming.ID}="{slo.id}"}}', ()) for name in ends]
            continue
        # A ratio of slices asks for a number of them; that of the period does not.
        read = [period(slo)] if total < 1 and pair.slices else spans
        checks += [_is(slo, naming.error_ratio(span), bad / total, time, group) for span in read]
        checks += [_is(slo, naming.summed("total", span), total, time, group) for span in guarded]
        if number <= _AGED_TIMES:
            left = 1 - bad / float(slo.budget) / (total / ((time + _HOUR) / whole))
            checks.append(_is(slo, naming.BUDGET_REMAINING, left, time, group))
    if whole == _MONTH:
        # Rules ran just before the 48th hour, which is the first of the last thirty days.
        checks += [_of_all(slo, naming.OLDEST, _AGED, 16 * _AGED), _of_all(slo, naming.PERIOD_SEEN, 1, 16 * _AGED)]
    series = tuple(given(slo, name, group, found) for name, found in values.items())
    story = Timeline((Stretch(last * _AGED, rate=None),))
    title = "what is closed and what is open make a window, together and each alone"
    return Scene(title, story, _AGED, _AGED, tuple(checks), others=series, raw=False)


def _of_all(slo: Slo, metric: str, value: float, seconds: int) -> ExprCheck:
    """Assert the value of a series that no group has a copy of."""
    return _is(slo, metric, value, seconds, ())


def _paused_scene(slo: Slo, spans: tuple[Duration, ...], group: Labels) -> Scene:
    """Rules ran two days and a half an hour ago, and not since: what is to come cannot be told from that."""
    names = [naming.closed(side, span) for side in _SIDES for span in spans]
    series = tuple(given(slo, name, group, [None, 1.0 if "errors" in name else 4.0]) for name in names)
    left = f'{naming.BUDGET_REMAINING}{{{naming.ID}="{slo.id}"}}'
    checks = (
        _is(slo, naming.error_ratio(spans[-1]), 0.25, _PAUSED, group),
        ExprCheck(at(_PAUSED), left, ()),
    )
    story = Timeline((Stretch(_PAUSED, rate=None),))
    title = "no mean is expected where rules paused for a day"
    return Scene(title, story, _PAUSED, _PAUSED, checks, others=series, raw=False)

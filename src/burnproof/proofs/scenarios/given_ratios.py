"""Proofs of alerts alone: the ratios that they read are given, around each threshold in turn.

Raw events move the windows of a tier together. Given as input, each stands a hundredth above its threshold, at it, or
below it, while the other one is above. The last ratio of the short window is looked at once in its last minute, and
once in the first minute without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import alert_series, all_silent, at, no_data_fires, tier_silent
from burnproof.proofs.scenarios.no_data import NO_DATA_HOLD
from burnproof.proofs.scene import MINUTE, Case, Scene
from burnproof.proofs.series.given import given, is_free
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.proofs.types import ExprCheck
from burnproof.rules.alerting import known_for, no_data_name, threshold
from burnproof.rules.coverage import covered_after, needs_coverage
from burnproof.rules.data_quality import bad_data_labels, missing_name, missing_rules
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

# A multiple of the first is in the last minute of 30m, 1h and 2h, one of the second in the minute after each.
_GRIDS: Final = (1790, 1810)
_KNOWN = 30 * MINUTE
_BELOW, _ABOVE = float(tolerances.THRESHOLD.less), float(tolerances.THRESHOLD.more)
_UNTIL_MISSING = 15 * MINUTE  # the `for` of the alert that series are missing


@dataclass(frozen=True, slots=True)
class _Step:
    """What a tier reads for some evaluations, and whether it fires at the last of them."""

    long: float | None
    short: float | None
    events: float
    evaluations: int
    fires: bool | None


def scenes(case: Case) -> Iterator[Scene]:
    """Yield the scenes of alerts that read given ratios; none where rules look back by an offset."""
    slo, measure, group = case.slo, case.measure, case.group
    if slo.query_offset is not None:
        return
    if measure.pair is not None:
        for grid in _GRIDS:
            scene = _tiers_scene(slo, measure, group, grid)
            if scene is not None:
                yield scene
    if slo.no_data_alert and is_free(slo, measure, [measure.presence]):
        yield _no_data_scene(slo, measure, group)
    if missing_rules(slo, measure) and is_free(slo, measure, [naming.MISSING]):
        yield _missing_scene(slo, group)


def _tiers_scene(slo: Slo, measure: Measure, group: Labels, grid: int) -> Scene | None:
    """One tier after the other goes through its steps, while the other ones' ratios are 0."""
    windows = sorted({window for tier in slo.policy.tiers for window in (tier.long, tier.short) if window})
    guarded = slo.min_events is not None and measure.pair is not None and not measure.pair.slices
    sums = sorted({tier.long for tier in slo.policy.tiers}) if guarded else []
    names = [*(naming.error_ratio(one) for one in windows), *(naming.summed("total", one) for one in sums)]
    if not windows or not is_free(slo, measure, names):
        return None
    values: dict[str, list[float | None]] = {name: [] for name in names}
    checks: list[ExprCheck] = []
    now = 0
    for tier in sorted(slo.policy.tiers, key=lambda one: one.long):
        covered = covered_after(tier.long).ms // 1000 if needs_coverage(measure, tier.long) else 0
        idle = max(2, covered // grid + 3 - now)
        for step in (
            _Step(0, 0, 0, idle, None),
            *_steps(slo, tier, grid, guarded=guarded, breaks=bool(measure.breaks_at)),
        ):
            if not step.evaluations:
                continue
            for name in names:
                values[name] += [0.0] * step.evaluations
            _put(values, naming.error_ratio(tier.long), step.long, step.evaluations)
            if tier.short is not None:
                _put(values, naming.error_ratio(tier.short), step.short, step.evaluations)
            if guarded:
                _put(values, naming.summed("total", tier.long), step.events, step.evaluations)
            now += step.evaluations
            if step.fires is not None:
                time = (now - 1) * grid
                checks.append(_fires(slo, tier, time, fires=step.fires))
    series = tuple(given(slo, name, group, found) for name, found in values.items())
    timeline = Timeline((Stretch((now - 1) * grid, rate=None),))
    title = "each alert reads both its windows, and the short one for as long as it stands"
    if grid != _GRIDS[0]:
        title = "each alert compares both its windows with its threshold"
    return Scene(title, timeline, grid, grid, tuple(checks), others=series, raw=False)


def _fires(slo: Slo, tier: Tier, seconds: int, *, fires: bool) -> ExprCheck:
    """Assert that a tier's alert fires once, or not at all; which labels it has is told by other proofs."""
    found = tier_silent(slo, tier, seconds)
    return replace(found, expr=f"count({found.expr})", expected=(("{}", "1"),)) if fires else found


def _put(values: dict[str, list[float | None]], name: str, value: float | None, count: int) -> None:
    values[name][-count:] = [value] * count


def _steps(slo: Slo, tier: Tier, grid: int, *, guarded: bool, breaks: bool) -> Iterator[_Step]:
    """Yield what a tier goes through, from silence on."""
    limit = float(threshold(slo, tier))
    high, low = limit * _ABOVE, limit * _BELOW
    hold, keep = ((0 if one is None else one.ms // 1000) for one in (tier.hold, tier.keep_firing))
    least = float(slo.min_events or 0)
    up, down = 1 + -(-hold // grid), 1 + -(-keep // grid)
    if grid == _GRIDS[1]:
        yield _Step(high, high, least, up, fires=True)
        yield _Step(low, high, least, down, fires=False)
        if tier.short is not None:
            yield _Step(high, low, least, up, fires=False)
        yield _Step(limit, limit, least, up, fires=breaks)
        if guarded:
            yield _Step(0, 0, 0, down, fires=False)
            yield _Step(high, high, least * _BELOW, up, fires=False)
    yield _Step(high, high, least, up, fires=True)
    lasts = known_for(tier.short or tier.long).ms // 1000
    if lasts % _KNOWN == 0:
        # The last ratio stands for so many evaluations, and `keep_firing_for` goes on from there.
        gap = _Step(None, None, least, (lasts - 1) // grid + down - 1, fires=True)
        for step in (gap, replace(gap, evaluations=1, fires=False)):
            yield step if tier.short is None else replace(step, long=high)


def _no_data_scene(slo: Slo, measure: Measure, group: Labels) -> Scene:
    """What shows that there are data is last recorded after a minute, and found for five more."""
    # Of value 0: traffic without an error ratio is the alert's other reason, which is not meant here.
    seen = given(slo, measure.presence, group, [0.0, 0.0])
    gone = 6 * MINUTE
    # Where ranges are closed, it is found a minute longer.
    silent, end = gone + NO_DATA_HOLD - MINUTE, gone + NO_DATA_HOLD + 2 * MINUTE
    checks = (all_silent(slo, silent, no_data_name(slo)), no_data_fires(slo, end))
    story = Timeline((Stretch(end, rate=None),))
    title = "no data are told after ten minutes"
    return Scene(title, story, MINUTE, MINUTE, checks, others=(seen,), raw=False)


def _missing_scene(slo: Slo, group: Labels) -> Scene:
    """Series are missing for as long as the alert waits, and a minute more."""
    lasts = _UNTIL_MISSING // MINUTE
    name, labels = missing_name(slo), bad_data_labels(slo)
    values = [None, *[1.0] * (lasts + 2)]
    fired = alert_series(name, slo, labels, group, __name__="ALERTS", alertstate="firing")
    query = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    end = (lasts + 2) * MINUTE
    checks = (all_silent(slo, lasts * MINUTE, name), ExprCheck(at(end), query, ((format_labels(fired), "1"),)))
    series = (given(slo, naming.MISSING, group, values),)
    story = Timeline((Stretch(end, rate=None),))
    return Scene("missing series are told after a while", story, MINUTE, MINUTE, checks, others=series, raw=False)

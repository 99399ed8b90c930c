"""Prove what happens when series vanish: those of one group, or those of good or bad events."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.assertions import alert_series, all_silent, at, tier_silent
from burnproof.proofs.scenarios.no_data import NO_DATA_HOLD, presence_lag, warm_up
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import Stretch, Timeline, round_up
from burnproof.proofs.types import ExprCheck
from burnproof.rules.alerting import group_no_data_name, no_data_labels, no_data_name
from burnproof.rules.data_quality import bad_data_labels, missing_name, missing_rules
from burnproof.rules.kinds.events import is_classic
from burnproof.rules.missing_series import TARGET, watch_of
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.missing_series import Watch
    from burnproof.rules.types import Labels

_WARM = 75 * MINUTE


def scenes(case: Case) -> Iterator[Scene]:
    """Yield what is to be proved of an SLO about series that vanish."""
    slo, measure, groups = case.slo, case.measure, case.groups
    if slo.no_data_per_group:
        yield _group_gone(slo, measure, groups[0])
    watch = watch_of(slo)
    # Where the total's own series would lose a label, no feed can tell it.
    if missing_rules(slo, measure) and (watch is None or (not watch.outside and _one_target(watch))):
        yield _counted_gone(slo, groups[0])


def _one_target(watch: Watch) -> bool:
    """Tell whether the series of a story are all of one process, as far as the spec's selectors say."""
    selected = (*watch.family, *watch.total)
    return len({frozenset(one for one in each.matchers if one.name in TARGET) for each in selected}) == 1


def _group_gone(slo: Slo, measure: Measure, group: Labels) -> Scene:
    """One group has no data any more: its alert fires, and it alone."""
    lag, warm = presence_lag(slo, measure), warm_up(slo)
    fires = round_up(warm + lag + NO_DATA_HOLD + 3 * MINUTE, 5 * MINUTE)
    story = Timeline((Stretch(warm), Stretch(fires - warm, rate=None)))
    grid = MINUTE if lag <= 10 * MINUTE else 5 * MINUTE
    checks = (
        all_silent(slo, warm),
        _fires(slo, group_no_data_name(slo), no_data_labels(slo), fires, group),
        all_silent(slo, fires, no_data_name(slo)),
    )
    sample = min(MINUTE, sample_seconds(slo, grid))
    return Scene("a group that vanishes raises its own alert", story, grid, sample, checks, alike=False)


def _counted_gone(slo: Slo, group: Labels) -> Scene:
    """The counted series vanish while the total goes on; of a histogram's bucket no verdict is made."""
    story = Timeline((Stretch(_WARM), Stretch(60 * MINUTE, share=Decimal(1))))
    fires = _WARM + 40 * MINUTE
    name, labels = missing_name(slo), bad_data_labels(slo)
    checks = [
        all_silent(slo, _WARM),
        all_silent(slo, _WARM + 14 * MINUTE, name),
        _fires(slo, name, labels, fires, group),
        _fires(slo, name, labels, story.end, group),
    ]
    if is_classic(slo.indicator):
        checks += [tier_silent(slo, tier, time) for tier in slo.policy.tiers for time in (_WARM + 4 * MINUTE, fires)]
    what = "a bucket" if is_classic(slo.indicator) else "series that are counted"
    sample = min(15, sample_seconds(slo))
    return Scene(
        f"{what} missing is told as such", story, MINUTE, sample, tuple(checks), without=LeftOut.COUNTED, alike=False
    )


def _fires(slo: Slo, name: str, labels: Labels, seconds: int, group: Labels) -> ExprCheck:
    """Assert that an alert fires for one group alone."""
    series = alert_series(name, slo, labels, group, __name__="ALERTS", alertstate="firing")
    query = f'ALERTS{{alertname="{name}",{naming.ID}="{slo.id}",alertstate="firing"}}'
    return ExprCheck(at(seconds), query, ((format_labels(series), "1"),))

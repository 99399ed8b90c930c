"""More is counted than there is: an alert of its own says so."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.proofs.assertions import (
    alert_series,
    all_silent,
    at,
)
from burnproof.proofs.scene import MINUTE, Case, Scene, sample_seconds
from burnproof.proofs.series.decoys import excess_decoy
from burnproof.proofs.series.feed import LeftOut
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)
from burnproof.proofs.types import ExprCheck
from burnproof.rules.data_quality import bad_data_labels, bad_data_name, can_exceed
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )
    from burnproof.rules.types import Labels

_GRID: Final = 5 * MINUTE


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a ratio in which more can be counted than its total."""
    if case.measure.pair is not None and can_exceed(case.slo):
        yield _excess(case.slo, case.groups)


def _excess(slo: Slo, groups: tuple[Labels, ...]) -> Scene:
    """After an hour in which all was well, more is counted than there is: an alert says so."""
    # Of the total; what is tolerated is between the two, and the hour has half of each after half an hour.
    tolerated, wrong = Decimal("0.045"), Decimal("0.055")
    well = Timeline((Stretch(70 * MINUTE), Stretch(65 * MINUTE, excess=tolerated)))
    story = well.then(Stretch(60 * MINUTE, excess=wrong))
    name, labels = bad_data_name(slo), bad_data_labels(slo)
    firing = {"__name__": "ALERTS", "alertstate": "firing"}
    fired = sorted((format_labels(alert_series(name, slo, labels, group, **firing)), "1") for group in groups)
    selected = f'ALERTS{{alertname="{name}",alertstate="firing"}}'
    checks = [all_silent(slo, time, name) for time in (70 * MINUTE, well.end, well.end + 40 * MINUTE)]
    checks.append(ExprCheck(at(well.end + 55 * MINUTE), selected, tuple(fired)))
    title = "more counted than there is raises an alert of its own"
    sample = sample_seconds(slo)
    return Scene(
        title, story, _GRID, sample, tuple(checks), without=LeftOut.TOTAL, others=excess_decoy(slo, story, sample)
    )

"""Short-lived series and resets of a count: each event counts once, and is a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.slo import (
    Count,
    Slo,
)
from burnproof.proofs.assertions import (
    is_near,
)
from burnproof.proofs.scene import Case, Scene
from burnproof.proofs.series.counters import instance
from burnproof.proofs.series.example_labels import example, metric
from burnproof.proofs.series.replicas import paired
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)
from burnproof.proofs.types import InputSeries
from burnproof.rules import selectors
from promrules.syntax.labels import matches
from promrules.syntax.nodes import VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.rules.types import Labels

_TOLD: Final = 600  # seconds of the story
_REST: Final = 10  # samples in which they stay away, or at rest
_PODS: Final = 5
_AFTER_RESET: Final = 3  # two before it and one after


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a count with a window that is long enough."""
    if isinstance(case.slo.indicator, Count):
        found = _whole(case.slo, case.slo.indicator, case.group)
        if found is not None:
            yield found


def _whole(slo: Slo, indicator: Count, group: Labels) -> Scene | None:
    """Count pods that are there for two samples and restart once, and a counter that was reset.

    ``increase`` extrapolates each pod to two. None where the window is shorter than what is told, or where
    a matcher leaves no room for several series.
    """
    per = indicator.per.ms // 1000
    atom = example(selectors.read(indicator.counter).matchers, None, group)
    if atom is None or per < 2 * _TOLD:
        return None
    told = [(f"short-{number}", f"3 4 stale _x{_REST}") for number in range(_PODS)]
    told.append(("reset", f"3 4 5 0 1 1x{_REST}"))
    atoms = [(instance(atom, "instance", value), values) for value, values in told]
    if not all(matches(one, selectors.read(indicator.counter).matchers) for one, _ in atoms):
        return None
    series = tuple(InputSeries(metric(VectorSelector(()), one), values) for one, values in atoms)
    if slo.dedup:
        series = tuple(twin for one in series for twin in paired(one, slo.dedup, 1))
    story = Timeline((Stretch(_TOLD),))
    check = is_near(slo, naming.count_over(indicator.per), _PODS + _AFTER_RESET, story.end, group)
    return Scene("short-lived series and resets count whole events", story, 60, 60, (check,), others=series)

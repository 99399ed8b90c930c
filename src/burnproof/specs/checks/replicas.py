"""Labels under ``dedup``: what keeps replicas of one scrape from being taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model.slo import Quantile
from burnproof.specs.checks.promql import tree
from burnproof.specs.places import sli_path
from promrules.syntax.dedup import obstacles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo


def groups(slo: Slo) -> Iterator[Problem]:
    """A label cannot both tell groups apart and be taken out."""
    for label in slo.dedup:
        if label in slo.by:
            message = f"the label {label} is listed under by, and dedup takes it out"
            span = slo.spans.get(sli_path(slo, "dedup")) or slo.indicator.queries[0][1].span
            yield problem("dedup", message, span, f"remove {label} from one of the two")


def removable(slo: Slo) -> Iterator[Problem]:
    """Every query must be such that one series can be made of the replicas of each."""
    for _, query in slo.indicator.queries:
        for found in obstacles(tree(slo, query), query.dedup) if query.dedup else ():
            yield problem("dedup", found.message, query.span, found.hint)


def own_series(slo: Slo) -> Iterator[Problem]:
    """A composite reads no series of its own, so there are no replicas to take out of it."""
    path = sli_path(slo, "dedup")
    if path in slo.spans:
        message = "dedup has no meaning here: each member says it for itself"
        yield problem("dedup", message, slo.spans[path], "remove it, and write it at the members")


def native(slo: Slo) -> Iterator[Problem]:
    """A quantile of a native histogram is read off the whole histogram, of which there is no largest one."""
    if isinstance(slo.indicator, Quantile) and slo.indicator.native and slo.dedup:
        message = "there is no largest of two native histograms, so replicas cannot be taken out of a quantile"
        hint = "select one replica by a matcher and remove dedup, or use latency, which counts"
        yield problem("dedup", message, slo.spans.get(sli_path(slo, "dedup")), hint)

"""Check labels under ``dedup``: whether replicas of one scrape can be taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model.slo import Quantile, queries_of
from burnproof.specs.checks.places import sli_path
from burnproof.specs.checks.promql import tree
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
            span = slo.spans.get(sli_path(slo, "dedup")) or queries_of(slo.indicator)[0][1].span
            yield problem("dedup", message, span, f"remove {label} from one of the two")


def removable(slo: Slo) -> Iterator[Problem]:
    """Every query must be such that one series can be made of the replicas of each."""
    for _, query in queries_of(slo.indicator):
        for found in obstacles(tree(slo, query), query.dedup) if query.dedup else ():
            yield problem("dedup", found.message, query.span, found.hint)


def native(slo: Slo) -> Iterator[Problem]:
    """A quantile of a native histogram is read off the whole histogram, of which there is no largest one."""
    if isinstance(slo.indicator, Quantile) and slo.indicator.native and slo.dedup:
        message = "there is no largest of two native histograms, so replicas cannot be taken out of a quantile"
        hint = "select one replica by a matcher and remove dedup, or use latency, which counts"
        yield problem("dedup", message, slo.spans.get(sli_path(slo, "dedup")), hint)

"""Refuse times without a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model.decimals import plain
from burnproof.model.indicators import Latency, Quantile
from burnproof.model.quantities import Bare
from burnproof.specs.checks.histograms import bound_span
from burnproof.specs.checks.mistakes.dimensions import SECONDS, of_name
from burnproof.specs.keys.promql.queries import read
from burnproof.specs.keys.promql.uses import Use
from promrules.syntax.nodes import VectorSelector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo


def unit_of_time(slo: Slo) -> Iterator[Problem]:
    """A time needs its unit, unless buckets are declared to compare it with, or the metric counts something else."""
    indicator = slo.indicator
    if not isinstance(indicator, Latency | Quantile) or not isinstance(indicator.bound, Bare):
        return
    node = read(indicator.histogram.text, Use.SELECTOR).node
    name = node.name if isinstance(node, VectorSelector) else None
    if indicator.buckets or of_name(name).units not in (None, SECONDS.units):
        return
    shown = plain(indicator.bound)
    message = f"{shown} has no unit, and would be read as {shown} seconds"
    yield problem("time-unit", message, bound_span(slo), f"write {shown}s, or {shown}ms if milliseconds are meant")

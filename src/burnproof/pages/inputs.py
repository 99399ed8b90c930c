"""Find the raw metrics that specs name, which pages may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model.indicators import OfHistogram
from burnproof.rules import selectors
from promrules.syntax.nodes import VectorSelector, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.model.slo import Query, Slo


def input_metrics(slos: Iterable[Slo]) -> frozenset[str]:
    """Collect every metric that a query of a spec names; a histogram stands for its buckets and count too."""
    return frozenset(name for slo in slos for name in _named(slo))


def _named(slo: Slo) -> Iterator[str]:
    for part in slo.parts:
        if isinstance(part.indicator, OfHistogram):
            name = selectors.read(part.indicator.histogram).name or ""
            yield from (name, f"{name}_bucket", f"{name}_count")
            continue
        for _, query in part.indicator.queries:
            yield from _metrics(query)


def _metrics(query: Query) -> Iterator[str]:
    for node in walk(parse(query.text.replace(selectors.WINDOW, "5m"))):
        if isinstance(node, VectorSelector) and node.name:
            yield node.name

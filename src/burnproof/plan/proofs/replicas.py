"""A counter as two replicas of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.plan.proofs.examples import metric
from burnproof.plan.proofs.linear import instance
from burnproof.plan.proofs.timeline import counter_values
from burnproof.plan.types import InputSeries
from burnproof.promql.nodes import VectorSelector

if TYPE_CHECKING:
    from burnproof.promql.labels import Labels


def replicated(atom: Labels, increments: tuple[tuple[int, Decimal | None], ...]) -> list[InputSeries]:
    """Spread a counter over two replicas, unevenly, so that only their sum is right."""
    made = []
    for replica, part in (("a", Decimal("0.75")), ("b", Decimal("0.25"))):
        own = tuple((samples, None if step is None else step * part) for samples, step in increments)
        made.append(InputSeries(metric(VectorSelector(()), instance(atom, "replica", replica)), counter_values(own)))
    return made

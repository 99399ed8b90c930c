"""The user's own queries in an SLO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import Compare, Count, Floor, Latency, Quantile, Ratio, Threshold

if TYPE_CHECKING:
    from burnproof.model import Query, Slo


def queries(slo: Slo) -> tuple[Query, ...]:
    """List the queries of an SLO's indicator."""
    match slo.indicator:
        case Ratio(total=total, counted=counted):
            return (total, counted)
        case Latency(histogram=one) | Floor(histogram=one) | Quantile(histogram=one):
            return (one,)
        case Compare(left=left, right=right):
            return (left, right)
        case Threshold(value=one) | Count(counter=one):
            return (one,)

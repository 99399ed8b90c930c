"""Find the measure of an SLO's kind; each kind has a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Ratio, Threshold, Weighted
from burnproof.rules.kinds import compare, composite, count, events, slices

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure


def measure_of(slo: Slo) -> Measure:
    """Give the rules' view of an SLO's indicator."""
    match slo.indicator:
        case Ratio() | Latency() | Floor():
            return events.measure(slo, slo.indicator)
        case Quantile():
            return slices.quantile(slo, slo.indicator)
        case Compare():
            return compare.measure(slo, slo.indicator)
        case Threshold():
            return slices.threshold(slo, slo.indicator)
        case Count():
            return count.measure(slo, slo.indicator)
        case Weighted():
            return composite.weighted(slo, slo.indicator)
        case AnyBad():
            return composite.any_bad(slo, slo.indicator, [measure_of(member) for member in slo.indicator.members])

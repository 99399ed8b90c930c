"""Make the panel of an SLI beside its bound: percentiles, two rates, a value, a count."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import plain
from burnproof.model.indicators import OfValue
from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Ratio, Weighted
from burnproof.pages.grid import targets
from burnproof.pages.select import chosen, named, ranged, raw
from burnproof.pages.types import Step
from burnproof.rules import selectors
from burnproof.rules.kinds import measure_of
from burnproof.rules.kinds.composite import burn
from burnproof.rules.recording import short_window

if TYPE_CHECKING:
    from burnproof.model.slo import Comparison, Query, Slo
    from burnproof.pages.grid import Grid
    from burnproof.pages.types import Panel

_UNITS = (("_seconds", "s"), ("_milliseconds", "ms"), ("_ms", "ms"), ("_bytes", "bytes"), ("_ratio", "percentunit"))
_PERCENTILES = (Decimal("0.5"), Decimal("0.95"), Decimal("0.99"))
_W, _H = 8, 8


def indicator_panel(slo: Slo, grid: Grid) -> Panel:
    """Place the panel of the SLO's kind."""
    match slo.indicator:
        case Ratio():
            return _ratio(slo, grid)
        case Latency(histogram=histogram, bound=bound):
            return _percentiles(slo, grid, histogram, slo.objective, bound, "<=")
        case Floor(histogram=histogram, bound=bound):
            # The objective's share lies above the bound, so the percentile that tells is the low one.
            return _percentiles(slo, grid, histogram, slo.budget, bound, ">")
        case Quantile(histogram=histogram, quantile=quantile, op=op, bound=bound):
            return _percentiles(slo, grid, histogram, quantile, bound, op)
        case Compare():
            return _compare(slo, slo.indicator, grid)
        case OfValue() as indicator:
            return _value(slo, indicator, grid)
        case Count():
            return _count(slo, slo.indicator, grid)
        case Weighted() | AnyBad():
            return _members(slo, grid)


def _ratio(slo: Slo, grid: Grid) -> Panel:
    spans = [span for tier in slo.policy.tiers for span in (tier.long, tier.short) if span is not None]
    shortest = min(spans, default=short_window(slo))
    ratio = targets((chosen(naming.error_ratio(shortest), slo), named(slo, f"over {shortest}")))
    said = f"Share of bad events over {shortest}; the line is what the objective allows. Empty while nothing happens."
    steps = (Step(None, "ok"), Step(slo.budget, "warning"))
    return grid.panel(
        f"{slo.id}/indicator", "timeseries", "Error ratio", said, _W, _H, targets=ratio, unit="percentunit",
        steps=steps, low=Decimal(0), no_value="no events",
    )  # fmt: skip


def _percentiles(slo: Slo, grid: Grid, histogram: Query, own: Decimal | None, bound: Decimal, op: Comparison) -> Panel:
    """Draw the percentiles that people ask for and the one that the objective is about, with the bound."""
    wanted = sorted({*_PERCENTILES, *(() if own is None else (own,))})
    native = bool(getattr(slo.indicator, "native", False))
    selector = raw(histogram, slo, "" if native else "_bucket")
    by = slo.by if native else ("le", *slo.by)
    rates = selectors.aggregated("sum", by, selectors.deduped(f"rate({ranged(selector)})", histogram.dedup))
    drawn = [(f"histogram_quantile({plain(q)}, {rates})", named(slo, f"p{plain(q * 100)}")) for q in wanted]
    told = "" if own is None else f"p{plain(own * 100)} should stay {_side(op)} {plain(bound)}. "
    return grid.panel(
        f"{slo.id}/indicator",
        "timeseries",
        "Percentiles",
        f"{told}A percentile is interpolated within its bucket. Empty while nothing is observed.",
        _W,
        _H,
        targets=targets(*drawn),
        unit=_unit(selectors.read(histogram).name or ""),
        steps=_bound_steps(op, bound),
        low=Decimal(0),
        no_value="no events",
    )


def _compare(slo: Slo, indicator: Compare, grid: Grid) -> Panel:
    left, right = chosen(naming.SLICE_LEFT, slo), chosen(naming.SLICE_RIGHT, slo)
    drawn = [(left, named(slo, "left")), (right, named(slo, "right"))]
    factor = 1 - indicator.tolerance if indicator.op in (">=", ">") else 1 + indicator.tolerance
    if factor != 1:
        drawn.append((f"{right} * {plain(factor)}", named(slo, "bound")))
    other = "right" if factor == 1 else "bound"
    said = f"A slice is good while left {indicator.op} {other}; rates over {indicator.judged_over(slo.scrape)}."
    return grid.panel(
        f"{slo.id}/indicator", "timeseries", "Left and right", said, _W, _H, targets=targets(*drawn), unit="cps",
        low=Decimal(0),
    )  # fmt: skip


def _value(slo: Slo, indicator: OfValue, grid: Grid) -> Panel:
    op, bound, value = indicator.op, indicator.bound, indicator.queries[0][1]
    drawn = targets((chosen(naming.SLICE_VALUE, slo), named(slo, "value")))
    said = f"The value should stay {_side(op)} {plain(bound)}; of several series the worst is judged."
    share = 0 < bound <= 1 and "/" in value.text
    unit = "percentunit" if share else _unit(value.text.partition("{")[0].rstrip(") "))
    return grid.panel(
        f"{slo.id}/indicator", "timeseries", "Value", said, _W, _H, targets=drawn, unit=unit,
        steps=_bound_steps(op, bound),
    )  # fmt: skip


def _count(slo: Slo, indicator: Count, grid: Grid) -> Panel:
    drawn = targets((chosen(naming.count_over(indicator.per), slo), named(slo, f"in {indicator.per}")))
    said = f"Events in the {indicator.per} that end here; at {plain(indicator.limit)} the SLO is missed."
    return grid.panel(
        f"{slo.id}/indicator", "timeseries", f"Count over {indicator.per}", said, _W, _H, targets=drawn,
        steps=(Step(None, "ok"), Step(indicator.limit, "critical")), low=Decimal(0),
    )  # fmt: skip


def _members(slo: Slo, grid: Grid) -> Panel:
    """Draw how fast each member burns its own budget: which of them it is, at a look."""
    drawn = targets(
        *(
            # What another service records is not for this one's board to rely on.
            (
                naming.selector(naming.CURRENT_BURN_RATE, part.id)
                if part.service == slo.service
                else burn(part, measure_of(part)),
                part.id,
            )
            for part in slo.parts
        )
    )
    said = "How fast each member burns its own budget; the line is as fast as its objective allows."
    return grid.panel(
        f"{slo.id}/indicator", "timeseries", "Members", said, _W, _H, targets=drawn,
        steps=(Step(None, "ok"), Step(Decimal(1), "warning")), low=Decimal(0), no_value="no events",
    )  # fmt: skip


def _bound_steps(op: Comparison, bound: Decimal) -> tuple[Step, ...]:
    """Draw the bound; which side is bad depends on what must hold."""
    if op in ("<", "<=", "!="):
        return (Step(None, "ok"), Step(bound, "critical"))
    return (Step(None, "critical"), Step(bound, "ok"))


_SIDES: dict[Comparison, str] = {
    "<": "below",
    "<=": "at or below",
    ">": "above",
    ">=": "at or above",
    "==": "at",
    "!=": "off",
}


def _side(op: Comparison) -> str:
    return _SIDES[op]


def _unit(metric: str) -> str:
    return next((unit for ending, unit in _UNITS if metric.endswith(ending)), "short")

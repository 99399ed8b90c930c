"""``latency``, ``floor`` and ``quantile``: what is read off one histogram."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Floor, Latency, Quantile
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import BUCKETS, SLICE_DOC, Common, SliKind, rising
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.model.indicators import Query
    from burnproof.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySpec(Common):
    """Events: the share of requests that take at most so long, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_most: Decimal = key(fields.SECONDS, "the bound; in a classic histogram one of the buckets", required=True)
    buckets: tuple[Decimal, ...] | None = key(BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


def _latency(kind: LatencySpec) -> Latency:
    return Latency(kind.histogram, kind.at_most, rising(kind.buckets), bool(kind.native))


LATENCY: Final = SliKind(
    "latency", "events: requests within a bound", Table(LatencySpec, "a latency with histogram and at_most"), _latency
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSpec(Common):
    """Events: the share of observations above a minimum, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_least: Decimal | None = key(fields.BOUND, "the minimum; an observation exactly at it counts as too low")
    more_than: Decimal | None = key(fields.BOUND, "the minimum, exclusive")
    buckets: tuple[Decimal, ...] | None = key(BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


def _floor(kind: FloorSpec) -> Floor:
    bound = kind.more_than if kind.at_least is None else kind.at_least
    return Floor(kind.histogram, bound or Decimal(0), rising(kind.buckets), bool(kind.native))


FLOOR: Final = SliKind(
    "floor",
    "events: observations above a minimum",
    Table(FloorSpec, "a floor with histogram and at_least", exactly_one=("at_least", "more_than")),
    _floor,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileSpec(Common):
    """Slices: the share of slices in which a quantile keeps its bound."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    quantile: Decimal = key(fields.QUANTILE, "which quantile: 0.95, 95% or p95", required=True)
    at_most: Decimal | None = key(fields.SECONDS, "the bound, inclusive")
    less_than: Decimal | None = key(fields.SECONDS, "the bound, exclusive")
    slice: Duration = key(fields.DURATION, SLICE_DOC, required=True)
    buckets: tuple[Decimal, ...] | None = key(BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


def _quantile(kind: QuantileSpec) -> Quantile:
    op, bound = ("<", kind.less_than) if kind.at_most is None else ("<=", kind.at_most)
    return Quantile(
        kind.histogram,
        kind.quantile,
        "<" if op == "<" else "<=",
        bound or Decimal(0),
        kind.slice,
        rising(kind.buckets),
        bool(kind.native),
    )


QUANTILE: Final = SliKind(
    "quantile",
    "slices: a quantile within a bound",
    Table(QuantileSpec, "a quantile with histogram, at_most and slice", exactly_one=("at_most", "less_than")),
    _quantile,
)

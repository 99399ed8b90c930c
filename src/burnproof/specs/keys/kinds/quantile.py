"""``quantile``: slices in which a quantile keeps its bound."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Quantile
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import BUCKETS, SLICE_DOC, Common, SliKind, rising
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.model.indicators import Query
    from burnproof.model.quantities import Duration


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


def _indicator(kind: QuantileSpec) -> Quantile:
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


KIND: Final = SliKind(
    "quantile",
    "slices: a quantile within a bound",
    Table(QuantileSpec, "a quantile with histogram, at_most and slice", exactly_one=("at_most", "less_than")),
    _indicator,
)

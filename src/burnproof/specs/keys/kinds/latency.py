"""``latency``: requests within a bound, read off a histogram."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Latency
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import BUCKETS, Common, SliKind, rising
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.indicators import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySpec(Common):
    """Events: the share of requests that take at most so long, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_most: Decimal = key(fields.SECONDS, "the bound; in a classic histogram one of the buckets", required=True)
    buckets: tuple[Decimal, ...] | None = key(BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


def _indicator(kind: LatencySpec) -> Latency:
    return Latency(kind.histogram, kind.at_most, rising(kind.buckets), bool(kind.native))


KIND: Final = SliKind(
    "latency", "events: requests within a bound", Table(LatencySpec, "a latency with histogram and at_most"), _indicator
)

"""``floor``: observations above a minimum, read off a histogram."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Floor
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import BUCKETS, Common, SliKind, rising
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.model.indicators import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSpec(Common):
    """Events: the share of observations above a minimum, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_least: Decimal | None = key(fields.BOUND, "the minimum; an observation exactly at it counts as too low")
    more_than: Decimal | None = key(fields.BOUND, "the minimum, exclusive")
    buckets: tuple[Decimal, ...] | None = key(BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


def _indicator(kind: FloorSpec) -> Floor:
    bound = kind.more_than if kind.at_least is None else kind.at_least
    return Floor(kind.histogram, bound or Decimal(0), rising(kind.buckets), bool(kind.native))


KIND: Final = SliKind(
    "floor",
    "events: observations above a minimum",
    Table(FloorSpec, "a floor with histogram and at_least", exactly_one=("at_least", "more_than")),
    _indicator,
)

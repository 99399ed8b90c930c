"""``ratio``: good or bad events of all, counted by two queries."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Ratio
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import Common, SliKind
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.model.indicators import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSpec(Common):
    """Events: the share of good ones, counted by two queries."""

    total: Query = key(fields.EVENT_QUERY, "all events", required=True)
    good: Query | None = key(fields.EVENT_QUERY, "the good ones of them")
    bad: Query | None = key(fields.EVENT_QUERY, "the bad ones of them")


def _indicator(kind: RatioSpec) -> Ratio:
    counted = kind.good or kind.bad
    return Ratio(kind.total, counted, "good" if kind.good else "bad")  # type: ignore[arg-type]  # the shape has one of them


KIND: Final = SliKind(
    "ratio",
    "events: good or bad of all",
    Table(RatioSpec, "a ratio with total, and good or bad", exactly_one=("good", "bad")),
    _indicator,
)

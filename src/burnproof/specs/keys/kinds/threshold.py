"""``threshold``: slices in which a value keeps its bound."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Threshold
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import SLICE_DOC, Common, SliKind
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.indicators import Comparison, Query
    from burnproof.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSpec(Common):
    """Slices: the share of slices in which a value keeps its bound."""

    value: Query = key(fields.VALUE_QUERY, "the value; $window stands for the slice", required=True)
    op: Comparison = key(fields.COMPARISON, "what must hold between value and bound", required=True)
    bound: Decimal = key(fields.BOUND, "the bound: a number, a percentage or a time", required=True)
    slice: Duration = key(fields.DURATION, SLICE_DOC, required=True)


def _indicator(kind: ThresholdSpec) -> Threshold:
    return Threshold(kind.value, kind.op, kind.bound, kind.slice)


KIND: Final = SliKind(
    "threshold",
    "slices: a value against a bound",
    Table(ThresholdSpec, "a threshold with value, op, bound and slice"),
    _indicator,
)

"""``compare``: slices in which one rate keeps up with another."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Compare
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import SLICE_DOC, Common, SliKind
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.model.indicators import Comparison, Query
    from burnproof.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSpec(Common):
    """Slices: the share of slices in which one rate keeps up with another."""

    left: Query = key(fields.EVENT_QUERY, "the left counter", required=True)
    op: Comparison = key(fields.ORDER, "what must hold between left and right", required=True)
    right: Query = key(fields.EVENT_QUERY, "the right counter", required=True)
    tolerance: Decimal | None = key(fields.TOLERANCE, "by which share of right the left side may fail")
    slice: Duration = key(fields.DURATION, SLICE_DOC, required=True)
    over: Duration | None = key(
        fields.DURATION,
        "the window up to a slice's end that must fail, too; unless given, the tolerance is most of a scrape in it",
    )
    lag: Duration | None = key(
        fields.DURATION,
        "how long after its end a slice is judged: for events under way and late samples; 2m and two scrapes "
        "unless given",
    )


def _indicator(kind: CompareSpec) -> Compare:
    return Compare(kind.left, kind.op, kind.right, kind.tolerance or Decimal(0), kind.slice, kind.over, kind.lag)


KIND: Final = SliKind(
    "compare",
    "slices: one rate against another",
    Table(CompareSpec, "a comparison with left, op, right and slice"),
    _indicator,
)

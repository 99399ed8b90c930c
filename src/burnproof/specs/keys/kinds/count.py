"""``count``: so many events are allowed in so much time."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.indicators import Count
from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import GROUPS, Common, SliKind
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.indicators import Query
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSpec(Common):
    """Counts: so many events are allowed in so much time."""

    counter: Query = key(fields.COUNTER, "the counter", required=True)
    fewer_than: Decimal | None = key(fields.NATURAL, "the first count that is too many")
    at_most: Decimal | None = key(fields.NATURAL, "the last count that is allowed")
    per: Duration = key(fields.DURATION, "in how much time", required=True)
    scope: tuple[str, ...] | None = key(
        GROUPS,
        "total: all series together; or the labels, such as pod, that each count apart",
    )


def _indicator(kind: CountSpec) -> Count:
    limit = kind.fewer_than if kind.fewer_than is not None else (kind.at_most or Decimal(0)) + 1
    return Count(kind.counter, limit, kind.per)


def _countable(slo: Slo) -> Iterator[Problem]:
    """Fewer than none is never kept."""
    if isinstance(slo.indicator, Count) and slo.indicator.limit < 1:
        hint = "write fewer_than: 1 where none is allowed"
        yield problem("out-of-range", "no count is fewer than 0", slo.span("sli.count.fewer_than"), hint)


KIND: Final = SliKind(
    "count",
    "a count that is its own budget",
    Table(CountSpec, "a count with counter, fewer_than and per", exactly_one=("fewer_than", "at_most")),
    _indicator,
    checks=(_countable,),
)

"""What stands under ``sli`` to an ``Indicator``, by the table of kinds, without the labels of replicas."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from burnproof.model.indicators import Query, Unreadable
from burnproof.specs.keys import CountSpec
from burnproof.specs.keys.kinds import KINDS

if TYPE_CHECKING:
    from burnproof.model.slo import Indicator
    from burnproof.specs.keys import Common


UNREADABLE: Final[Any] = Unreadable()


def indicator_of(kind: Common | None) -> Indicator:
    """Read a kind; ``UNREADABLE`` where there is none, or where other SLOs must be known first."""
    read = _READERS.get(type(kind))
    if kind is None or read is None:
        return UNREADABLE  # type: ignore[no-any-return]  # it stands in for any of them
    return _deduplicated(read(kind), kind.dedup) if kind.dedup else read(kind)


def _deduplicated(made: Indicator, labels: tuple[str, ...]) -> Indicator:
    """Let each query of an indicator take out the labels of replicas, beside those that it takes out itself."""
    queries = {item.name: getattr(made, item.name) for item in fields(made)}
    taken = {
        name: replace(query, dedup=tuple(dict.fromkeys((*labels, *query.dedup))))
        for name, query in queries.items()
        if isinstance(query, Query)
    }
    return replace(made, **taken)  # type: ignore[arg-type]  # each name is a field of just this indicator


def groups_of(kind: Common | None) -> tuple[str, ...]:
    """Give the group labels; the scope of a count adds to them."""
    labels: tuple[str, ...] = (kind.by or ()) if kind is not None else ()
    if isinstance(kind, CountSpec) and kind.scope not in (None, ("total",)):
        labels = (*labels, *(kind.scope or ()))
    return tuple(dict.fromkeys(labels))


_READERS: Final = {kind.table.cls: kind.indicator for kind in KINDS if kind.indicator is not None}

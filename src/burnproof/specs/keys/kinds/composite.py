"""``composite``: other SLOs as one, by their weighted events or by slices in which any of them is bad."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.specs.keys import fields
from burnproof.specs.keys.kinds.common import SLICE_DOC, Common, SliKind
from burnproof.specs.keys.table import ListOf, MapOf, Table, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.quantities import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeSpec(Common):
    """Other SLOs as one: their events, each SLO's with a weight, or slices that are bad where any of them is."""

    weighted: tuple[tuple[str, Decimal], ...] | None = key(
        MapOf(fields.SLO, fields.WEIGHT, "weights of SLOs"),
        "events: the SLOs, and how often an event of each counts",
    )
    any_bad: tuple[str, ...] | None = key(
        ListOf(fields.SLO, at_least=2), "slices: the SLOs of which none may be bad in a slice"
    )
    slice: Duration | None = key(fields.DURATION, SLICE_DOC + "; any_bad needs it")


# Its indicator is put together once all SLOs are known.
KIND: Final = SliKind(
    "composite",
    "other SLOs as one",
    Table(CompositeSpec, "a composite with weighted, or any_bad and slice", exactly_one=("weighted", "any_bad")),
    None,
)

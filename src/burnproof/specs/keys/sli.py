"""Define the keys under ``sli``: one for each kind, and one for each file in ``specs/keys/derived``."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass, fields, make_dataclass
from typing import TYPE_CHECKING, Any, Final

from burnproof.specs.keys.derived import DERIVED
from burnproof.specs.keys.indicators import (
    CompareSpec,
    CompositeSpec,
    CountSpec,
    FloorSpec,
    LatencySpec,
    QuantileSpec,
    RatioSpec,
    ThresholdSpec,
)
from burnproof.specs.keys.result_check import CHECK, CheckSpec
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.specs.keys.indicators import IndicatorSpec

_CLIENT_SIDE = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class SliSpec:
    """What is measured, by exactly one kind."""

    ratio: RatioSpec | None = key(
        Table(RatioSpec, "a ratio with total, and good or bad", exactly_one=("good", "bad")),
        "events: good or bad of all",
    )
    latency: LatencySpec | None = key(
        Table(LatencySpec, "a latency with histogram and at_most"), "events: requests within a bound"
    )
    floor: FloorSpec | None = key(
        Table(FloorSpec, "a floor with histogram and at_least", exactly_one=("at_least", "more_than")),
        "events: observations above a minimum",
    )
    quantile: QuantileSpec | None = key(
        Table(QuantileSpec, "a quantile with histogram, at_most and slice", exactly_one=("at_most", "less_than")),
        "slices: a quantile within a bound",
    )
    compare: CompareSpec | None = key(
        Table(CompareSpec, "a comparison with left, op, right and slice"), "slices: one rate against another"
    )
    threshold: ThresholdSpec | None = key(
        Table(ThresholdSpec, "a threshold with value, op, bound and slice"), "slices: a value against a bound"
    )
    count: CountSpec | None = key(
        Table(CountSpec, "a count with counter, fewer_than and per", exactly_one=("fewer_than", "at_most")),
        "a count that is its own budget",
    )
    check: CheckSpec | None = key(CHECK, "client-side: one number of a result, judged by gate")
    composite: CompositeSpec | None = key(
        Table(CompositeSpec, "a composite with weighted, or any_bad and slice", exactly_one=("weighted", "any_bad")),
        "other SLOs as one",
    )

    def written(self) -> Any:
        """Give the one kind that is there, as its author wrote it; None for a check of results, which is none."""
        given = (getattr(self, item.name) for item in fields(self) if item.name != _CLIENT_SIDE)
        return next((kind for kind in given if kind is not None), None)

    def kind(self) -> IndicatorSpec | None:
        """Give the same as the kind that it is measured by."""
        written = self.written()
        reading = _READINGS.get(type(written))
        kind: IndicatorSpec | None = written if reading is None else reading(written)
        return kind


_READINGS: Final[dict[type, Any]] = {derived.table.cls: derived.reading for derived in DERIVED}


def _with_derived() -> type:
    """Add a key for each reading to the table's class."""
    own = [(derived.name, Any, key(derived.table, derived.doc)) for derived in DERIVED]
    made = make_dataclass(SliSpec.__name__, own, bases=(SliSpec,), frozen=True, slots=True, kw_only=True)
    made.__doc__ = SliSpec.__doc__
    return made


_WHOLE: Final = _with_derived()
SLI: Final = Table(_WHOLE, "an SLI", exactly_one=tuple(item.name for item in fields(_WHOLE)))

"""Read what is under ``sli`` as an ``Indicator``: one small function for each kind, in a table."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.model.slo import Compare, Count, Floor, Indicator, Latency, Quantile, Query, Ratio, Threshold
from burnproof.specs.keys import (
    Common,
    CompareSpec,
    CountSpec,
    FloorSpec,
    LatencySpec,
    QuantileSpec,
    RatioSpec,
    ThresholdSpec,
)

if TYPE_CHECKING:
    from burnproof.specs.keys import IndicatorSpec


class Unreadable:
    """Stands in for an indicator that could not be read; no check looks at it, and no such SLO is compiled."""


UNREADABLE: Final[Any] = Unreadable()


def indicator_of(kind: IndicatorSpec | None) -> Indicator:
    """Read a kind; ``UNREADABLE`` where there is none, or where other SLOs must be known first."""
    made: Indicator = _READERS[type(kind)](kind) if type(kind) in _READERS else UNREADABLE
    return _deduplicated(made, kind.dedup) if isinstance(kind, Common) and kind.dedup else made


def _deduplicated(made: Indicator, labels: tuple[str, ...]) -> Indicator:
    """Let each query of an indicator take out the labels of replicas, beside those that it takes out itself."""
    queries = {item.name: getattr(made, item.name) for item in fields(made)}
    taken = {
        name: replace(query, dedup=tuple(dict.fromkeys((*labels, *query.dedup))))
        for name, query in queries.items()
        if isinstance(query, Query)
    }
    return replace(made, **taken)  # type: ignore[arg-type]  # each name is a field of just this indicator


def groups_of(kind: IndicatorSpec | None) -> tuple[str, ...]:
    """Give the group labels; the scope of a count adds to them."""
    labels: tuple[str, ...] = (kind.by or ()) if kind is not None else ()
    if isinstance(kind, CountSpec) and kind.scope not in (None, ("total",)):
        labels = (*labels, *(kind.scope or ()))
    return tuple(dict.fromkeys(labels))


def _ratio(kind: RatioSpec) -> Ratio:
    counted = kind.good or kind.bad
    return Ratio(kind.total, counted, "good" if kind.good else "bad")  # type: ignore[arg-type]  # the shape has one of them


def _latency(kind: LatencySpec) -> Latency:
    return Latency(kind.histogram, kind.at_most, _sorted(kind.buckets), bool(kind.native))


def _floor(kind: FloorSpec) -> Floor:
    bound = kind.more_than if kind.at_least is None else kind.at_least
    return Floor(kind.histogram, bound or Decimal(0), _sorted(kind.buckets), bool(kind.native))


def _quantile(kind: QuantileSpec) -> Quantile:
    op, bound = ("<", kind.less_than) if kind.at_most is None else ("<=", kind.at_most)
    return Quantile(
        kind.histogram,
        kind.quantile,
        "<" if op == "<" else "<=",
        bound or Decimal(0),
        kind.slice,
        _sorted(kind.buckets),
        bool(kind.native),
    )


def _compare(kind: CompareSpec) -> Compare:
    return Compare(kind.left, kind.op, kind.right, kind.tolerance or Decimal(0), kind.slice, kind.over, kind.lag)


def _threshold(kind: ThresholdSpec) -> Threshold:
    return Threshold(kind.value, kind.op, kind.bound, kind.slice)


def _count(kind: CountSpec) -> Count:
    limit = kind.fewer_than if kind.fewer_than is not None else (kind.at_most or Decimal(0)) + 1
    return Count(kind.counter, limit, kind.per)


def _sorted(buckets: tuple[Decimal, ...] | None) -> tuple[Decimal, ...]:
    return tuple(sorted(set(buckets or ())))


_READERS: Final[dict[type, Any]] = {
    RatioSpec: _ratio,
    LatencySpec: _latency,
    FloorSpec: _floor,
    QuantileSpec: _quantile,
    CompareSpec: _compare,
    ThresholdSpec: _threshold,
    CountSpec: _count,
}

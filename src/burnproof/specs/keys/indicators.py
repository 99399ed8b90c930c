"""Define the keys of the kinds that have rules: one table for each kind, each key with its meaning."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.specs.keys import fields
from burnproof.specs.keys.table import ListOf, MapOf, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Comparison, NoTraffic, Query

_BY: Final = ListOf(fields.LABEL, single=True, at_least=1, distinct=True)
_BUCKETS: Final = ListOf(fields.SECONDS, at_least=1, distinct=True, rising=True)
_BY_DOC: Final = "labels to group by: one SLO for each of their values"
_DEDUP_DOC: Final = (
    "labels by which replicas of one scrape differ, as of two Prometheus servers: each series counts once, "
    "by the replica that saw most"
)
_MIN_DOC: Final = "fewest events in a window for which an alert may fire; of a quantile, in a slice that is judged"
_IDLE_DOC: Final = "how time without traffic counts: not at all (ignore), or as good"
_SLICE_DOC: Final = "the stretch of time that is good or bad as a whole: a part of an hour in whole minutes, or hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every kind may have."""

    by: tuple[str, ...] | None = key(_BY, _BY_DOC)
    dedup: tuple[str, ...] | None = key(_BY, _DEDUP_DOC)
    min_events: Decimal | None = key(fields.EVENTS, _MIN_DOC)
    no_traffic: NoTraffic | None = key(fields.NO_TRAFFIC, _IDLE_DOC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSpec(Common):
    """Events: the share of good ones, counted by two queries."""

    total: Query = key(fields.EVENT_QUERY, "all events", required=True)
    good: Query | None = key(fields.EVENT_QUERY, "the good ones of them")
    bad: Query | None = key(fields.EVENT_QUERY, "the bad ones of them")


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySpec(Common):
    """Events: the share of requests that take at most so long, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_most: Decimal = key(fields.SECONDS, "the bound; in a classic histogram one of the buckets", required=True)
    buckets: tuple[Decimal, ...] | None = key(_BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSpec(Common):
    """Events: the share of observations above a minimum, read off a histogram."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    at_least: Decimal | None = key(fields.BOUND, "the minimum; an observation exactly at it counts as too low")
    more_than: Decimal | None = key(fields.BOUND, "the minimum, exclusive")
    buckets: tuple[Decimal, ...] | None = key(_BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileSpec(Common):
    """Slices: the share of slices in which a quantile keeps its bound."""

    histogram: Query = key(fields.SELECTOR, "the histogram, without _bucket", required=True)
    quantile: Decimal = key(fields.QUANTILE, "which quantile: 0.95, 95% or p95", required=True)
    at_most: Decimal | None = key(fields.SECONDS, "the bound, inclusive")
    less_than: Decimal | None = key(fields.SECONDS, "the bound, exclusive")
    slice: Duration = key(fields.DURATION, _SLICE_DOC, required=True)
    buckets: tuple[Decimal, ...] | None = key(_BUCKETS, "the upper bounds that the exporter has")
    native: bool | None = key(fields.BOOLEAN, "whether it is a native histogram")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareSpec(Common):
    """Slices: the share of slices in which one rate keeps up with another."""

    left: Query = key(fields.EVENT_QUERY, "the left counter", required=True)
    op: Comparison = key(fields.ORDER, "what must hold between left and right", required=True)
    right: Query = key(fields.EVENT_QUERY, "the right counter", required=True)
    tolerance: Decimal | None = key(fields.TOLERANCE, "by which share of right the left side may fail")
    slice: Duration = key(fields.DURATION, _SLICE_DOC, required=True)
    over: Duration | None = key(
        fields.DURATION,
        "the window up to a slice's end that must fail, too; unless given, the tolerance is most of a scrape in it",
    )
    lag: Duration | None = key(
        fields.DURATION,
        "how long after its end a slice is judged: for events under way and late samples; 2m and two scrapes "
        "unless given",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdSpec(Common):
    """Slices: the share of slices in which a value keeps its bound."""

    value: Query = key(fields.VALUE_QUERY, "the value; $window stands for the slice", required=True)
    op: Comparison = key(fields.COMPARISON, "what must hold between value and bound", required=True)
    bound: Decimal = key(fields.BOUND, "the bound: a number, a percentage or a time", required=True)
    slice: Duration = key(fields.DURATION, _SLICE_DOC, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSpec(Common):
    """Counts: so many events are allowed in so much time."""

    counter: Query = key(fields.COUNTER, "the counter", required=True)
    fewer_than: Decimal | None = key(fields.NATURAL, "the first count that is too many")
    at_most: Decimal | None = key(fields.NATURAL, "the last count that is allowed")
    per: Duration = key(fields.DURATION, "in how much time", required=True)
    scope: tuple[str, ...] | None = key(
        _BY,
        "total: all series together; or the labels, such as pod, that each count apart",
    )


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
    slice: Duration | None = key(fields.DURATION, _SLICE_DOC + "; any_bad needs it")


IndicatorSpec = (
    RatioSpec | LatencySpec | FloorSpec | QuantileSpec | CompareSpec | ThresholdSpec | CountSpec | CompositeSpec
)

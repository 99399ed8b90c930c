"""The kinds of SLI: one frozen dataclass each, which says of itself what every stage asks of a kind.

A stage asks for what a kind *is*, by its bases (``Events``, ``Slices``, ``OfHistogram``), or for what it says of itself
(``queries``, ``good_means``, …). Only where a kind needs something of its own does a stage name it, in one ``match``
that mypy holds to be complete. Bounds are in seconds or the metric's own unit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from burnproof.model.decimals import percent, plain
from burnproof.model.quantities import Duration

if TYPE_CHECKING:
    from burnproof.diagnostics import Span

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
ReadAs = Literal["events", "value", "selector"]


@dataclass(frozen=True, slots=True)
class Query:
    """The user's own PromQL: a bare selector, or an expression in which ``$window`` stands for the range.

    Attributes:
        dedup: the labels that tell replicas of one scrape apart; whoever reads series takes them out.
    """

    text: str
    is_selector: bool
    span: Span | None = None
    dedup: tuple[str, ...] = ()


class Kind(ABC):
    """What every kind says of itself.

    Attributes:
        key: its key under ``sli``.
        reads_as: what its queries may be.
        unguarded: why ``min_events`` has no meaning for it; "" where it has one.
        never_idle: why ``no_traffic`` has no meaning for it; "" where it has one.
        rests: whether it has nothing to judge while traffic rests; a value is there all the same.
    """

    __slots__ = ()
    key: ClassVar[str]
    reads_as: ClassVar[ReadAs]
    unguarded: ClassVar[str]
    never_idle: ClassVar[str] = ""
    rests: ClassVar[bool] = True

    @property
    @abstractmethod
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """The user's own queries with the key that each stands under; a composite has none of its own."""

    @property
    @abstractmethod
    def good_means(self) -> str:
        """When an event or a slice is good, in words."""

    @property
    @abstractmethod
    def measured(self) -> tuple[object, ...] | None:
        """What is read, without the bound that it must keep: equal for two SLOs of which one implies the other."""

    @property
    def strictness(self) -> Decimal:
        """How strict its bound is: of two levels of one SLO the stricter has the greater number."""
        return Decimal(0)

    def judged_after(self, scrape: Duration) -> Duration:  # noqa: ARG002 - for kinds that wait for late samples
        """Give how long after its end a slice is judged."""
        return Duration(0)


class Events(Kind):
    """Kinds that count bad events out of all, and can be read as a ratio of two queries."""

    __slots__ = ()


class Slices(Kind):
    """Kinds that call whole slices of time bad or good."""

    __slots__ = ()
    slice: Duration


class OfHistogram(Kind):
    """Kinds that are read off one histogram, classic or native."""

    __slots__ = ()
    reads_as = "selector"
    histogram: Query  # base name with matchers, without _bucket
    bound: Decimal
    buckets: tuple[Decimal, ...]  # upper bounds declared by the user, () where none were
    native: bool

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """The histogram."""
        return (("histogram", self.histogram),)


class OfValue(Slices):
    """Kinds that hold one value against a bound: where it is on the wrong side the slice is bad."""

    __slots__ = ()
    op: Comparison  # what must hold
    bound: Decimal

    @property
    def strictness(self) -> Decimal:
        """A bound that is nearer to the good side is stricter."""
        return self.bound if self.op in (">", ">=") else -self.bound


@dataclass(frozen=True, slots=True)
class Ratio(Events):
    """Events: bad / total, where either the good or the bad ones are counted."""

    key = "ratio"
    reads_as = "events"
    unguarded = ""

    total: Query
    counted: Query
    counts: Literal["good", "bad"]

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """All events, and those that are counted."""
        return (("total", self.total), (self.counts, self.counted))

    @property
    def good_means(self) -> str:
        """When an event is good."""
        return "an event is good as the spec's queries count it"

    @property
    def measured(self) -> tuple[object, ...]:
        """Both queries."""
        return (self.total.text, self.counted.text, self.counts)


@dataclass(frozen=True, slots=True)
class Latency(OfHistogram, Events):
    """Events: requests slower than ``bound`` seconds / all requests, read off a histogram."""

    key = "latency"
    unguarded = ""

    histogram: Query
    bound: Decimal
    buckets: tuple[Decimal, ...]
    native: bool = False

    @property
    def good_means(self) -> str:
        """When an event is good."""
        return f"an event is good at {plain(self.bound)} or less"

    @property
    def measured(self) -> tuple[object, ...]:
        """The histogram."""
        return (self.histogram.text, "latency")

    @property
    def strictness(self) -> Decimal:
        """A lower bound is stricter."""
        return -self.bound


@dataclass(frozen=True, slots=True)
class Floor(OfHistogram, Events):
    """Events: observations at or below ``bound`` / all observations (a minimum that most must exceed)."""

    key = "floor"
    unguarded = ""

    histogram: Query
    bound: Decimal
    buckets: tuple[Decimal, ...]
    native: bool = False

    @property
    def good_means(self) -> str:
        """When an observation is good."""
        return f"an observation is good above {plain(self.bound)}"

    @property
    def measured(self) -> tuple[object, ...]:
        """The histogram and the bound."""
        return (self.histogram.text, "floor", self.bound)

    @property
    def strictness(self) -> Decimal:
        """A higher bound is stricter."""
        return self.bound


@dataclass(frozen=True, slots=True)
class Quantile(OfHistogram, OfValue):
    """Slices: bad where the quantile of the slice's observations breaks the bound."""

    key = "quantile"
    unguarded = ""

    histogram: Query
    quantile: Decimal
    op: Comparison  # what must hold: "<=" or "<"
    bound: Decimal
    slice: Duration
    buckets: tuple[Decimal, ...] = ()
    native: bool = False

    @property
    def good_means(self) -> str:
        """When a slice is good."""
        return f"a slice is good while its p{plain(self.quantile * 100)} {self.op} {plain(self.bound)}"

    @property
    def measured(self) -> tuple[object, ...]:
        """The quantile of the histogram's slices."""
        return (self.histogram.text, self.quantile, self.slice)


@dataclass(frozen=True, slots=True)
class Compare(Slices):
    """Slices: bad where ``left op right`` fails by more than the tolerance (a share of right)."""

    key = "compare"
    reads_as = "events"
    unguarded = "a comparison judges slices by two rates"

    left: Query
    op: Comparison
    right: Query
    tolerance: Decimal
    slice: Duration
    over: Duration | None = None  # the window that must fail, too; chosen by tolerance and scrapes unless given
    lag: Duration | None = None  # how long after its end a slice is judged

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """Both sides."""
        return (("left", self.left), ("right", self.right))

    @property
    def good_means(self) -> str:
        """When a slice is good."""
        within = f", with a tolerance of {percent(self.tolerance)}" if self.tolerance else ""
        return f"a slice is good while left {self.op} right{within}"

    @property
    def measured(self) -> tuple[object, ...]:
        """Both sides, and how they are compared."""
        return (self.left.text, self.op, self.right.text, self.slice, self.tolerance, self.over)

    @property
    def strictness(self) -> Decimal:
        """A smaller tolerance is stricter."""
        return -self.tolerance

    def judged_over(self, scrape: Duration) -> Duration:
        """Give the window of which the tolerance is most of a scrape, and that is no shorter than a slice."""
        if self.over is not None:
            return self.over
        needed = _SHARE_OF_SCRAPE * scrape.ms / self.tolerance if self.tolerance else _LONGEST_OVER
        minutes = -(-min(needed, _LONGEST_OVER) // 60_000)
        return max(self.slice, Duration(int(minutes) * 60_000))

    def lag_at(self, scrape: Duration) -> Duration:
        """Give how long events may be under way, and samples late."""
        return self.lag or Duration(_USUAL_LAG + 2 * scrape.ms)

    def judged_after(self, scrape: Duration) -> Duration:
        """Give how long after its end a slice is judged: the lag, in whole slices, for verdicts stand on the clock."""
        return Duration(-(-self.lag_at(scrape).ms // self.slice.ms) * self.slice.ms)


_SHARE_OF_SCRAPE: Final = Decimal("0.8")
"""Below, healthy pipelines were found bad; above, a loss of twice the tolerance is found later (measured)."""
_LONGEST_OVER: Final = Decimal(3_600_000)
_USUAL_LAG: Final = 120_000


@dataclass(frozen=True, slots=True)
class Threshold(OfValue):
    """Slices: bad where ``value op bound`` fails."""

    key = "threshold"
    reads_as = "value"
    unguarded = "a threshold judges slices by a value"
    rests = False

    value: Query
    op: Comparison
    bound: Decimal
    slice: Duration

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """The value."""
        return (("value", self.value),)

    @property
    def good_means(self) -> str:
        """When a slice is good."""
        return f"a slice is good while the value {self.op} {plain(self.bound)}"

    @property
    def measured(self) -> tuple[object, ...]:
        """The value, and what it is held against."""
        return (self.value.text, self.op, self.bound, self.slice)


@dataclass(frozen=True, slots=True)
class Count(Kind):
    """A count that is its own budget: what ``counter`` rises by in ``per`` must stay below ``limit``."""

    key = "count"
    reads_as = "selector"
    unguarded = "a count is judged as it is"
    never_idle = "nothing counted is 0"

    counter: Query
    limit: Decimal  # the first count that breaks it: fewer_than 3 -> 3, at_most 2 -> 3
    per: Duration

    @property
    def queries(self) -> tuple[tuple[str, Query], ...]:
        """The counter."""
        return (("counter", self.counter),)

    @property
    def good_means(self) -> str:
        """No event is good."""
        return "each event counts against the limit"

    @property
    def measured(self) -> tuple[object, ...]:
        """The counter, and in how much time it is counted."""
        return (self.counter.text, self.per)

    @property
    def strictness(self) -> Decimal:
        """A lower limit is stricter."""
        return -self.limit


class Unreadable(Kind):
    """Stands in for an indicator that could not be read; no check looks at it, and no such SLO is compiled."""

    __slots__ = ()
    key = ""
    reads_as = "events"
    unguarded = ""
    queries = ()
    good_means = ""
    measured = None


OwnIndicator = Ratio | Latency | Floor | Quantile | Compare | Threshold | Count
"""The kinds that read series of their own; those that are made of other SLOs stand beside ``Slo``."""


def slice_of(indicator: Kind) -> Duration | None:
    """Give the length of an indicator's slices; None where it is judged by events."""
    return indicator.slice if isinstance(indicator, Slices) else None

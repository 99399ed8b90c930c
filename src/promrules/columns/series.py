"""Samples in memory: one growing column per series, found by label matchers through an inverted index."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from promrules.syntax.labels import NAME, Labels, get, predicate
from promrules.syntax.nodes import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Times = NDArray[np.int64]
    Floats = NDArray[np.float64]

STALE_BITS: Final = 0x7FF0000000000002
"""The bit pattern of Prometheus' staleness marker, one particular NaN."""

STALE_NAN: Final = np.array([STALE_BITS], dtype=np.uint64).view(np.float64)
"""A one-element array holding the marker: assign from it, a Python float may lose the bits."""

INPUT: Final = -1
"""The writer of a series that no rule writes."""


_ANY_NAME: Final = ""
"""Stands for the metric name of selectors that fix none; no series has an empty name among its labels."""


def _name_in(matchers: tuple[Matcher, ...]) -> str:
    """Give the metric name that a selector fixes."""
    for matcher in matchers:
        if matcher.name == NAME and matcher.op is MatchOp.EQUAL:
            return matcher.value
    return _ANY_NAME


def is_stale(values: Floats) -> NDArray[np.bool_]:
    """Tell, element by element, which values are staleness markers (any shape)."""
    marks: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.int64) == STALE_BITS
    return marks


class Series:
    """One time series; arrays are never changed in place once handed out.

    Attributes:
        labels: The label set.
        times: Milliseconds, strictly increasing, shape ``(n,)``.
        values: Samples, shape ``(n,)``; staleness markers keep their bits. Irrelevant where a histogram stands.
        histograms: Native histograms, object array ``(n,)`` with None at float samples; None when there are none.
        writer: Index of the recording rule that writes it, in evaluation order; ``INPUT`` for scraped series.
    """

    __slots__ = ("_pending", "_times", "_values", "histograms", "index", "labels", "writer")

    def __init__(
        self,
        labels: Labels,
        times: Times,
        values: Floats,
        histograms: NDArray[np.object_] | None = None,
        writer: int = INPUT,
    ) -> None:
        """Take the columns as they are; a staleness marker is the NaN with ``STALE_BITS``."""
        self.labels = labels
        self.histograms = histograms
        self.writer = writer
        self.index = 0
        self._times = times
        self._values = values
        self._pending: list[tuple[Times, Floats]] = []

    @property
    def times(self) -> Times:
        """Milliseconds, strictly increasing."""
        self._settle()
        return self._times

    @property
    def values(self) -> Floats:
        """Samples, one per time."""
        self._settle()
        return self._values

    def extend(self, times: Times, values: Floats, histograms: NDArray[np.object_] | None = None) -> None:
        """Add samples younger than all before (cheap, also sample by sample)."""
        if histograms is not None or self.histograms is not None:
            self._extend_histograms(len(times), histograms)
        self._pending.append((times, values))

    def _extend_histograms(self, count: int, histograms: NDArray[np.object_] | None) -> None:
        """Keep the histogram column as long as the float column."""
        self._settle()
        old = self.histograms if self.histograms is not None else np.full(len(self._times), None, dtype=object)
        new = histograms if histograms is not None else np.full(count, None, dtype=object)
        self.histograms = np.concatenate([old, new])

    def _settle(self) -> None:
        """Join the pending pieces; amortised over many small additions."""
        if self._pending:
            self._times = np.concatenate([self._times, *(piece[0] for piece in self._pending)])
            self._values = np.concatenate([self._values, *(piece[1] for piece in self._pending)])
            self._pending = []


class Storage:
    """Series in the order of their creation, with an inverted index ``label name → value → series``."""

    def __init__(self, series: Iterable[Series] = ()) -> None:
        """Start with ``series``."""
        self._by_labels: dict[Labels, Series] = {}
        self._order: list[Series] = []
        self._index: dict[str, dict[str, list[int]]] = defaultdict(dict)
        self._selected: dict[str, dict[tuple[Matcher, ...], list[Series]]] = defaultdict(dict)
        self.version = 0
        for item in series:
            self.add(item)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Series]:
        return iter(self._order)

    def get(self, labels: Labels) -> Series | None:
        """Give the series with exactly these labels."""
        return self._by_labels.get(labels)

    def add(self, series: Series) -> Series:
        """Take in a new series, or append its samples to the one with the same labels; give the stored one.

        Raises:
            ValueError: samples are not younger than those already stored for these labels.
        """
        self.version += 1
        known = self._by_labels.get(series.labels)
        if known is not None:
            if len(known.times) and len(series.times) and series.times[0] <= known.times[-1]:
                raise ValueError(f"samples out of order for series {series.labels}")
            known.extend(series.times, series.values, series.histograms)
            return known
        self._selected.pop(get(series.labels, NAME), None)
        self._selected.pop(_ANY_NAME, None)
        series.index = len(self._order)
        self._by_labels[series.labels] = series
        self._order.append(series)
        for name, value in series.labels:
            self._index[name].setdefault(value, []).append(series.index)
        return series

    def append(
        self, labels: Labels, times: Times, values: Floats, histograms: Any = None, writer: int = INPUT
    ) -> Series:
        """Append samples (int64 ms, float64) to the series with ``labels``, which is created when new."""
        return self.add(Series(labels, times, values, histograms, writer))

    def select(self, matchers: Iterable[Matcher]) -> Sequence[Series]:
        """Give the series all ``matchers`` accept, in the order of creation.

        Remembered until a series of that name is added.

        Raises:
            BadRegexError: RE2 refuses a regex.
        """
        key = tuple(matchers)
        known = self._selected[_name_in(key)]
        found = known.get(key)
        if found is None:
            found = known[key] = self._search(key)
        return found

    def _search(self, matchers: tuple[Matcher, ...]) -> list[Series]:
        """Narrow by the index where a matcher wants a value, then test what is left."""
        narrowed: set[int] | None = None
        rest: list[Matcher] = []
        for matcher in matchers:
            test = predicate(matcher)
            if test(""):  # also accepts series without the label, so the index cannot narrow
                rest.append(matcher)
                continue
            values = self._index.get(matcher.name, {})
            if matcher.op is MatchOp.EQUAL:
                found = set(values.get(matcher.value, ()))
            else:
                found = {position for value, places in values.items() if test(value) for position in places}
            narrowed = found if narrowed is None else narrowed & found
            if not narrowed:
                return []
        chosen = self._order if narrowed is None else [self._order[i] for i in sorted(narrowed)]
        for matcher in rest:
            test = predicate(matcher)
            chosen = [series for series in chosen if test(get(series.labels, matcher.name))]
        return chosen


class Overlay(Storage):
    """A storage in which the series of some writers are replaced by those written here; the one below stays as it is.

    Attributes:
        below: Where all other series are.
        hidden: The writers whose series are not seen any more.
    """

    def __init__(self, below: Storage) -> None:
        """Start with all that is below."""
        super().__init__()
        self.below = below
        self.hidden: set[int] = set()
        self._known: dict[tuple[Matcher, ...], Sequence[Series]] = {}

    def __len__(self) -> int:
        return len(self.below) + len(self._order)  # an upper bound is enough for those who ask

    def __iter__(self) -> Iterator[Series]:
        yield from (series for series in self.below if series.writer not in self.hidden)
        yield from self._order

    def hide(self, writer: int) -> None:
        """See the series of a writer no longer."""
        self.hidden.add(writer)
        self._known.clear()

    def get(self, labels: Labels) -> Series | None:
        """Give the series with exactly these labels."""
        own = super().get(labels)
        known = self.below.get(labels) if own is None else own
        return None if own is None and known is not None and known.writer in self.hidden else known

    def written(self, writer: int) -> list[Series]:
        """Give the series that a writer has here in place of those below."""
        return [series for series in self._order if series.writer == writer]

    def add(self, series: Series) -> Series:
        """Take in a series of a writer that was hidden below."""
        self._known.clear()
        return super().add(series)

    def select(self, matchers: Iterable[Matcher]) -> Sequence[Series]:
        """Give the series all ``matchers`` accept: a replaced one in the place of the old, new ones behind."""
        key = tuple(matchers)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._both(key)
        return found

    def _both(self, matchers: tuple[Matcher, ...]) -> Sequence[Series]:
        left = [series for series in self.below.select(matchers) if series.writer not in self.hidden]
        own = super().select(matchers)
        return sorted([*left, *own], key=self._place) if own else left

    def _place(self, series: Series) -> int:
        old = self.below.get(series.labels)
        return len(self.below) + series.index if old is None else old.index

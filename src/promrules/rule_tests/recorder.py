"""What rules write: recorded columns and ALERTS series go into the storage, staleness markers included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.series import STALE_BITS, STALE_NAN, Storage, is_stale
from promrules.go_templates.fmt import float_text
from promrules.rule_tests.result_columns import Column, Failure, earliest, join, over_limit
from promrules.syntax.labels import NAME, Labels, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.columns.values import Floats, Mask, Matrix, Objects, Times
    from promrules.rule_tests.rule_file import RecordingRule
    from promrules.rule_tests.schedule import ScheduledRule

DUPLICATE_SERIES = "vector contains metrics with the same labelset after applying rule labels"


class SharedSeriesError(Exception):
    """Two writers have the same series, so that columns cannot be written whole; evaluate step by step instead."""


class Writer:
    """Stores the samples of one rule and marks its series stale when it stops giving them.

    Args:
        storage: where they go.
        index: the rule's place in the sequence of evaluation.
        is_stepwise: samples come step by step in order of time, so that series may have several writers.
    """

    def __init__(self, storage: Storage, index: int, *, is_stepwise: bool) -> None:
        self.storage = storage
        self.index = index
        self.is_stepwise = is_stepwise
        self.given: set[Labels] = set()

    def write(self, columns: Iterable[tuple[Labels, Mask, Floats, Objects | None]], times: Times) -> Failure | None:
        """Store columns (`steps` long each, no label set twice) of consecutive steps, and the markers between.

        Raises:
            SharedSeriesError: another writer has one of the series, and samples come in whole columns.
        """
        before, self.given = self.given, set()
        failure: Failure | None = None
        for labels, present, values, histograms in columns:
            if present.all():
                samples = times, values, histograms
            else:
                samples = _with_markers(times, present, values, histograms, was_present=labels in before)
            if len(samples[0]):
                failure = earliest(failure, self._store(labels, *samples))
            before.discard(labels)
            if present[-1]:
                self.given.add(labels)
        for labels in before:
            self._store(labels, times[:1], STALE_NAN, None)
        return failure

    def _store(self, labels: Labels, times: Times, values: Floats, histograms: Objects | None) -> Failure | None:
        known = self.storage.get(labels)
        if known is not None and known.writer != self.index and not self.is_stepwise:
            raise SharedSeriesError
        if known is not None and self.is_stepwise and len(known.times):
            refused = _refusal(int(known.times[-1]), known.values[-1:], int(times[0]), values[:1])
            if refused is not None:
                # a marker for a series that another rule still gives is dropped without a word
                return Failure(0, refused) if refused and not is_stale(values)[0] else None
        self.storage.append(labels, times, values, histograms, self.index)
        return None


def _refusal(last: int, last_value: Floats, new: int, value: Floats) -> str | None:
    """Give the storage's error for a sample that is not younger than the last one; empty for an exact repetition."""
    if new > last:
        return None
    if new < last:
        return "out of order sample"
    if last_value.view(np.int64)[0] == value.view(np.int64)[0]:
        return ""
    if new == 0:  # the storage takes a time of zero for none
        return "duplicate sample for timestamp"
    old, fresh = float_text(float(last_value[0])), float_text(float(value[0]))
    return f"duplicate sample for timestamp {new}; overrides not allowed: existing {old}, new value {fresh}"


def _with_markers(
    times: Times, present: Mask, values: Floats, histograms: Objects | None, *, was_present: bool
) -> tuple[Times, Floats, Objects | None]:
    """Keep the cells that are present and put a staleness marker after each run of them."""
    previous = np.concatenate(([was_present], present[:-1]))
    stale = previous & ~present
    kept = present | stale
    out = values[kept]
    marks = stale[kept]
    out.view(np.int64)[marks] = STALE_BITS  # through the bits: a float may lose the payload
    objects = None
    if histograms is not None:
        objects = histograms[kept]
        objects[marks] = None
    return times[kept], out, objects


class Recorder:
    """Writes what one recording rule gives, block of steps after block."""

    def __init__(self, item: ScheduledRule, rule: RecordingRule, writer: Writer) -> None:
        self.limit = item.group.limit
        self.writer = writer
        self.fixed = (*tuple((name, value) for name, value in rule.labels), (NAME, rule.name))
        self.replaced = frozenset(name for name, _ in self.fixed)
        self.known: dict[Labels, Labels] = {}

    def labels(self, labels: Labels) -> Labels:
        """Give the labels under which a row is recorded."""
        if labels not in self.known:
            self.known[labels] = labels_of([*(pair for pair in labels if pair[0] not in self.replaced), *self.fixed])
        return self.known[labels]

    def block(self, matrix: Matrix, failure: Failure | None, times: Times) -> Failure | None:
        """Record a block of steps up to its first failure, and give that failure."""
        steps = len(times)
        pieces = ((self.labels(labels), row, matrix.present[row]) for row, labels in enumerate(matrix.labels))
        columns, clash = join(pieces, steps)
        doubled = None if clash is None else Failure(clash, DUPLICATE_SERIES)
        counts = np.sum([column.present for column in columns], axis=0) if self.limit and columns else np.zeros(steps)
        failure = earliest(failure, doubled, over_limit(counts.astype(np.int64), self.limit, "series"))
        stop = failure.step if failure else steps
        if not stop:
            return failure
        written = self.writer.write((_cells(matrix, column, stop) for column in columns), times[:stop])
        return earliest(failure, written)


def _cells(matrix: Matrix, column: Column, stop: int) -> tuple[Labels, Mask, Floats, Objects | None]:
    """Give a column's cells of the first `stop` steps."""
    place: tuple[object, object]
    place = (column.rows, slice(stop)) if isinstance(column.rows, int) else (column.rows[:stop], np.arange(stop))
    histograms = None if matrix.histograms is None else matrix.histograms[place]
    return column.labels, column.present[:stop], matrix.values[place], histograms

"""Compare results with what a test script expects, with the tolerance of Prometheus' own runner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.series import is_stale
from promrules.columns.values import Matrix, RangeMatrix, Scalar, String
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from promrules.columns.values import Value
    from promrules.histograms.value import Histogram
    from promrules.prometheus_scripts.script import Eval
    from promrules.prometheus_scripts.series_notation import Samples
    from promrules.syntax.labels import Labels

EPSILON: Final = 1e-6
_SMALLEST_NORMAL: Final = 2.0**-1022


class Mismatch(Exception):  # noqa: N818 (it is a finding, no error of the program)
    """A result that is not as expected; the message says where they part."""


def almost_equal(a: float, b: float, epsilon: float = EPSILON) -> bool:
    """Compare by relative difference; NaN equals NaN, but the staleness marker only itself."""
    if math.isnan(a) or math.isnan(b):
        both = is_stale(np.array([a, b]))
        return bool(both[0] == both[1]) and math.isnan(a) and math.isnan(b)
    if a == b:
        return True
    size, difference = abs(a) + abs(b), abs(a - b)
    if a == 0 or b == 0 or size < _SMALLEST_NORMAL:
        return difference < epsilon * _SMALLEST_NORMAL
    return difference / min(size, 1.7976931348623157e308) < epsilon


def almost_equal_histograms(expected: Histogram, found: Histogram, *, hinted: bool) -> bool:
    """Compare histograms field by field; the counter reset hint only where one is written."""
    left, right = expected.compact(), found.compact()
    if (left.schema, left.bounds, left.zero_threshold) != (right.schema, right.bounds, right.zero_threshold):
        return False
    numbers = [(left.count, right.count), (left.sum, right.sum), (left.zero_count, right.zero_count)]
    for mine, theirs in ((left.positive, right.positive), (left.negative, right.negative)):
        if mine.index.tolist() != theirs.index.tolist():
            return False
        numbers += zip(mine.count.tolist(), theirs.count.tolist(), strict=True)
    return all(almost_equal(a, b) for a, b in numbers) and (not hinted or left.hint is right.hint)


def _check_cell(labels: Labels, samples: Samples, place: int, value: float, histogram: object) -> None:
    """Compare one sample with the expected one at ``place`` among the written ones."""
    position = int(samples.places[place])
    wanted = None if samples.histograms is None else samples.histograms[place]
    shown = format_labels(labels)
    if (wanted is None) != (histogram is None):
        raise Mismatch(
            f"expected {'a float' if wanted is None else 'a histogram'} for {shown}, got {histogram or value}"
        )
    if wanted is None:
        expected = float(samples.values[place])
        if not almost_equal(value, expected):
            raise Mismatch(f"expected {expected!r} for {shown}, got {value!r}")
    elif not almost_equal_histograms(wanted, histogram, hinted=position in samples.hinted):  # type: ignore[arg-type]
        raise Mismatch(f"expected {wanted} for {shown}, got {histogram}")


def compare_instant(command: Eval, value: Value, column: int) -> None:
    """Compare one column with the expected vector, scalar or string.

    Raises:
        Mismatch: they differ.
    """
    if isinstance(value, String):
        if command.string != value.value:
            raise Mismatch(f"expected string {command.string!r}, got {value.value!r}")
        return
    if isinstance(value, Scalar):
        if command.scalar is None:
            raise Mismatch(f"expected a vector, got scalar {value.values[column]}")
        if not almost_equal(float(value.values[column]), command.scalar):
            raise Mismatch(f"expected scalar {command.scalar!r}, got {value.values[column]!r}")
        return
    if not isinstance(value, Matrix) or command.scalar is not None or command.string is not None:
        raise Mismatch("result is of another type than expected")
    rows = [row for row in range(len(value.labels)) if value.present[row, column]]
    order = list(command.series)
    for place, row in enumerate(rows):
        labels = value.labels[row]
        if labels not in command.series:
            raise Mismatch(f"unexpected series {format_labels(labels)} with value {value.values[row, column]!r}")
        if command.expects("ordered") and order.index(labels) != place:
            raise Mismatch(f"series {format_labels(labels)} at place {place + 1}, expected {order.index(labels) + 1}")
        histogram = None if value.histograms is None else value.histograms[row, column]
        _check_cell(labels, command.series[labels], 0, float(value.values[row, column]), histogram)
    _check_all_found(command, [value.labels[row] for row in rows])


def _check_all_found(command: Eval, found: list[Labels]) -> None:
    """Complain of expected series that are not there, and of series that are there twice."""
    missing = [labels for labels in command.series if labels not in set(found)]
    if missing:
        raise Mismatch(f"expected series {format_labels(missing[0])} not found")
    if len(set(found)) < len(found):
        raise Mismatch("result holds a label set twice")


def compare_range(command: Eval, value: Value, steps: int) -> None:
    """Compare all columns of a range query.

    Raises:
        Mismatch: they differ.
    """
    if isinstance(value, Scalar):
        value = Matrix([()], value.values[np.newaxis, :], np.ones((1, steps), dtype=bool))
    if not isinstance(value, Matrix):
        raise Mismatch("result is of another type than expected")
    if value.labels != sorted(value.labels):
        raise Mismatch("range result is not sorted by labels")
    for row, labels in enumerate(value.labels):
        if labels not in command.series:
            raise Mismatch(f"unexpected series {format_labels(labels)}: {value.values[row]}")
        samples = command.series[labels]
        columns = np.flatnonzero(value.present[row])
        if columns.tolist() != samples.places.tolist():
            raise Mismatch(
                f"expected {format_labels(labels)} at steps {samples.places.tolist()}, got {columns.tolist()}"
            )
        for place, column in enumerate(columns.tolist()):
            histogram = None if value.histograms is None else value.histograms[row, column]
            _check_cell(labels, samples, place, float(value.values[row, column]), histogram)
    _check_all_found(command, value.labels)


def compare_window(command: Eval, value: RangeMatrix) -> None:
    """Compare an instant query's range vector.

    Raises:
        Mismatch: they differ.
    """
    if command.window is None:
        raise Mismatch("result is a range vector, which was not expected")
    start, step = command.window
    found = []
    for row, labels in enumerate(value.labels):
        cut = slice(int(value.lo[row, 0]), int(value.hi[row, 0]))
        times = value.times[cut]
        if not len(times):
            continue
        found.append(labels)
        if labels not in command.series:
            raise Mismatch(f"unexpected series {format_labels(labels)}")
        samples = command.series[labels]
        if (samples.places * step + start).tolist() != times.tolist():
            raise Mismatch(f"samples of {format_labels(labels)} at {times.tolist()} ms, expected otherwise")
        for place in range(len(times)):
            histogram = None if value.histograms is None else value.histograms[cut][place]
            _check_cell(labels, samples, place, float(value.values[cut][place]), histogram)
    _check_all_found(command, found)

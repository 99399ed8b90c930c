"""Aggregations over series: groups by label first, then arithmetic on whole rows of columns."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.values import Matrix
from promrules.functions.extremes import first_largest, first_smallest, has_negative_zero
from promrules.functions.quantiles import quantile_columns
from promrules.functions.sums import kahan_step
from promrules.histograms.notation import display
from promrules.syntax.labels import METADATA, drop, keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from promrules.columns.values import Floats, Mask
    from promrules.syntax.labels import Labels

    Integers = NDArray[np.int64]


class Groups:
    """Which group each row belongs to.

    Attributes:
        labels: The label set of each group, in order of appearance.
        of: The group of each row.
        members: The rows of each group, in order.
    """

    def __init__(self, rows: list[Labels], grouping: tuple[str, ...], *, without: bool) -> None:
        """Group ``rows`` by the labels in ``grouping``, or by all others and never by name."""
        names = frozenset(grouping)
        select = drop if without else keep
        if without:
            names |= METADATA
        known: dict[Labels, int] = {}
        self.of = [known.setdefault(select(row, names), len(known)) for row in rows]
        self.labels = list(known)
        self.members: list[list[int]] = [[] for _ in known]
        for row, group in enumerate(self.of):
            self.members[group].append(row)

    def any_drop(self, flags: list[bool]) -> list[bool]:
        """Tell for each group whether one of its rows is to lose its name."""
        return [any(flags[row] for row in rows) for rows in self.members]


def by_member(groups: Groups) -> list[tuple[list[int], list[int]]]:
    """Give, for the first, second, … member of all groups at once, the groups and the rows."""
    longest = max((len(rows) for rows in groups.members), default=0)
    if longest == 1:
        return [(list(range(len(groups.members))), [rows[0] for rows in groups.members])]
    return [
        (
            [group for group, rows in enumerate(groups.members) if len(rows) > place],
            [rows[place] for rows in groups.members if len(rows) > place],
        )
        for place in range(longest)
    ]


def total(values: Floats, present: Mask, groups: Groups) -> Floats:
    """Sum with Kahan-Neumaier compensation in storage order."""
    sums, carry = _totals(values, present, groups)
    with np.errstate(invalid="ignore"):
        return sums + carry


def _totals(values: Floats, present: Mask, groups: Groups) -> tuple[Floats, Floats]:
    """Give compensated sums as pairs; a group's first sample is taken as it is."""
    members = by_member(groups)
    first = members[0][1] if members else []  # every group has a first member
    seen = present[first]
    sums = np.where(seen, values[first], 0.0)
    carry = np.zeros(sums.shape)
    with np.errstate(invalid="ignore", over="ignore"):
        for where, rows in members[1:]:
            added, there = values[rows], present[rows]
            before, lost = sums[where], carry[where]
            after, compensation = kahan_step(added, before, lost)
            fresh = ~seen[where]
            sums[where] = np.where(there, np.where(fresh, added, after), before)
            carry[where] = np.where(there & ~fresh, compensation, lost)
            seen[where] |= there
    return sums, carry


def average(values: Floats, present: Mask, groups: Groups) -> Floats:
    """Average: compensated sum over count, an incremental mean from where the sum would overflow."""
    shape = (len(groups.members), values.shape[1])
    sums, carry, mean, count = (np.zeros(shape) for _ in range(4))
    incremental = np.zeros(shape, dtype=bool)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for where, rows in by_member(groups):
            added, there = values[rows], present[rows]
            n = count[where] + there
            fresh = there & (n == 1)
            going = there & ~fresh
            after, compensation = kahan_step(added, sums[where], carry[where])
            switch = going & np.isinf(after) & ~incremental[where]
            stepping = going & (incremental[where] | switch)
            mean_now = np.where(switch, sums[where] / (n - 1), mean[where])
            carry_now = np.where(switch, carry[where] / (n - 1), carry[where])
            share = (n - 1) / n
            new_mean, mean_carry = kahan_step(added / n, share * mean_now, share * carry_now)
            plain = going & ~stepping
            sums[where] = np.where(fresh, added, np.where(plain, after, sums[where]))
            mean[where] = np.where(stepping, new_mean, mean[where])
            carry[where] = np.where(stepping, mean_carry, np.where(plain, compensation, carry[where]))
            incremental[where] |= stepping
            count[where] = n
        return np.where(incremental, mean + carry, sums / count + carry / count)


def extreme(pick: np.ufunc, careful: Callable[[Floats, Floats], Floats]) -> Callable[[Floats, Mask, Groups], Floats]:
    """Make ``min`` or ``max``: NaN only where all samples are NaN; ``careful`` picks where a -0 is among them."""

    def reduce(values: Floats, present: Mask, groups: Groups) -> Floats:
        masked = np.where(present, values, np.nan)
        with np.errstate(invalid="ignore"):
            if has_negative_zero(masked):
                return np.array([functools.reduce(careful, masked[rows]) for rows in groups.members])
            return np.array([pick.reduce(masked[rows], axis=0) for rows in groups.members])

    return reduce


def count(_values: Floats, present: Mask, groups: Groups) -> Floats:
    """Count samples."""
    return np.array([present[rows].sum(axis=0) for rows in groups.members], dtype=np.float64)


def group(_values: Floats, present: Mask, groups: Groups) -> Floats:
    """Give 1 for each group."""
    return np.ones((len(groups.members), present.shape[1]))


def variance(values: Floats, present: Mask, groups: Groups) -> Floats:
    """Population variance by Welford's recurrence; NaN where the first sample is not finite."""
    shape = (len(groups.members), values.shape[1])
    n, mean, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for where, rows in by_member(groups):
            value, there = values[rows], present[rows]
            size = n[where] + there
            fresh = there & (size == 1)
            delta = value - mean[where]
            moved = mean[where] + delta / size
            mean[where] = np.where(fresh, value, np.where(there, moved, mean[where]))
            step = squares[where] + delta * (value - moved)
            start = np.where(np.isfinite(value), 0.0, np.nan)
            squares[where] = np.where(fresh, start, np.where(there, step, squares[where]))
            n[where] = size
        return squares / n


def deviation(values: Floats, present: Mask, groups: Groups) -> Floats:
    """Population standard deviation."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(variance(values, present, groups))


REDUCERS: Final[dict[str, Callable[[Floats, Mask, Groups], Floats]]] = {
    "sum": total,
    "avg": average,
    "min": extreme(np.fmin, first_smallest),
    "max": extreme(np.fmax, first_largest),
    "count": count,
    "group": group,
    "stdvar": variance,
    "stddev": deviation,
}
"""Aggregations without a parameter: ``values, present, groups`` → values, groups by columns."""

SKIPS_HISTOGRAMS: Final = frozenset({"min", "max", "stdvar", "stddev", "quantile", "topk", "bottomk"})
"""Aggregations that leave histogram samples out, with an info."""


def quantile(values: Floats, present: Mask, groups: Groups, q: Floats) -> Floats:
    """Give the quantile of each group with one ``q`` per column."""
    return np.array([quantile_columns(values[rows], present[rows], q) for rows in groups.members])


def present_groups(present: Mask, groups: Groups) -> Mask:
    """Tell where a group has a sample."""
    if not groups.members:
        return np.empty((0, present.shape[1]), dtype=bool)
    return np.array([present[rows].any(axis=0) for rows in groups.members])


def count_values(matrix: Matrix, name: str, grouping: tuple[str, ...], *, without: bool) -> Matrix:
    """Count the samples of each distinct value, which becomes label ``name``."""
    found: dict[Labels, NDArray[np.float64]] = {}
    names = frozenset(grouping) | ({name} if not without else METADATA)
    width = matrix.values.shape[1]
    for row, labels in enumerate(matrix.labels):
        others = drop(labels, frozenset({name}))
        for text, mask in _distinct(matrix, row):
            with_value = tuple(sorted((*others, (name, text))))
            key = drop(with_value, names) if without else keep(with_value, names)
            found.setdefault(key, np.zeros(width))
            found[key] += mask
    counts = np.array(list(found.values())).reshape(len(found), width)
    return Matrix(list(found), counts, counts > 0)


def _distinct(matrix: Matrix, row: int) -> list[tuple[str, Mask]]:
    """Give the texts of the values in a row with the columns that hold them."""
    there = matrix.present[row]
    objects = None if matrix.histograms is None else matrix.histograms[row]
    if objects is not None:
        texts = np.array(
            [
                "" if not here else (format_value(value) if item is None else display(item))
                for here, value, item in zip(there, matrix.values[row], objects, strict=True)
            ]
        )
        return [(str(text), (texts == text) & there) for text in dict.fromkeys(texts[there].tolist())]
    values = matrix.values[row]
    missing = np.isnan(values)
    masks = [(format_value(float(value)), (values == value) & there) for value in np.unique(values[there & ~missing])]
    return masks + ([("NaN", missing & there)] if (missing & there).any() else [])


def format_value(value: float) -> str:
    """Write a float with the fewest digits and no exponent, as Go's ``FormatFloat(v, 'f', -1, 64)``."""
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    text = np.format_float_positional(value, trim="-")
    return text.removesuffix(".")

"""Operations on instant vectors as such: drop names, merge rows of the same labels, join blocks of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.values import Matrix, holds_histogram
from promrules.syntax.labels import without_metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.columns.frame import Context, Frame
    from promrules.columns.values import Floats, Mask, Objects
    from promrules.syntax.labels import Labels

SAME_LABELSET: Final = "vector cannot contain metrics with the same labelset"


def empty(columns: int) -> Matrix:
    """Give a vector without series."""
    return Matrix([], np.empty((0, columns)), np.empty((0, columns), dtype=bool))


def drops(matrix: Matrix) -> list[bool]:
    """Give the per-series flags of delayed name removal."""
    return matrix.drop_name if matrix.drop_name is not None else [False] * len(matrix.labels)


def floats_only(matrix: Matrix) -> Mask:
    """Give the mask of cells that hold a float sample."""
    if matrix.histograms is None:
        return matrix.present
    mask: Mask = matrix.present & ~holds_histogram(matrix.histograms)
    return mask


def renamed(
    matrix: Matrix, values: Floats, present: Mask, ctx: Context, frame: Frame, histograms: Objects | None = None
) -> Matrix:
    """Give ``matrix`` with new cells and without metric names, at once or at the end of the query."""
    if ctx.options.delayed_name_removal:
        return Matrix(matrix.labels, values, present, histograms, [True] * len(matrix.labels))
    labels = [without_metadata(item) for item in matrix.labels]
    return merged(Matrix(labels, values, present, histograms), ctx, frame)


def floats_first(matrix: Matrix) -> Matrix:
    """Give what functions and operators see of cells that hold a float beside a histogram: the float."""
    if matrix.doubles is None or matrix.histograms is None:
        return matrix
    histograms = matrix.histograms.copy()
    histograms[matrix.doubles] = None
    return Matrix(matrix.labels, matrix.values, matrix.present, histograms, matrix.drop_name)


def merged_samples(matrix: Matrix, ctx: Context, frame: Frame) -> Matrix:
    """Join rows with the same labels as ``merged`` does, but let a float and a histogram share a cell."""
    if matrix.histograms is None or len(set(matrix.labels)) == len(matrix.labels):
        return merged(matrix, ctx, frame)
    native = matrix.present & holds_histogram(matrix.histograms)
    plain = matrix.present & (~native if matrix.doubles is None else ~native | matrix.doubles)
    floats = merged(Matrix(matrix.labels, matrix.values, plain, None, matrix.drop_name), ctx, frame)
    histograms = merged(Matrix(matrix.labels, matrix.values, native, matrix.histograms, matrix.drop_name), ctx, frame)
    return Matrix(
        floats.labels,
        floats.values,
        floats.present | histograms.present,
        histograms.histograms,
        floats.drop_name,
        floats.present & histograms.present,
    )


def merged(matrix: Matrix, ctx: Context, frame: Frame) -> Matrix:
    """Join rows with the same labels; where two of them hold a sample in the same column the query fails."""
    if len(set(matrix.labels)) == len(matrix.labels):
        return matrix
    rows: dict[Labels, list[int]] = {}
    for index, labels in enumerate(matrix.labels):
        rows.setdefault(labels, []).append(index)
    groups = list(rows.values())
    first = [group[0] for group in groups]
    values, present = matrix.values[first], matrix.present[first]
    histograms = None if matrix.histograms is None else matrix.histograms[first]
    flags = drops(matrix)
    for row, group in enumerate(groups):
        for other in group[1:]:
            added = matrix.present[other]
            ctx.fail(frame, present[row] & added, SAME_LABELSET)
            values[row] = np.where(added, matrix.values[other], values[row])
            if histograms is not None and matrix.histograms is not None:
                histograms[row] = np.where(added, matrix.histograms[other], histograms[row])
            present[row] |= added
    return Matrix(list(rows), values, present, histograms, [flags[index] for index in first])


def finished(matrix: Matrix, ctx: Context, frame: Frame) -> Matrix:
    """Carry out delayed name removal and drop rows without samples."""
    if matrix.drop_name is not None and any(matrix.drop_name):
        labels = [
            without_metadata(item) if drop else item for item, drop in zip(matrix.labels, matrix.drop_name, strict=True)
        ]
        matrix = Matrix(labels, matrix.values, matrix.present, matrix.histograms, None, matrix.doubles)
    return compact(merged_samples(matrix, ctx, frame))


def compact(matrix: Matrix) -> Matrix:
    """Drop rows without samples."""
    kept = matrix.present.any(axis=1)
    return matrix if kept.all() else take_rows(matrix, np.flatnonzero(kept).tolist())


def take_rows(matrix: Matrix, rows: Sequence[int]) -> Matrix:
    """Give some rows, in the order asked for."""
    index = np.asarray(rows, dtype=np.intp)
    histograms = None if matrix.histograms is None else matrix.histograms[index]
    flags = None if matrix.drop_name is None else [matrix.drop_name[row] for row in rows]
    labels = [matrix.labels[row] for row in rows]
    doubles = None if matrix.doubles is None else matrix.doubles[index]
    return Matrix(labels, matrix.values[index], matrix.present[index], histograms, flags, doubles)


def stacked(parts: Sequence[Matrix]) -> Matrix:
    """Put the rows of vectors over the same columns under each other."""
    if len(parts) == 1:
        return parts[0]
    histograms = None
    if any(part.histograms is not None for part in parts):
        histograms = np.concatenate([_objects(part) for part in parts])
    return Matrix(
        [labels for part in parts for labels in part.labels],
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        histograms,
        [flag for part in parts for flag in drops(part)],
    )


def _objects(matrix: Matrix) -> Objects:
    """Give the histogram cells, None everywhere when there are none."""
    if matrix.histograms is not None:
        return matrix.histograms
    return np.full(matrix.values.shape, None, dtype=object)


def joined(parts: Sequence[Matrix]) -> Matrix:
    """Put vectors over consecutive blocks of columns side by side; rows meet by labels."""
    if len(parts) == 1:
        return parts[0]
    rows: dict[tuple[Labels, bool], int] = {}
    for part in parts:
        for key in zip(part.labels, drops(part), strict=True):
            rows.setdefault(key, len(rows))
    width = sum(part.values.shape[1] for part in parts)
    values = np.zeros((len(rows), width))
    present = np.zeros((len(rows), width), dtype=bool)
    mixed = any(part.histograms is not None for part in parts)
    histograms = np.full((len(rows), width), None, dtype=object) if mixed else None
    column = 0
    for part in parts:
        where = [rows[key] for key in zip(part.labels, drops(part), strict=True)]
        span = slice(column, column + part.values.shape[1])
        values[where, span] = part.values
        present[where, span] = part.present
        if histograms is not None:
            histograms[where, span] = _objects(part)
        column = span.stop
    return Matrix([key[0] for key in rows], values, present, histograms, [key[1] for key in rows])


def repeated(matrix: Matrix, columns: int) -> Matrix:
    """Give a vector of one column in ``columns`` equal columns."""
    histograms = None if matrix.histograms is None else np.repeat(matrix.histograms, columns, axis=1)
    return Matrix(
        matrix.labels,
        np.repeat(matrix.values, columns, axis=1),
        np.repeat(matrix.present, columns, axis=1),
        histograms,
        matrix.drop_name,
        None if matrix.doubles is None else np.repeat(matrix.doubles, columns, axis=1),
    )

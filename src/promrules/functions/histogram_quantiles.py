"""histogram_quantile and histogram_fraction: classic buckets grouped by ``le``, native histograms one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.matrices import drops, empty, floats_only, renamed, stacked
from promrules.columns.values import Matrix
from promrules.functions.classic_buckets import bucket_fraction, bucket_quantile
from promrules.histograms import statistics as histogram_stats
from promrules.syntax.labels import drop, get, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Floats, Mask
    from promrules.histograms.value import Histogram, Remark
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Call, Node

    Native = Callable[[float, Histogram], tuple[float, Remark | None]]

_LE: Final = frozenset({"le"})


@dataclass(slots=True)
class _Group:
    """The buckets of one classic histogram: rows of the vector with their bounds."""

    labels: Labels
    rows: list[int] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)


def quantile(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """histogram_quantile(φ, vector)."""
    q = engine.scalar(node.args[0], frame)
    remark_quantiles(engine, q, node.args[0])
    matrix = engine.vector(node.args[1], frame)
    return _quantile(engine, q, matrix, node.args[1], frame)


def quantiles(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """histogram_quantiles(vector, label, φ…): one result per φ, told apart by ``label``."""
    from_label = node.args[1]
    matrix = engine.vector(node.args[0], frame)
    name = getattr(from_label, "value", "")
    parts: list[Matrix] = []
    for arg in node.args[2:]:
        q = engine.scalar(arg, frame)
        remark_quantiles(engine, q, arg)
        part = _quantile(engine, q, matrix, node.args[0], frame)
        text = format_open_metrics(float(q[0])) if len(q) else ""
        part.labels = [replace(labels, name, text) for labels in part.labels]
        parts.append(part)
    return stacked(parts) if parts else empty(frame.size)


def format_open_metrics(value: float) -> str:
    """Write a float the way OpenMetrics writes ``le`` and ``quantile`` labels."""
    if np.isinf(value) or np.isnan(value):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    return repr(value)


def remark_quantiles(engine: Engine, q: Floats, arg: Node) -> None:
    """Warn of quantiles outside 0 to 1."""
    bad = q[~((q >= 0) & (q <= 1))]
    for value in np.unique(bad).tolist():
        text = f"quantile value should be between 0 and 1, got {format_g(value)}"
        engine.ctx.remark("warning", f"PromQL warning: {text}", arg.span)


def format_g(value: float) -> str:
    """Write a float as Go's ``%g``."""
    if np.isinf(value) or np.isnan(value):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    text = repr(value)
    exponent = np.floor(np.log10(abs(value))) if value else 0
    if exponent < -4 or exponent >= 21:
        mantissa, _, power = f"{value:e}".partition("e")
        mantissa = np.format_float_scientific(value, trim="-").partition("e")[0].removesuffix(".")
        return f"{mantissa}e{int(power):+03d}"
    return text.removesuffix(".0") if "e" not in text else np.format_float_positional(value, trim="-").removesuffix(".")


def fraction(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """histogram_fraction(lower, upper, vector)."""
    lower, upper = engine.scalar(node.args[0], frame), engine.scalar(node.args[1], frame)
    matrix = engine.vector(node.args[2], frame)
    groups, conflict = _classic_groups(engine, matrix, node.args[2])

    def classic(bounds: Floats, counts: Floats, columns: Mask, _group: _Group) -> Floats:
        return bucket_fraction(lower[columns], upper[columns], bounds, counts)

    def native(column: int, histogram: Histogram) -> tuple[float, Remark | None]:
        return histogram_stats.fraction(float(lower[column]), float(upper[column]), histogram)

    return _both(engine, matrix, groups, conflict, classic, native, node.args[2], frame)


def _quantile(engine: Engine, q: Floats, matrix: Matrix, arg: Node, frame: Frame) -> Matrix:
    """Give one quantile of every histogram in ``matrix``."""
    groups, conflict = _classic_groups(engine, matrix, arg)

    def classic(bounds: Floats, counts: Floats, columns: Mask, group: _Group) -> Floats:
        values, forced = bucket_quantile(q[columns], bounds, counts)
        if forced.any():
            name = get(group.labels, "__name__") if engine.ctx.options.delayed_name_removal else ""
            _remark_forced(engine, name, arg)
        return values

    def native(column: int, histogram: Histogram) -> tuple[float, Remark | None]:
        return histogram_stats.quantile(float(q[column]), histogram)

    return _both(engine, matrix, groups, conflict, classic, native, arg, frame)


def _remark_forced(engine: Engine, name: str, arg: Node) -> None:
    """Tell that bucket counts had to be lifted."""
    text = (
        "PromQL info: input to histogram_quantile needed to be fixed for monotonicity "
        "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
    )
    engine.ctx.remark("info", text + (f' for metric name "{name}"' if name else ""), arg.span)


def _classic_groups(engine: Engine, matrix: Matrix, arg: Node) -> tuple[list[_Group], Mask]:
    """Group classic buckets, warn of rows without a usable ``le``; tell which cells conflict with a native one."""
    found: dict[Labels, _Group] = {}
    floats = floats_only(matrix)
    for row, labels in enumerate(matrix.labels):
        if not floats[row].any():
            continue
        text = get(labels, "le")
        try:
            bound = parse_bound(text)
        except ValueError:
            message = f'PromQL warning: bucket label "le" is missing or has a malformed value of "{text}"'
            name = get(labels, "__name__")
            engine.ctx.remark("warning", message + (f' for metric name "{name}"' if name else ""), arg.span)
            continue
        key = drop(labels, _LE)
        group = found.setdefault(key, _Group(key))
        group.rows.append(row)
        group.bounds.append(bound)
    conflict = np.zeros(matrix.present.shape, dtype=bool)
    if matrix.histograms is not None:
        native = matrix.present & ~floats
        for row, labels in enumerate(matrix.labels):
            group_found = found.get(labels)
            if group_found is None or not native[row].any():
                continue
            clash = native[row] & floats[group_found.rows].any(axis=0)
            if clash.any():
                conflict[row] |= clash
                conflict[group_found.rows] |= clash
                name = get(labels, "__name__")
                message = "PromQL warning: vector contains a mix of classic and native histograms"
                engine.ctx.remark("warning", message + (f' for metric name "{name}"' if name else ""), arg.span)
    return list(found.values()), conflict


def parse_bound(text: str) -> float:
    """Read ``le`` as Go's ``ParseFloat`` does.

    Raises:
        ValueError: not a number.
    """
    if text != text.strip() or not text:
        raise ValueError(text)
    if text[:2].lower() == "0x" or text[1:3].lower() == "0x":
        return float.fromhex(text) if "p" in text.lower() else float(int(text, 16))
    return float(text)


def _both(
    engine: Engine,
    matrix: Matrix,
    groups: list[_Group],
    conflict: Mask,
    classic: Callable[[Floats, Floats, Mask, _Group], Floats],
    native: Callable[[int, Histogram], tuple[float, Remark | None]],
    arg: Node,
    frame: Frame,
) -> Matrix:
    """Apply the kernels to native histograms first, then to classic ones."""
    floats = floats_only(matrix) & ~conflict
    parts = [_native_part(engine, matrix, conflict, native, arg)] if matrix.histograms is not None else []
    values = np.zeros((len(groups), frame.size))
    present = np.zeros((len(groups), frame.size), dtype=bool)
    for place, group in enumerate(groups):
        order = np.argsort(np.array(group.bounds), kind="stable")
        rows = np.array(group.rows)[order]
        bounds = np.array(group.bounds)[order]
        there = floats[rows]
        present[place] = there.any(axis=0)
        for pattern, columns in _patterns(there):
            values[place, columns] = classic(bounds[pattern], matrix.values[rows[pattern]][:, columns], columns, group)
    flags = drops(matrix)
    kept_flags = [flags[group.rows[0]] for group in groups]
    parts.append(Matrix([group.labels for group in groups], values, present, None, kept_flags))
    whole = stacked(parts)
    return renamed(whole, whole.values, whole.present, engine.ctx, frame)


def _patterns(there: Mask) -> list[tuple[Mask, Mask]]:
    """Give each set of buckets that occurs together, with the columns where it does."""
    if there.all():
        return [(np.ones(len(there), dtype=bool), np.ones(there.shape[1], dtype=bool))]
    packed = np.packbits(there, axis=0)
    unique, place = np.unique(packed, axis=1, return_inverse=True)
    place = place.reshape(-1)
    found = []
    for index in range(unique.shape[1]):
        columns = place == index
        pattern = there[:, int(np.argmax(columns))]
        if pattern.any():
            found.append((pattern, columns))
    return found


def _native_part(
    engine: Engine,
    matrix: Matrix,
    conflict: Mask,
    native: Callable[[int, Histogram], tuple[float, Remark | None]],
    arg: Node,
) -> Matrix:
    """Apply the native kernel to each histogram cell."""
    assert matrix.histograms is not None  # noqa: S101 (the caller looked; this tells mypy)
    present = matrix.present & ~floats_only(matrix) & ~conflict
    values = np.zeros(matrix.values.shape)
    for row, column in zip(*np.nonzero(present), strict=True):
        values[row, column], remark = native(int(column), matrix.histograms[row, column])
        if remark is not None:
            text = remark.text(get(matrix.labels[row], "__name__"))
            engine.ctx.remark(remark.level, text, arg.span)
    return Matrix(matrix.labels, values, present, None, matrix.drop_name)

"""Carry out a script's ``load``: series into the storage, native histograms from classic ones where asked for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.series import Series, is_stale
from promrules.functions.histogram_quantiles import parse_bound
from promrules.histograms.storage import Classic, from_classic, stored
from promrules.prometheus_scripts.series_notation import as_series, parse_series
from promrules.syntax.labels import NAME, Labels, drop, get, replace

if TYPE_CHECKING:
    from promrules.columns.series import Storage
    from promrules.prometheus_scripts.script import Load


def load(command: Load, storage: Storage) -> None:
    """Add the samples of ``command`` to ``storage``.

    Raises:
        ValueError: a series cannot be read, or its samples are not younger than those already there.
    """
    named: dict[Labels, Series] = {}  # a series written twice counts as it stands last
    for line, text in command.series:
        if "}@st" in text.replace(" ", "") or "@st " in text:
            raise ValueError(f"line {line}: start timestamps are not supported by the embedded engine")
        labels, samples = parse_series(text)
        named[labels] = as_series(labels, samples, command.gap)
    loaded = [Series(item.labels, item.times, item.values, item.histograms) for item in named.values()]
    for series in named.values():
        if len(series.times):
            storage.add(series)
    if command.custom_buckets:
        for series in _from_classic(loaded):
            storage.add(series)


def _from_classic(loaded: list[Series]) -> list[Series]:
    """Build a native histogram with custom buckets from each classic one among the series."""
    bounds: dict[Labels, dict[int, dict[float, float]]] = defaultdict(lambda: defaultdict(dict))
    counts: dict[Labels, dict[int, float]] = defaultdict(dict)
    sums: dict[Labels, dict[int, float]] = defaultdict(dict)
    for series in loaded:
        name = get(series.labels, NAME)
        pairs = [
            (time, value)
            for time, value, stale in zip(
                series.times.tolist(), series.values.tolist(), is_stale(series.values).tolist(), strict=True
            )
            if not stale
        ]
        if name.endswith("_bucket"):
            base = drop(replace(series.labels, NAME, name.removesuffix("_bucket")), frozenset({"le"}))
            try:
                bound = parse_bound(get(series.labels, "le"))
            except ValueError:
                continue
            for time, value in pairs:
                bounds[base][time][bound] = value
        elif name.endswith(("_count", "_sum")):
            word = "_count" if name.endswith("_count") else "_sum"
            target = counts if word == "_count" else sums
            target[replace(series.labels, NAME, name.removesuffix(word))].update(pairs)
    return [_series(base, bounds[base], counts[base], sums[base]) for base in list(bounds)]


def _series(
    base: Labels, bounds: dict[int, dict[float, float]], counts: dict[int, float], sums: dict[int, float]
) -> Series:
    """Build one series of native histograms."""
    times = sorted(bounds)
    histograms = [from_classic(Classic(bounds[time], counts.get(time), sums.get(time, 0.0))) for time in times]
    column = np.full(len(times), None, dtype=object)
    for index, item in enumerate(stored(histograms)):
        column[index] = item
    return Series(base, np.array(times, dtype=np.int64), np.zeros(len(times)), column)

"""Random small storages in, as text for promtool's input series and as columns for the engine, out."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from promrules.columns.series import STALE_NAN, Storage
from promrules.histograms import notation as histogram_text
from promrules.histograms import storage as histogram_store
from promrules.histograms.buckets import CUSTOM, buckets
from promrules.histograms.value import Hint, Histogram
from promrules.syntax.labels import get, labels_of, quote

if TYPE_CHECKING:
    from promrules.syntax.labels import Labels

GAP, STALE = "_", "stale"
Sample = float | str | Histogram
"""A value, or one of the words for no sample and for a staleness marker."""


@dataclass(frozen=True)
class Data:
    """Series on one grid.

    Attributes:
        interval: Seconds between samples, the first at 0.
        series: Samples by label set.
    """

    interval: int
    series: tuple[tuple[Labels, tuple[Sample, ...]], ...]

    @property
    def end(self) -> int:
        """Seconds up to the last sample of the longest series."""
        return self.interval * max((len(samples) - 1 for _, samples in self.series), default=0)

    def lines(self) -> list[str]:
        """Give each series and its values as promtool writes them."""
        return [f"{named(labels)} {values(samples)}" for labels, samples in self.series]

    def storage(self) -> Storage:
        """Give the series as the engine stores them."""
        storage = Storage()
        for labels, samples in self.series:
            add(storage, labels, samples, self.interval * 1000)
        return storage


def named(labels: Labels) -> str:
    """Give a label set with the metric name in front."""
    rest = ", ".join(f"{name}={quote(value)}" for name, value in labels if name != "__name__")
    return f"{get(labels, '__name__')}{{{rest}}}"


def word(sample: Sample) -> str:
    """Give one sample in series notation."""
    if isinstance(sample, Histogram):
        return histogram_text.notation(sample)
    if isinstance(sample, str):
        return sample
    if math.isnan(sample):
        return "NaN"
    return ("Inf" if sample > 0 else "-Inf") if math.isinf(sample) else repr(sample)


def values(samples: tuple[Sample, ...]) -> str:
    """Give samples in series notation."""
    return " ".join(word(sample) for sample in samples)


def add(storage: Storage, labels: Labels, samples: tuple[Sample, ...], interval: int) -> None:
    """Store samples, ``interval`` ms apart, leaving out the gaps."""
    kept = [(index * interval, sample) for index, sample in enumerate(samples) if sample != GAP]
    times = np.array([time for time, _ in kept], dtype=np.int64)
    column = np.array([sample if isinstance(sample, float) else 0.0 for _, sample in kept])
    column[[sample == STALE for _, sample in kept]] = STALE_NAN[0]
    objects = None
    if any(isinstance(sample, Histogram) for _, sample in kept):
        words = {float: histogram_store.FLOAT, str: histogram_store.STALE}
        read = histogram_store.stored([words.get(type(sample), sample) for _, sample in kept])
        objects = np.array([item if isinstance(item, Histogram) else None for item in read], dtype=object)
    storage.append(labels, times, column, objects)


def parsed(interval: int, lines: list[str]) -> Data:
    """Give the data back from what ``Data.lines`` gave (label values without commas, braces and quotes)."""
    series = []
    for line in lines:
        head, tail = line[: line.index("} ") + 1], line[line.index("} ") + 2 :]
        name, _, inside = head.partition("{")
        pairs = [pair.split("=") for pair in inside[:-1].split(", ") if pair] if inside[:-1] else []
        labels = labels_of({"__name__": name, **{key: json.loads(value) for key, value in pairs}})
        series.append((labels, tuple(_sample(text) for text in _words(tail))))
    return Data(interval, tuple(series))


def _words(text: str) -> list[str]:
    """Split at blanks outside of histograms."""
    words: list[str] = []
    for piece in text.split():
        if words and words[-1].startswith("{{") and not words[-1].endswith("}}"):
            words[-1] += f" {piece}"
        else:
            words.append(piece)
    return words


def _sample(text: str) -> Sample:
    if text in (GAP, STALE):
        return text
    return histogram_text.parse(text)[0] if text.startswith("{{") else float(text)


def _holes(draw: st.DrawFn, samples: list[Sample], marks: tuple[str, ...] = (GAP, GAP, STALE)) -> tuple[Sample, ...]:
    """Make gaps and staleness markers."""
    for _ in range(draw(st.integers(0, 3))):
        place, width = draw(st.integers(0, len(samples) - 1)), draw(st.sampled_from([1, 1, 2, 6]))
        mark = draw(st.sampled_from(marks))
        samples[place : place + width] = [mark, *[GAP] * (len(samples[place : place + width]) - 1)]
    return tuple(samples)


def _counter(draw: st.DrawFn, size: int) -> list[float]:
    """Draw a counter with resets; increments repeat in a short pattern, so that examples stay small."""
    pattern = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 7.0, 0.5, 0.1, 100.25, 1e9]), min_size=1, max_size=4))
    resets = draw(st.lists(st.integers(1, size), max_size=2))
    total, samples = draw(st.sampled_from([0.0, 3.0, 1e6, 0.3])), []
    for index in range(size):
        total = pattern[0] if index in resets else total + pattern[index % len(pattern)]
        samples.append(total)
    return samples


ODD = [0.0, 1.0, -1.0, 0.5, 3.25, -0.1, 1e-9, 1e17, 12345.678, -0.0, math.nan, math.inf, -math.inf]


def _gauge(draw: st.DrawFn, size: int) -> list[float]:
    pattern = draw(st.lists(st.sampled_from(ODD[:10]) | st.sampled_from(ODD), min_size=1, max_size=7))
    drift = draw(st.sampled_from([0.0, 0.1, -3.0]))
    return [pattern[index % len(pattern)] + drift * index for index in range(size)]


def _classic(draw: st.DrawFn, size: int, job: str) -> list[tuple[Labels, tuple[Sample, ...]]]:
    """Draw the buckets of one classic histogram."""
    bounds = draw(st.sampled_from([("0.1", "0.5", "1", "+Inf"), ("1", "2", "+Inf"), ("-1", "0", "5", "+Inf"), ("2",)]))
    below = [0.0] * size
    series = []
    for bound in bounds:
        below = [low + more for low, more in zip(below, _counter(draw, size), strict=True)]
        series.append((labels_of({"__name__": "lat_bucket", "job": job, "le": bound}), tuple(below)))
    return series


def _native(draw: st.DrawFn, size: int) -> list[Sample]:
    """Draw a native histogram that grows, and may be reset once."""
    custom = draw(st.integers(0, 4)) == 0
    step = [float(draw(st.integers(0, 3))) for _ in range(draw(st.integers(1, 4)))]
    schema = CUSTOM if custom else draw(st.sampled_from([0, 0, 1, -1, 3]))
    bounds = draw(st.sampled_from([(0.5, 1.0, 5.0), (-1.0, 0.5, 5.0, 7.0)])) if custom else ()
    zero, width = (0, 0.0) if custom else (draw(st.integers(0, 2)), draw(st.sampled_from([0.0, 0.001, 0.5])))
    offset = 0 if custom else draw(st.integers(-2, 2))
    hint = draw(st.sampled_from([Hint.UNKNOWN] * 4 + [Hint.GAUGE]))
    reset, samples, age = draw(st.integers(1, 3 * size)), [], 0
    for index in range(size):
        age = 1 if index == reset else age + 1
        count = age * (sum(step) + zero)
        side = buckets(offset, [age * part for part in step])
        sample = Histogram(schema, count, 1.5 * count, float(age * zero), width, side, bounds=bounds, hint=hint)
        samples.append(sample if custom or index % 2 else replace(sample, negative=buckets(0, [float(age)])))
    # Through the notation, which has no empty buckets at the ends: both sides must see the same.
    return [histogram_text.parse(histogram_text.notation(sample))[0] for sample in samples]


Drawn = list[tuple["Labels", tuple[Sample, ...]]]


def _measured(draw: st.DrawFn, size: int) -> Drawn:
    """Draw gauges, one of them with other labels."""
    series = []
    for inst in ("0", "1", "2"):
        if draw(st.integers(0, 5)):
            labels = labels_of({"__name__": "temp", "job": "a", "inst": inst})
            series.append((labels, _holes(draw, list(_gauge(draw, size)))))
    if draw(st.booleans()):
        odd = labels_of({"__name__": "temp", "zone": draw(st.sampled_from(["", "é ü", "a.b-c", "x\\y"]))})
        series.append((odd, _holes(draw, list(_gauge(draw, size)))))
    return series


def _counted(draw: st.DrawFn, size: int) -> Drawn:
    """Draw counters and booleans."""
    series = []
    for job in ("a", "b"):
        for code in ("200", "500"):
            if draw(st.integers(0, 5)):
                labels = labels_of({"__name__": "req_total", "job": job, "code": code})
                series.append((labels, _holes(draw, list(_counter(draw, size)))))
        if draw(st.integers(0, 5)):
            labels = labels_of({"__name__": "up", "job": job, "inst": "0"})
            series.append((labels, _holes(draw, [float(draw(st.integers(0, 1))) for _ in range(size)])))
    return series


def _natives(draw: st.DrawFn, size: int) -> Drawn:
    """Draw native histograms.

    They have no staleness markers: promtool 3.13 loses one that is the first of its batch in such a series.
    """
    jobs = ("a", "b", "c")[: draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3]))]
    return [(labels_of({"__name__": "nat", "job": job}), _holes(draw, _native(draw, size), (GAP,))) for job in jobs]


def _mixtures(draw: st.DrawFn, size: int) -> Drawn:
    """Draw series that change between floats and native histograms, none, one or two of them."""
    series = []
    for job in ("a", "b")[: draw(st.sampled_from([0, 0, 1, 1, 2]))]:
        floats, natives = _gauge(draw, size), _native(draw, size)
        change = draw(st.lists(st.integers(1, size), max_size=3))
        samples: list[Sample] = []
        is_float = draw(st.booleans())
        for index in range(size):
            is_float ^= index in change
            samples.append(floats[index] if is_float else natives[index])
        series.append((labels_of({"__name__": "mix", "job": job}), _holes(draw, samples, (GAP,))))
    return series


@st.composite
def storages(draw: st.DrawFn, *, native: bool = True) -> Data:
    """Draw counters, gauges, booleans, classic and native histograms with gaps, staleness and odd values."""
    interval, size = draw(st.sampled_from([15, 30, 60])), draw(st.integers(6, 40))
    series = _counted(draw, size) + _measured(draw, size)
    if draw(st.booleans()):
        series += _classic(draw, size, "a")
    if native:
        series += _natives(draw, size) + _mixtures(draw, size)
    series = [(labels, samples) for labels, samples in series if set(samples) != {GAP}]
    return Data(interval, tuple(series or [(labels_of({"__name__": "up", "job": "a"}), (1.0,))]))

"""A test's input series and expected samples, from promtool's notation to series and labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from promrules.columns.series import Series, Storage
from promrules.histograms.storage import refusal
from promrules.histograms.value import Histogram
from promrules.prometheus_scripts.series_notation import Samples, as_series, parse_labels, parse_series, parse_values
from promrules.syntax.tokens import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.problem import Span
    from promrules.rule_tests.test_file import ExpectedSample, RuleTest
    from promrules.syntax.labels import Labels


class InputError(ValueError):
    """A series or sample that cannot be read; `span` tells where, when that is known."""

    def __init__(self, message: str, span: Span) -> None:
        self.span = span
        super().__init__(message)


def input_storage(test: RuleTest, last_ms: int) -> Storage:
    """Build the storage of a test from its input series, as far as samples can ever be seen (up to `last_ms`).

    Raises:
        InputError: a series that cannot be read.
    """
    found: dict[Labels, Samples] = {}
    for text, span in _lines(test):
        try:
            labels, samples = parse_series(text)
        except PromqlSyntaxError as error:
            raise InputError(
                f"input series {_excerpt(text)}: {error.message} (column {error.start + 1})", span
            ) from None
        wrong = _refused(samples)
        if wrong:
            raise InputError(f"input series {_excerpt(text)}: {wrong}", span)
        found[labels] = samples  # the same series again: the last definition wins, as in promtool
    count = (last_ms - test.start_ms) // test.interval_ms + 1
    return Storage(_series(labels, samples, test, count) for labels, samples in found.items())


def _refused(samples: Samples) -> str:
    """Say why the first histogram that no storage takes is refused; "" where there is none."""
    objects = () if samples.histograms is None else samples.histograms
    return next(filter(None, (refusal(item) for item in objects if isinstance(item, Histogram))), "")


def _series(labels: Labels, samples: Samples, test: RuleTest, count: int) -> Series:
    """Place samples in time; those that no evaluation reaches are dropped at once."""
    if samples.length > count:
        kept = int(samples.places.searchsorted(count))
        histograms = None if samples.histograms is None else samples.histograms[:kept]
        samples = dataclasses.replace(
            samples, places=samples.places[:kept].copy(), values=samples.values[:kept].copy(), histograms=histograms
        )
    return as_series(labels, samples, test.interval_ms, test.start_ms)


def _lines(test: RuleTest) -> Iterator[tuple[str, Span]]:
    """Give the series as promtool reads them: one line each, and an empty or comment line ends them all."""
    for item in test.input_series:
        text = f"{item.series} {item.values}"
        for line in text.split("\n"):
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                return
            yield stripped, item.span


def _excerpt(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def expected_sample(sample: ExpectedSample, span: Span) -> tuple[Labels, Histogram | None]:
    """Read the labels and the histogram of an expected sample; no text at all means no labels.

    Raises:
        InputError: worded as promtool words it.
    """
    try:
        labels: Labels = ()
        if sample.labels.strip():
            labels = _metric(sample.labels)
        return labels, _histogram(sample.histogram)
    except PromqlSyntaxError as error:
        message = f'labels "{sample.labels}": 1:{error.start + 1}: parse error: {error.message}'
        raise InputError(message, span) from None


def _metric(text: str) -> Labels:
    labels, end = parse_labels(text)
    if text[end:].strip():
        raise PromqlSyntaxError(f"unexpected {text[end:].strip()!r}", end, len(text))
    return labels


def _histogram(text: str) -> Histogram | None:
    if not text:
        return None
    samples = parse_values(text)
    if samples.length != 1:
        raise PromqlSyntaxError(f"expected 1 value, got {samples.length}", 0, len(text))
    histogram = None if samples.histograms is None else samples.histograms[0]
    if not isinstance(histogram, Histogram):
        raise PromqlSyntaxError("expected histogram", 0, len(text))
    return histogram

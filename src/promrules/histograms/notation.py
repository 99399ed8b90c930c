"""Native histograms in test notation in, values out, and back: ``{{schema:1 sum:4 count:3 buckets:[1 2]}}``.

The notation is that of Prometheus' rule unit tests; `notation` prints it exactly as promtool does, `display` the
way a histogram appears in a vector.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.histograms.buckets import CUSTOM, EMPTY, Buckets, buckets
from promrules.histograms.value import Hint, Histogram, add, subtract
from promrules.syntax.go_float import number
from promrules.syntax.tokens import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER: Final = r"[+-]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)"
ITEM: Final = re.compile(
    rf"(?P<key>[a-z_]+):(?:(?P<list>\[[^\]]*\])|(?P<number>{NUMBER})(?![\w.])|(?P<word>[a-z_]+))", re.IGNORECASE
)
FLOATS: Final = ("sum", "count", "z_bucket", "z_bucket_w")
INTEGERS: Final = ("schema", "offset", "n_offset")
LISTS: Final = ("buckets", "n_buckets", "custom_values")
HINT: Final = "counter_reset_hint"
KEYS: Final = (*INTEGERS, *FLOATS, *LISTS, HINT)
HINTS: Final = {hint.value: hint for hint in Hint}


class NotationError(ValueError):
    """A histogram's text is not in test notation; ``column`` counts from 0 inside that text."""

    def __init__(self, message: str, column: int) -> None:
        """Note what is wrong and where."""
        super().__init__(message)
        self.column = column


def _float(text: str) -> float:
    value = read_number(text.lstrip("+-"))
    return -value if text.startswith("-") else value


def _int32(text: str) -> int:
    if len(text) > 12 or not -(2**31) <= int(text) < 2**31:
        raise ValueError(f"{text}: value out of range")
    return int(text)


def _value(match: re.Match[str]) -> float | int | Hint | list[float]:
    """One ``key:value`` in, its value in the type the key asks for out."""
    key, at = match["key"], match.start()
    if key not in KEYS:
        raise NotationError(f"unknown key {key!r}: a histogram has {', '.join(KEYS)}", at)
    try:
        return _read(match)
    except ValueError as error:
        if isinstance(error, NotationError):
            raise
        raise NotationError(f"error parsing {key}: {error}", at) from None


def _read(match: re.Match[str]) -> float | int | Hint | list[float]:
    """Read the value of a key that is known.

    Raises:
        NotationError: it is of another type.
        ValueError: it is more than its type holds.
    """
    key, at = match["key"], match.start()
    if key in LISTS and match["list"]:
        entries = match["list"][1:-1].split()
        wrong = [entry for entry in entries if not re.fullmatch(NUMBER, entry, re.IGNORECASE)]
        if wrong:
            raise NotationError(f"{wrong[0]!r} in {key} is not a number", match.start("list"))
        return [_float(entry) for entry in entries]
    if key in INTEGERS and match["number"] and re.fullmatch(r"[+-]?\d+", match["number"]):
        return _int32(match["number"])
    if key in FLOATS and match["number"]:
        return _float(match["number"])
    if key == HINT and match["word"] in HINTS:
        return HINTS[match["word"]]
    expected = {HINT: f"one of {', '.join(HINTS)}"}.get(key, "numbers in brackets" if key in LISTS else "a number")
    raise NotationError(f"{key} needs {expected}", at)


def parse(text: str) -> tuple[Histogram, bool]:
    """Test notation from ``{{`` to ``}}`` in; the histogram, and whether it names a counter reset hint, out.

    Raises:
        NotationError: the text is not a histogram.
    """
    if not (text.startswith("{{") and text.endswith("}}")):
        raise NotationError("a histogram stands between {{ and }}", 0)
    given: dict[str, float | int | Hint | list[float]] = {}
    place, end = 2, len(text) - 2
    while text[place:end].strip():
        place += len(text[place:end]) - len(text[place:end].lstrip())
        match = ITEM.match(text, place, end)
        if match is None or (match.end() < end and not text[match.end()].isspace()):
            raise NotationError("expected key:value in histogram, such as buckets:[5 10 7]", place)
        if match["key"] in given:
            raise NotationError(f'duplicate key "{match["key"]}" in histogram', place)
        given[match["key"]] = _value(match)
        place = match.end()
    return _built(given), HINT in given


def _built(given: dict[str, float | int | Hint | list[float]]) -> Histogram:
    """Values by key in, the histogram out."""

    def side(counts_key: str, offset_key: str) -> Buckets:
        counts, offset = given.get(counts_key, []), given.get(offset_key, 0)
        return buckets(offset, counts) if isinstance(counts, list) and isinstance(offset, int) and counts else EMPTY

    def float_of(key: str) -> float:
        value = given.get(key, 0.0)
        return value if isinstance(value, float) else 0.0

    schema, bounds, hint = given.get("schema", 0), given.get("custom_values", []), given.get(HINT, Hint.UNKNOWN)
    return Histogram(
        schema=schema if isinstance(schema, int) else 0,
        count=float_of("count"),
        sum=float_of("sum"),
        zero_count=float_of("z_bucket"),
        zero_threshold=float_of("z_bucket_w"),
        positive=side("buckets", "offset"),
        negative=side("n_buckets", "n_offset"),
        bounds=tuple(bounds) if isinstance(bounds, list) else (),
        hint=hint if isinstance(hint, Hint) else Hint.UNKNOWN,
    )


def series(base: Histogram, sign: str, step: Histogram, times: int) -> list[Histogram]:
    """Base, ``+`` or ``-``, step and repetitions in; the ``times + 1`` histograms they stand for out.

    Raises:
        NotationError: the base is finer than the step, which cannot be refined.
        IncompatibleError: only one of them has custom buckets.
    """
    if base.schema > step.schema and times:
        message = f"error combining histograms: cannot merge from schema {step.schema} to {base.schema}"
        raise NotationError(message, 0)
    combine = {"+": add, "-": subtract}[sign]
    values = [base]
    for _ in range(times):
        values.append(combine(values[-1], step)[0])
    return values


def _numbers(values: Sequence[float]) -> str:
    return " ".join(number(float(value)) for value in values)


def _dense(side: Buckets) -> tuple[int, list[float]]:
    """Buckets in; the index of the first populated one and counts without gaps out.

    The notation has no gaps, so empty buckets fill them. Prometheus puts all of them into the first gap, even if
    there are more gaps; expected and actual texts are compared after that, so the same is done here.
    """
    runs = [run for run in np.split(np.arange(len(side)), np.flatnonzero(np.diff(side.index) != 1) + 1) if len(run)]
    spans = []
    for run in runs:
        filled = np.flatnonzero(side.count[run])
        if len(filled):
            spans.append(run[filled[0] : filled[-1] + 1])
    if not spans:
        return 0, []
    counts = [side.count[span].tolist() for span in spans]
    first, last = int(side.index[spans[0][0]]), int(side.index[spans[-1][-1]])
    gaps = last - first + 1 - sum(len(part) for part in counts)
    rest = [count for part in counts[1:] for count in part]
    return first, [*counts[0], *[0.0] * gaps, *rest]


def notation(histogram: Histogram) -> str:
    """Give the histogram in test notation, as promtool prints it."""
    items = [f"schema:{histogram.schema}"] if histogram.schema else []
    numbers = ("count", "sum", "z_bucket", "z_bucket_w")
    values = (histogram.count, histogram.sum, histogram.zero_count, histogram.zero_threshold)
    items += [f"{key}:{number(value)}" for key, value in zip(numbers, values, strict=True) if value != 0]
    if histogram.schema == CUSTOM:
        items.append(f"custom_values:[{_numbers(histogram.bounds)}]")
    if histogram.hint is not Hint.UNKNOWN:
        items.append(f"{HINT}:{histogram.hint.value}")
    for side, prefix in ((histogram.positive, ""), (histogram.negative, "n_")):
        offset, counts = _dense(side)
        items += [f"{prefix}offset:{offset}"] if offset else []
        items += [f"{prefix}buckets:[{_numbers(counts)}]"] if counts else []
    return "{{" + " ".join(items) + "}}"


def display(histogram: Histogram) -> str:
    """Give the histogram as Prometheus prints it in a vector: count, sum and each populated bucket as an interval."""
    return str(histogram)

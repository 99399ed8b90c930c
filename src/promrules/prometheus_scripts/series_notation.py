"""Series descriptions, ``metric{label="x"} 1 2+3x4 _ stale``, to labels and samples.

This is the notation of promtool's ``input_series`` and of Prometheus' own test scripts. ``a+bxN`` stands for N+1
values built by adding ``b`` again and again, ``axN`` for N+1 times ``a``, ``_`` for no sample, ``stale`` for the
staleness marker. Hexadecimal numbers do not exist here: ``0x3`` is the value 0 and three repetitions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.series import STALE_NAN, Series, is_stale
from promrules.histograms import notation as histogram_text
from promrules.histograms.storage import FLOAT, STALE, stored
from promrules.histograms.value import Histogram, IncompatibleError
from promrules.syntax.labels import NAME, Labels, labels_of
from promrules.syntax.tokens import PromqlSyntaxError, read_number, string_value, tokenize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from promrules.columns.values import Floats, Objects
    from promrules.syntax.tokens import Token

MAX_SAMPLES: Final = 20_000_000
"""Samples one description may stand for; more would not fit the memory a test may take."""
_PER_HISTOGRAM: Final = 50  # floats in the place that one histogram takes

_HEAD: Final = re.compile(r"\s*(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)?\s*")
_BRACES: Final = re.compile(r"""\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}""", re.DOTALL)
_NUMBER: Final = r"(?:[iI][nN][fF]|[nN][aA][nN]|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?)"
_ITEM: Final = re.compile(
    rf"""(?P<omitted>_)(?:x(?P<times>[0-9]+))?(?=\s|$)
    |(?P<stale>stale)(?=\s|$)
    |(?P<value>[+-]?{_NUMBER})(?:(?:(?P<sign>[+-])(?P<step>{_NUMBER}))?x(?P<repeat>[0-9]+))?(?=\s|$)
    |(?P<histogram>\{{\{{.*?\}}\}})(?:(?:(?P<hsign>[+-])(?P<hstep>\{{\{{.*?\}}\}}))?x(?P<hrepeat>[0-9]+))?(?=\s|$)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Samples:
    """What the values of a description stand for.

    Attributes:
        places: Which positions hold a sample, counted from 0.
        values: Floats at these positions; staleness markers keep their bits.
        histograms: Native histograms beside them, None at floats; None when there are none.
        length: How many positions there are, omitted ones too.
        hinted: Positions whose histogram names a counter reset hint.
    """

    places: NDArray[np.int64]
    values: Floats
    histograms: Objects | None
    length: int
    hinted: frozenset[int] = frozenset()


def parse_series(text: str) -> tuple[Labels, Samples]:
    """Read a whole description.

    Raises:
        PromqlSyntaxError: with the characters at fault.
    """
    labels, position = parse_labels(text)
    return labels, parse_values(text, position)


def parse_labels(text: str) -> tuple[Labels, int]:
    """Read the metric at the start of ``text``; give its labels and the offset behind it.

    Raises:
        PromqlSyntaxError: no metric stands there, or its labels are malformed.
    """
    head = _HEAD.match(text)
    assert head is not None  # noqa: S101 (every part of the pattern may be empty)
    pairs: list[tuple[str, str]] = [(NAME, head["name"])] if head["name"] else []
    position = head.end()
    if text[position : position + 1] == "{" and text[position : position + 2] != "{{":
        braces = _BRACES.match(text, position)
        if braces is None:
            raise PromqlSyntaxError("unexpected end of input inside braces", position, len(text))
        pairs += _pairs(text, position, braces.end())
        position = braces.end()
    elif not pairs:
        found = text[position : position + 1]
        message = f'expected a metric such as up{{job="x"}}, found {found!r}' if found else "series has no metric"
        raise PromqlSyntaxError(message, position, position + 1)
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise PromqlSyntaxError(f'label "{twice}" is set twice', 0, position)
    return labels_of(pairs), position


def _pairs(text: str, start: int, end: int) -> list[tuple[str, str]]:
    """Read ``{name="value", …}`` between two offsets."""
    # Blanks in front keep the offsets of the tokens true.
    tokens = tokenize(" " * start + text[start:end])[1:-2]
    pairs: list[tuple[str, str]] = []
    index = 0
    while index < len(tokens):
        name = tokens[index]
        if name.kind not in ("name", "string"):
            raise _unexpected(name)
        key = string_value(name) if name.kind == "string" else name.text
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if name.kind == "string" and (following is None or following.kind == ","):
            pairs.append((NAME, key))
            index += 2
            continue
        if following is None or following.kind != "=":
            raise _unexpected(following or name)
        if index + 2 >= len(tokens) or tokens[index + 2].kind != "string":
            raise _unexpected(tokens[min(index + 2, len(tokens) - 1)])
        pairs.append((key, string_value(tokens[index + 2])))
        if index + 3 < len(tokens) and tokens[index + 3].kind != ",":
            raise _unexpected(tokens[index + 3])
        index += 4
    return pairs


def _unexpected(token: Token) -> PromqlSyntaxError:
    """Word the error about a token inside braces."""
    return PromqlSyntaxError(f"unexpected character inside braces: {token.text[0]!r}", token.start, token.end)


def parse_values(text: str, start: int = 0) -> Samples:
    """Read the values from offset ``start`` on.

    Raises:
        PromqlSyntaxError: with the characters at fault, also when they stand for more than ``MAX_SAMPLES``.
    """
    reader = _Reader(text)
    position = start
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position >= len(text):
            return reader.samples()
        found = _ITEM.match(text, position)
        if found is None:
            end = next((at for at in range(position, len(text)) if text[at].isspace()), len(text))
            word = text[position:end]
            message = f'"{word}" is no value: expected a number, "_", "stale", 1+2x3 or {{{{histogram}}}}'
            raise PromqlSyntaxError(message, position, end)
        reader.take(found)
        position = found.end()


def _number(found: re.Match[str], part: str) -> float:
    """Read one number of an item, with its sign."""
    text = found[part]
    try:
        value = read_number(text.lstrip("+-"))
    except ValueError as error:
        raise PromqlSyntaxError(f"error parsing number: {error}", found.start(part), found.end(part)) from None
    return -value if text.startswith("-") else value


class _Reader:
    """Gathers pieces of columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.length = 0
        self.places: list[NDArray[np.int64]] = []
        self.values: list[Floats] = []
        self.histograms: dict[int, Histogram] = {}
        self.hinted: set[int] = set()

    def take(self, found: re.Match[str]) -> None:
        """Take one item."""
        if found["omitted"]:
            self._room(found, int(found["times"] or 1))
            self.length += int(found["times"] or 1)
        elif found["stale"]:
            self._floats(found, STALE_NAN)
        elif found["value"]:
            self._numbers(found)
        else:
            self._native(found)

    def _room(self, found: re.Match[str], count: int) -> None:
        """Refuse absurd repetitions before they take memory."""
        if self.length + count > MAX_SAMPLES:
            raise PromqlSyntaxError(f"series stands for more than {MAX_SAMPLES} samples", found.start(), found.end())

    def _numbers(self, found: re.Match[str]) -> None:
        """Take a number, repeated or growing."""
        repeat = int(found["repeat"] or 0)
        self._room(found, repeat + 1)
        base = _number(found, "value")
        if not found["step"]:
            self._floats(found, np.full(repeat + 1, base))
            return
        step = _number(found, "step") if found["sign"] == "+" else -_number(found, "step")
        column = np.full(repeat + 1, step)
        column[0] = base
        with np.errstate(invalid="ignore", over="ignore"):
            self._floats(found, np.cumsum(column))  # adds one by one, as Prometheus does

    def _floats(self, found: re.Match[str], column: Floats) -> None:
        """Append floats."""
        self._room(found, len(column))
        self.places.append(np.arange(self.length, self.length + len(column), dtype=np.int64))
        self.values.append(column)
        self.length += len(column)

    def _native(self, found: re.Match[str]) -> None:
        """Take a histogram, repeated or growing."""
        repeat = int(found["hrepeat"] or 0)
        self._room(found, (repeat + 1) * _PER_HISTOGRAM)
        at = found.start("histogram")
        try:
            base, hinted = histogram_text.parse(found["histogram"])
            column = [base] * (repeat + 1)
            if found["hstep"]:
                at = found.start("hstep")
                step, _ = histogram_text.parse(found["hstep"])
                column = histogram_text.series(base, found["hsign"], step, repeat)
        except histogram_text.NotationError as error:
            place = at + error.column
            raise PromqlSyntaxError(str(error.args[0]), place, found.end()) from None
        except IncompatibleError:
            message = "histograms with custom and with exponential buckets cannot be combined"
            raise PromqlSyntaxError(message, at, found.end()) from None
        for offset, histogram in enumerate(column):
            self.histograms[self.length + offset] = histogram
        if hinted:
            self.hinted |= set(range(self.length, self.length + len(column)))
        self._floats(found, np.zeros(len(column)))

    def samples(self) -> Samples:
        """Put the pieces together."""
        if not self.places:
            return Samples(np.empty(0, dtype=np.int64), np.empty(0), None, self.length)
        places, values = np.concatenate(self.places), np.concatenate(self.values)
        objects = None
        if self.histograms:
            objects = np.full(len(places), None, dtype=object)
            for index in np.flatnonzero(np.isin(places, list(self.histograms))).tolist():
                objects[index] = self.histograms[int(places[index])]
        return Samples(places, values, objects, self.length, frozenset(self.hinted))


def as_series(labels: Labels, samples: Samples, interval: int, start: int = 0) -> Series:
    """Give the series with one position per ``interval`` from ``start`` on (ms), histograms as storage returns them."""
    times = samples.places * interval + start
    if samples.histograms is None:
        return Series(labels, times, samples.values)
    stale = is_stale(samples.values)
    objects = samples.histograms.tolist()
    kinds = [(STALE if gone else FLOAT) if item is None else item for item, gone in zip(objects, stale, strict=True)]
    column = np.full(len(kinds), None, dtype=object)
    for index, item in enumerate(stored(kinds)):
        column[index] = None if isinstance(item, str) else item
    return Series(labels, times, samples.values, column)

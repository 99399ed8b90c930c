"""The values a template handles, as Python objects: which Go type each is, and whether it is true.

A Go string is `str`, float64 `float`, int `int`, bool `bool`, nil or no value `None`. The other kinds are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promrules.go_templates.time import DURATION_METHODS, TIME_METHODS, Duration, Month, Time, Weekday

if TYPE_CHECKING:
    from collections.abc import Callable


class Html(str):
    """Text marked as safe HTML (`safeHtml`); in text templates no more than a string."""

    __slots__ = ()


class Uint8(int):
    """A byte, as indexing a string gives it."""


class StringMap(dict[str, str]):
    """A map[string]string: labels. A missing key reads as the empty string."""


class AnyMap(dict[str, object]):
    """A map[string]interface{}, as `args` makes it. A missing key reads as no value."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One result of `query`: its labels and its value (a float, or a histogram)."""

    Labels: StringMap
    Value: object


class QueryResult(list[Sample]):
    """The results of `query`."""


@dataclass(frozen=True, slots=True)
class TemplateData:
    """The cursor at the start of an alert template."""

    Labels: StringMap
    ExternalLabels: StringMap
    ExternalURL: str
    Value: object


_TYPE_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (Uint8, "uint8"),
    (Month, "time.Month"),
    (Weekday, "time.Weekday"),
    (int, "int"),
    (float, "float64"),
    (complex, "complex128"),
    (Html, "template.HTML"),
    (str, "string"),
    (StringMap, "map[string]string"),
    (AnyMap, "map[string]interface {}"),
    (Sample, "*template.sample"),
    (QueryResult, "template.queryResult"),
    (Time, "*time.Time"),
    (Duration, "*time.Duration"),
    (
        TemplateData,
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }",
    ),
)


def type_name(value: object) -> str:
    """Give the name of the Go type of a value, as Go's error messages print it."""
    return next((name for kind, name in _TYPE_NAMES if isinstance(value, kind)), "*histogram.FloatHistogram")


def truth(value: object) -> bool:
    """Tell whether `if` takes a value for true: not zero, not empty, not nil; structures always are."""
    if isinstance(value, Sample | TemplateData | Time | Duration):
        return True
    if isinstance(value, bool | int | float | complex | str | dict | list):
        return bool(value)  # NaN is true in Go too: it is not zero
    return value is not None


METHODS: dict[type, dict[str, tuple[tuple[type, ...], Callable[..., object]]]] = {
    Time: TIME_METHODS,
    Duration: DURATION_METHODS,
    Month: {"String": ((), str)},
    Weekday: {"String": ((), str)},
}

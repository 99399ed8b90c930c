"""What a template function takes: its parameters' Go types and how a value is checked against one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from promrules.go_templates.time import Duration, Time
from promrules.go_templates.values import Html, QueryResult, Sample

if TYPE_CHECKING:
    from collections.abc import Callable


class GoType(StrEnum):
    """The parameter types that occur; the text is Go's name of the type."""

    ANY = "interface {}"
    VALUE = "reflect.Value"
    STRING = "string"
    SAMPLE = "*template.sample"
    RESULT = "template.queryResult"
    TIME = "time.Time"
    DURATION = "time.Duration"


_CLASSES: dict[GoType, type] = {
    GoType.SAMPLE: Sample,
    GoType.RESULT: QueryResult,
    GoType.TIME: Time,
    GoType.DURATION: Duration,
}
OF_CLASS: dict[type, GoType] = {str: GoType.STRING, Time: GoType.TIME, Duration: GoType.DURATION}
NILABLE = frozenset({GoType.ANY, GoType.VALUE, GoType.SAMPLE, GoType.RESULT})


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a template: parameter types, the type of any further arguments, and what it does.

    `call` raises TemplateError for what Go returns as an error (or panics with).
    """

    parameters: tuple[GoType, ...]
    call: Callable[..., object]
    variadic: GoType | None = None


def assignable(value: object, kind: GoType) -> bool:
    """Tell whether a value that is not nil may be given for a parameter."""
    if kind in {GoType.ANY, GoType.VALUE}:
        return True
    if kind is GoType.STRING:
        return isinstance(value, str) and not isinstance(value, Html)
    return isinstance(value, _CLASSES[kind])


def zero(kind: GoType) -> object:
    """Give the nil of a parameter type that has one."""
    return QueryResult() if kind is GoType.RESULT else None

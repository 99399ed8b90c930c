"""Failures in promtool's own words, for JUnit reports and for eyes used to them."""

from __future__ import annotations

import math

from promrules.go_templates.durations import format_duration, format_go_duration
from promrules.go_templates.lexer import quote
from promrules.rule_tests.verdicts import (
    AlertMismatch,
    ExprError,
    ExprMismatch,
    Failure,
    FiringAlert,
    Pairs,
    RuleError,
    SampleText,
)
from promrules.syntax.labels import is_legacy_name

_INDENT = " " * 12


def promtool_text(failure: Failure, name: str) -> str:
    """Give a failure of the test `name` as `promtool test rules` prints it."""
    match failure:
        case AlertMismatch():
            head = f"    name: {name},\n" if name else ""
            return (
                f"{head}    alertname: {failure.alertname}, time: {format_duration(failure.eval_ms)}, \n"
                f"        exp:{_alerts(failure.expected)}, \n        got:{_alerts(failure.got)}"
            )
        case ExprMismatch():
            return (
                f"    expr: {quote(failure.expr)}, time: {format_duration(failure.eval_ms)},\n"
                f"        exp: {_samples(failure.expected)}\n        got: {_samples(failure.got)}"
            )
        case ExprError():
            return f"    expr: {quote(failure.expr)}, time: {format_duration(failure.eval_ms)}, err: {failure.message}"
        case RuleError():
            return f"    rule: {failure.rule}, time: {format_go_duration(failure.time_ms)}, err: {failure.message}"
    return failure.message


def labels_text(labels: Pairs) -> str:
    """Write labels as Prometheus prints a label set: `{a="b", c="d"}`."""
    return "{" + ", ".join(f"{_name(name)}={quote(value)}" for name, value in labels) + "}"


def _name(name: str) -> str:
    return name if is_legacy_name(name) else quote(name)


def _alerts(alerts: tuple[FiringAlert, ...]) -> str:
    if not alerts:
        return "[]"
    items = [
        f"{place}:\n  Labels:{labels_text(alert.labels)}\n  Annotations:{labels_text(alert.annotations)}"
        for place, alert in enumerate(alerts)
    ]
    lines = ("[\n" + ",\n".join(items) + "\n]").split("\n")
    return "\n".join([lines[0], *(_INDENT + line for line in lines[1:])])


def _samples(samples: tuple[SampleText, ...]) -> str:
    return ", ".join(f"{labels_text(sample.labels)} {sample.value}" for sample in samples) or "nil"


def exponent_text(value: float) -> str:
    """Write a float as Go's FormatFloat(value, 'E', -1, 64): `1E+00`, `1.5E-03`, `+Inf`, `NaN`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    mantissa, _, exponent_part = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = int(exponent_part or 0) + len(whole) - 1 - (len(whole + fraction) - len(digits) if digits else 0)
    digits = digits.rstrip("0") or "0"
    if value == 0:
        exponent = 0
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"

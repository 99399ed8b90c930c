"""Define the kinds of text that a field can hold: how each is read, and what an editor may know of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from burnproof.model import quantities
from burnproof.model.quantities import UnitError
from burnproof.specs.keys import numerals, promql
from burnproof.specs.keys.promql.uses import Use
from burnproof.specs.keys.table import Leaf

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.model.slo import Query
    from burnproof.specs.source import Scalar

_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ALERT: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:. -]*")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
MAX_NAME: Final = 63
"""As long as a DNS label, so that a name fits every Kubernetes object made from it."""
MAX_LATENESS: Final = quantities.Duration(180_000)
"""With a minute between evaluations, what is recorded is still younger than Prometheus' lookback of five minutes."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        hint = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:MAX_NAME]
        message = f"{text!r} is no name: letters, digits, - and _, beginning and ending in a letter or digit"
        raise UnitError(message, f"write {hint or 'for example checkout-api'}", "name")
    if len(text) > MAX_NAME:
        raise UnitError(f"a name of {len(text)} characters; {MAX_NAME} are allowed", "shorten it", "name")
    return text


def _slo(text: str) -> str:
    service, slash, name = text.partition("/")
    return f"{_name(service)}/{_name(name)}" if slash else _name(text)


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        hint = re.sub(r"[^a-zA-Z0-9_]+", "_", text)
        hint = hint if _LABEL.fullmatch(hint) else f"_{hint}"
        raise UnitError(f"{text!r} is no label name", f"write {hint}", "label-name")
    return text


def _alert(text: str) -> str:
    if not _ALERT.fullmatch(text):
        hint = "letters, digits, _ : . - and blanks, beginning with a letter, such as ProcessorAvailabilityBurnRateHigh"
        raise UnitError(f"{text!r} is no name for an alert", hint, "alert-name")
    return text


def _text(text: str) -> str:
    return text.strip()


def _link(text: str) -> str:
    """Read where a reader is led: pages make links of it, so no other scheme than the web's may stand there."""
    stripped = text.strip()
    scheme = _SCHEME.match(re.sub(r"[\x00-\x1f]", "", stripped))  # which browsers leave out, too
    if scheme and scheme[1].lower() not in ("http", "https"):
        hint = "write an address that begins with https://, a path, or the name of a page"
        raise UnitError(f"{scheme[0]} leads to no page of the web", hint, "bad-choice")
    return stripped


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # no such zone, a path, or a folder of zones
        hint = "write a name of the IANA database such as Europe/Berlin"
        raise UnitError(f"{text!r} is no time zone", hint, "timezone") from None
    return text


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise UnitError(f"{text!r} is neither true nor false", "write true or false", "bad-choice")
    return text == "true"


def _no_data(text: str) -> str:
    if text.lower() in ("yes", "no", "on", "off", "none", "never"):
        raise UnitError(f"{text!r} may mean a severity or a yes", "write true, false, or a severity", "bad-choice")
    return _name(text)


def _quantile(text: str) -> Any:
    stripped = text.strip()
    value = (
        quantities.number(stripped[1:]) / 100
        if re.fullmatch(r"[pP]\d+(\.\d+)?", stripped)
        else quantities.ratio(stripped)
    )
    if not 0 < value < 1:
        raise UnitError(f"the quantile {stripped} is not between 0 and 1", "write 0.95, 95% or p95", "out-of-range")
    return value


def _positive(read: Callable[[str], Any], such_as: str) -> Callable[[str], Any]:
    def checked(text: str) -> Any:
        value = read(text)
        if value <= 0:
            raise UnitError(f"{text.strip()} must be above 0", f"write for example {such_as}", "out-of-range")
        return value

    return checked


def _lateness(text: str) -> Any:
    """Read how far back rules look: what they record must still be within the lookback of five minutes."""
    value = quantities.duration(text)
    if value.ms % 1000 or value > MAX_LATENESS:
        raise UnitError(
            f"{text.strip()} is not between 1s and {MAX_LATENESS} in whole seconds",
            "write for example 1m",
            "out-of-range",
        )
    return value


def _time(text: str) -> Any:
    if text.strip().endswith("%"):
        hint = "write a time such as 250ms, or 0.5 where the histogram is one of shares"
        raise UnitError(f"{text.strip()} is a share, and no time", hint, "out-of-range")
    return quantities.seconds(text)


def _tolerance(text: str) -> Any:
    value = quantities.ratio(text)
    if not 0 <= value < 1:
        raise UnitError(
            f"a tolerance of {text.strip()} is no share between 0 and 1", "write 5% or 0.05", "out-of-range"
        )
    return value


def _natural(text: str) -> Any:
    value = quantities.whole(text)
    if value < 0:
        raise UnitError(f"{text.strip()} is below 0", "write for example 3", "out-of-range")
    return value


def choice(*choices: str) -> Leaf:
    """Make the leaf that takes one of some words."""
    shown = " or ".join((", ".join(choices[:-1]), choices[-1])) if len(choices) > 1 else choices[0]

    def read(text: str) -> str:
        if text not in choices:
            raise UnitError(f"{text!r} is not possible here", f"write {shown}", "bad-choice")
        return text

    return Leaf(read, {"enum": list(choices)}, shown)


def _query(use: Use) -> Leaf:
    def read(scalar: Scalar) -> Query:
        return promql.read_query(scalar, use)

    return Leaf(read, {"type": ["string", "boolean"], "minLength": 1}, use.value, whole_scalar=True)


def _counter(scalar: Scalar) -> Query:
    return promql.read_counter(scalar)


NAME: Final = Leaf(
    _name, {"type": ["string", "integer", "boolean"], "pattern": f"^{_NAME.pattern}$", "maxLength": MAX_NAME}, "a name"
)
SLO: Final = Leaf(
    _slo,
    {"type": ["string", "integer", "boolean"], "pattern": f"^{_NAME.pattern}(/{_NAME.pattern})?$"},
    "the name of an SLO, or service/name",
)
LABEL: Final = Leaf(_label, {"type": ["string", "boolean"], "pattern": f"^{_LABEL.pattern}$"}, "a label name")
ALERT_NAME: Final = Leaf(
    _alert, {"type": ["string", "boolean"], "pattern": f"^{_ALERT.pattern}$"}, "the name of an alert"
)
TEXT: Final = Leaf(_text, {"type": ["string", "number", "boolean"]}, "text")
LINK: Final = Leaf(
    _link, {"type": ["string", "number", "boolean"]}, "an address such as https://example.org/x, or text"
)
TIMEZONE: Final = Leaf(_timezone, {"type": "string"}, "a time zone such as Europe/Berlin")
BOOLEAN: Final = Leaf(_boolean, {"enum": [True, False, "true", "false"]}, "true or false")
NO_DATA: Final = Leaf(_no_data, {"type": ["string", "boolean", "integer"]}, "true, false, or a severity")
DURATION: Final = Leaf(quantities.duration, numerals.DURATION, "a length of time such as 5m or 30d")
LATENESS: Final = Leaf(_lateness, numerals.DURATION, "whole seconds up to 3m, such as 1m")
OBJECTIVE: Final = Leaf(quantities.objective, numerals.OBJECTIVE, "a percentage such as 99.5%")
FACTOR: Final = Leaf(quantities.factor, numerals.FACTOR, "a burn rate such as 14.4")
RATE: Final = Leaf(quantities.rate, numerals.RATE, "a rate such as 10rps")
NATURAL: Final = Leaf(_natural, numerals.NATURAL, "a whole number")
WEIGHT: Final = Leaf(_positive(quantities.number, "2"), numerals.POSITIVE, "a weight such as 2")
EVENTS: Final = Leaf(_positive(quantities.number, "100"), numerals.POSITIVE, "a number of events")
SECONDS: Final = Leaf(_positive(_time, "250ms"), numerals.SECONDS, "a time such as 250ms")
BOUND: Final = Leaf(quantities.seconds, numerals.BOUND, "a number, a percentage or a time")
QUANTILE: Final = Leaf(_quantile, numerals.QUANTILE, "a quantile such as 0.95")
TOLERANCE: Final = Leaf(_tolerance, numerals.SHARE, "a share such as 5%")
ORDER: Final = choice("<", "<=", ">", ">=")
COMPARISON: Final = choice("<", "<=", ">", ">=", "==", "!=")
NO_TRAFFIC: Final = choice("ignore", "good")
EVERY: Final = choice("day", "week", "month")
CALENDAR: Final = choice("week", "month", "quarter")
VERSION: Final = choice("burnproof/v1")
SELECTOR: Final = _query(Use.SELECTOR)
COUNTER: Final = Leaf(_counter, {"type": ["string", "boolean"], "minLength": 1}, Use.COUNTER.value, whole_scalar=True)
EVENT_QUERY: Final = _query(Use.EVENTS)
VALUE_QUERY: Final = _query(Use.VALUE)

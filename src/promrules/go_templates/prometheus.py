"""The template functions of Prometheus: `humanize`, `query`, `reReplaceAll` and 27 others, as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from urllib.parse import quote_plus

from promrules.go_templates.durations import DurationError, parse_duration
from promrules.go_templates.errors import TemplateError
from promrules.go_templates.fmt import float_text, sprintf
from promrules.go_templates.lexer import quote
from promrules.go_templates.literals import parse_float
from promrules.go_templates.regex import matches, replace_all
from promrules.go_templates.signature import Function, GoType
from promrules.go_templates.time import Duration, Time
from promrules.go_templates.values import AnyMap, Html, QueryResult, Sample, type_name

Query = Callable[[str], QueryResult]
"""Runs PromQL at the time of the evaluation; raises TemplateError with the engine's message."""

_NIL_POINTER = "runtime error: invalid memory address or nil pointer dereference"
_MIN_INT, _MAX_INT = -(2**63), 2**63 - 1


def as_float(value: object) -> float:
    """Read a number, or a string that holds one, as all `humanize…` functions do."""
    if isinstance(value, str) and not isinstance(value, Html):
        number = parse_float(value, underscores=False)
        if number is None:
            raise TemplateError(f"strconv.ParseFloat: parsing {quote(value)}: invalid syntax")
        if math.isinf(number) and "inf" not in value.lower():
            raise TemplateError(f"strconv.ParseFloat: parsing {quote(value)}: value out of range")
        return number
    if type(value) in {float, int}:
        return float(value)  # type: ignore[arg-type]  # the line above says so
    raise TemplateError(f"can't convert {type_name(value) if value is not None else '<nil>'} to float")


def _general(value: float, suffix: str = "") -> str:
    return sprintf("%.4g", [value]) + suffix


def _finite(value: float) -> bool:
    return not (math.isnan(value) or math.isinf(value))


def _scale_down(value: float, step: float, prefixes: tuple[str, ...]) -> str:
    prefix = ""
    for next_prefix in prefixes:
        if abs(value) < step:
            break
        prefix, value = next_prefix, value / step
    return _general(value, prefix)


def _scale_up(value: float, suffix: str = "") -> str:
    prefix = ""
    for next_prefix in ("m", "u", "n", "p", "f", "a", "z", "y"):
        if abs(value) >= 1:
            break
        prefix, value = next_prefix, value * 1000
    return _general(value, prefix + suffix)


def _humanize(given: object) -> str:
    value = as_float(given)
    if value == 0 or not _finite(value):
        return _general(value)
    if abs(value) < 1:
        return _scale_up(value)
    return _scale_down(value, 1000, ("k", "M", "G", "T", "P", "E", "Z", "Y"))


def _humanize_1024(given: object) -> str:
    value = as_float(given)
    if abs(value) <= 1 or not _finite(value):
        return _general(value)
    return _scale_down(value, 1024, ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"))


def _int64(value: float) -> int:
    """Convert as amd64 does: what does not fit becomes the smallest int64."""
    return int(value) if _MIN_INT <= value <= _MAX_INT and value != 2.0**63 else _MIN_INT


def _humanize_duration(given: object) -> str:
    value = as_float(given)
    if not _finite(value):
        return _general(value)
    if value == 0:
        return _general(value, "s")
    if abs(value) < 1:
        return _scale_up(value, "s")
    sign, value = ("-", -value) if value < 0 else ("", value)
    total = _int64(value)
    minus = -1 if total < 0 else 1  # Go divides towards zero
    minutes, seconds = divmod(abs(total), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    days, hours, minutes, seconds = (minus * part for part in (days, hours, minutes, seconds))
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else sign + _general(value, "s")


def _instant(value: float) -> Time:
    if not _finite(value):
        raise TemplateError("value is NaN or Inf")
    ns = value * 1e9
    if ns > _MAX_INT or ns < _MIN_INT:
        raise TemplateError(
            f"{float_text(value)} cannot be represented as a nanoseconds timestamp since it overflows int64"
        )
    return Time(int(_int64(ns) / 1_000_000) * 1_000_000 if abs(ns) < 2**53 else _whole_ms(_int64(ns)))


def _whole_ms(ns: int) -> int:
    return ns // 1_000_000 * 1_000_000 if ns >= 0 else -(-ns // 1_000_000 * 1_000_000)


def _humanize_timestamp(given: object) -> str:
    value = as_float(given)
    return str(_instant(value)) if _finite(value) else _general(value)


def _parse_duration(text: str) -> float:
    negative = text.startswith("-")
    try:
        ms = parse_duration(text[1:] if negative else text)
    except DurationError as problem:
        raise TemplateError(str(problem)) from None
    return (-ms if negative else ms) * 1_000_000 / 1e9


def _split_host_port(text: str) -> tuple[str, str] | None:
    """Split `host:port` or `[v6]:port` as Go's net.SplitHostPort; None where that returns an error."""
    colon = text.rfind(":")
    if colon < 0:
        return None
    if text.startswith("["):
        end = text.find("]")
        if end < 0 or end + 1 != colon:
            return None
        host, opened, closed = text[1:end], text[1:], text[end + 1 :]
    else:
        host = opened = closed = text[:colon]
        if ":" in host:
            return None
        opened = closed = text
    if "[" in opened or "]" in closed:
        return None
    return host, text[colon + 1 :]


def _strip_port(text: str) -> str:
    split = _split_host_port(text)
    return split[0] if split else text


def _strip_domain(text: str) -> str:
    host, port = _split_host_port(text) or (text, "")
    try:
        if "%" not in host:
            ip_address(host)
            return text
    except ValueError:
        pass
    host = host.split(".")[0]
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _first(result: QueryResult) -> Sample:
    if not result:
        raise TemplateError("first() called on vector with no elements")
    return result[0]


def _of_sample(read: Callable[[Sample], object]) -> Callable[[Sample | None], object]:
    def checked(sample: Sample | None) -> object:
        if sample is None:
            raise TemplateError(_NIL_POINTER)
        return read(sample)

    return checked


def _label(name: str, sample: Sample | None) -> object:
    return _of_sample(lambda known: known.Labels.get(name, ""))(sample)


def _sort_by_label(name: str, result: QueryResult) -> QueryResult:
    result.sort(key=lambda sample: sample.Labels.get(name, "").encode("utf-8", "surrogateescape"))
    return result


def _no_url() -> str:
    # promtool gives templates no URL: both functions fail there, while $externalURL works
    raise TemplateError(_NIL_POINTER)


_MID_LETTERS = "'\u2019.\u00b7:"
"""What may stand between two letters of one word, by Unicode's rules of word segmentation."""


def _title(text: str) -> str:
    """Raise the first letter of every word; a word goes on through apostrophes, dots and underscores inside it."""
    out: list[str] = []
    inside = False
    for place, char in enumerate(text):
        if char.isalnum():
            out.append(char if inside else _title_char(char))
            inside = inside or char.isalpha()
            continue
        out.append(char)
        following = text[place + 1 : place + 2]
        joins = char == "_" or (char in _MID_LETTERS and inside and following.isalpha() and text[place - 1].isalpha())
        inside = inside and joins
    return "".join(out)


def _title_char(char: str) -> str:
    raised = char.title()
    return raised if len(raised) == 1 else char


def _graph_link(tab: int) -> Callable[[str], str]:
    return lambda expression: f"/graph?g0.expr={quote_plus(expression)}&g0.tab={tab}"


def _args(*values: object) -> AnyMap:
    return AnyMap((f"arg{place}", value) for place, value in enumerate(values))


_TEXT = (GoType.STRING,)
_ANY = (GoType.ANY,)


def _no_query(_: str) -> QueryResult:
    raise TemplateError(_NIL_POINTER)


_STATIC: dict[str, Function] = {
    "first": Function((GoType.RESULT,), _first),
    "label": Function((GoType.STRING, GoType.SAMPLE), _label),
    "value": Function((GoType.SAMPLE,), _of_sample(lambda sample: sample.Value)),
    "strvalue": Function((GoType.SAMPLE,), _of_sample(lambda sample: sample.Labels.get("__value__", ""))),
    "args": Function((), _args, GoType.ANY),
    "reReplaceAll": Function(_TEXT * 3, replace_all),
    "safeHtml": Function(_TEXT, Html),
    "match": Function(_TEXT * 2, matches),
    "title": Function(_TEXT, _title),
    "toUpper": Function(_TEXT, str.upper),
    "toLower": Function(_TEXT, str.lower),
    "graphLink": Function(_TEXT, _graph_link(0)),
    "tableLink": Function(_TEXT, _graph_link(1)),
    "sortByLabel": Function((GoType.STRING, GoType.RESULT), _sort_by_label),
    "stripPort": Function(_TEXT, _strip_port),
    "stripDomain": Function(_TEXT, _strip_domain),
    "humanize": Function(_ANY, _humanize),
    "humanize1024": Function(_ANY, _humanize_1024),
    "humanizeDuration": Function(_ANY, _humanize_duration),
    "humanizePercentage": Function(_ANY, lambda value: _general(as_float(value) * 100, "%")),
    "humanizeTimestamp": Function(_ANY, _humanize_timestamp),
    "toTime": Function(_ANY, lambda value: _instant(as_float(value))),
    "toDuration": Function(_ANY, lambda value: Duration(_int64(as_float(value) * 1e9))),
    "pathPrefix": Function((), _no_url),
    "externalURL": Function((), _no_url),
    "parseDuration": Function(_TEXT, _parse_duration),
    "urlQueryEscape": Function(_TEXT, quote_plus),
}
NAMES = frozenset(_STATIC) | {"query", "now"}


def prometheus_functions(now_ms: int, query: Query = _no_query) -> Mapping[str, Function]:
    """Give the table of Prometheus' functions for an evaluation at `now_ms` (Unix milliseconds)."""
    return {
        **_STATIC,
        "query": Function(_TEXT, query),
        "now": Function((), lambda: now_ms / 1000),
    }

"""Warn of bad events that are the good ones, and of counted events that are no part of the total."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.model.indicators import Ratio
from burnproof.specs.checks.mistakes.label_values import has_variable
from burnproof.specs.checks.mistakes.names import counters_of
from burnproof.specs.checks.mistakes.reading import Finding, matcher_span, name_span, signed
from burnproof.specs.checks.promql import accepts, impossible
from promrules.syntax.nodes import MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading
    from promrules.syntax.nodes import Matcher, VectorSelector

_TOLD_BY: Final = re.compile(
    r"(?:^|_)(?:code|status|result|outcome|state|response|success|class|reply)(?:$|_)|code$|status$"
)
"""Labels that tell success from failure."""

_WENT_WELL: Final = ("200", "201", "204", "2xx", "OK", "ok", "success", "succeeded", "completed", "true")
_WENT_WRONG: Final = ("500", "502", "503", "5xx", "Internal", "Unavailable", "error", "failed", "failure", "false")
_GOOD_NAME: Final = re.compile(r"(?:^|_)(success|successes|successful|succeeded)(?:_|$)")
_BAD_NAME: Final = re.compile(r"(?:^|_)(error|errors|failed|failure|failures)(?:_|$)")
_OPPOSITE: Final = {
    MatchOp.EQUAL: MatchOp.NOT_EQUAL,
    MatchOp.NOT_EQUAL: MatchOp.EQUAL,
    MatchOp.REGEX: MatchOp.NOT_REGEX,
    MatchOp.NOT_REGEX: MatchOp.REGEX,
}


def inverted(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """``code!~"5.."`` as bad counts everything that went well."""
    if not isinstance(slo.indicator, Ratio):
        return
    total, counted = readings
    shared = {matcher for one in signed(total.node) for matcher in one.selector.matchers}
    sign = 1 if slo.indicator.counts == "good" else -1
    for one in signed(counted.node):
        leans = [(_leans(matcher), matcher) for matcher in one.selector.matchers if matcher not in shared]
        wrong = next((matcher for lean, matcher in leans if lean * sign * one.sign < 0), None)
        if wrong is None or any(lean * sign * one.sign > 0 for lean, _ in leans):
            continue
        went = "went wrong" if counted.key == "good" else "went well"
        message = f"as {counted.key} this counts what {went}"
        other = "bad" if counted.key == "good" else "good"
        hint = f"write {_written(wrong, _OPPOSITE[wrong.op])}, or call the query {other}"
        yield Finding("inverted", counted, matcher_span(counted.query, one.selector, wrong), message, hint)


def inverted_name(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """A counter of errors as good counts everything that went wrong."""
    if not isinstance(slo.indicator, Ratio):
        return
    total, counted = readings
    totals = {one.selector.name for one in signed(total.node)}
    wrong, other = (_BAD_NAME, "bad") if counted.key == "good" else (_GOOD_NAME, "good")
    for one in signed(counted.node):
        name = one.selector.name or ""
        if one.sign > 0 and name not in totals and wrong.search(name):
            message = f"{name} as {counted.key} counts what went {'wrong' if counted.key == 'good' else 'well'}"
            span = name_span(counted.query, one.selector)
            yield Finding("inverted", counted, span, message, f"call the query {other}")


def _leans(matcher: Matcher) -> int:
    """Tell whether a matcher takes what went well (1) or what went wrong (-1); 0 where it tells neither."""
    if not _TOLD_BY.search(matcher.name):
        return 0
    well = sum(accepts(matcher, value) for value in _WENT_WELL)
    wrong = sum(accepts(matcher, value) for value in _WENT_WRONG)
    if matcher.op in (MatchOp.EQUAL, MatchOp.REGEX):
        return (well > 0) - (wrong > 0)
    return (wrong < len(_WENT_WRONG)) - (well < len(_WENT_WELL))


def _written(matcher: Matcher, op: MatchOp) -> str:
    return f'{matcher.name}{op.value}"{matcher.value}"'


def outside_total(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """What is counted of a metric must be among what the total takes of it."""
    if not isinstance(slo.indicator, Ratio):
        return
    total, counted = readings
    # States are told by gauges of which one alone is 1: another state than the total's is none of its series.
    totals = list(counters_of(total))
    for selector in counters_of(counted):
        clashes = [_clash(other, selector) for other in totals if other.name and other.name == selector.name]
        if clashes and all(clashes):
            theirs, own = clashes[0] or ("", "")
            message = f"none of these is among the total, which takes {theirs}, and this {own}"
            hint = f"write the same value of the label in total and {counted.key}"
            yield Finding("outside-total", counted, selector.span, message, hint)


def _clash(total: VectorSelector, counted: VectorSelector) -> tuple[str, str] | None:
    matchers = (*total.matchers, *counted.matchers)
    return impossible(tuple(m for m in matchers if m.name != "le" and not has_variable(m.value)))

"""Check for queries that parse but can never work, by the expression alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import re2

from burnproof.diagnostics import problem
from burnproof.model.slo import Compare, Ratio, Weighted
from burnproof.specs.keys.promql.queries import read
from burnproof.specs.keys.promql.uses import Use
from burnproof.specs.places import sli_path
from promrules.syntax.nodes import Binary, Call, MatchOp, Subquery, VectorSelector, selectors, walk
from promrules.syntax.types import can_have, never_matches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.indicators import ReadAs
    from burnproof.model.slo import Query, Slo
    from promrules.syntax.nodes import Matcher, Node

_USES: Final[dict[ReadAs, Use]] = {"events": Use.EVENTS, "value": Use.VALUE, "selector": Use.SELECTOR}
_PER_SECOND: Final = frozenset({"rate", "irate"})
_PER_WINDOW: Final = frozenset({"increase", "count_over_time", "sum_over_time", "delta"})


def tree(slo: Slo, query: Query) -> Node:
    """Give the tree of one of the SLO's queries."""
    return read(query.text, _USES[slo.indicator.reads_as]).node


def possible(slo: Slo) -> Iterator[Problem]:
    """No series has two values of one label."""
    for _, query in slo.indicator.queries:
        for selector in selectors(tree(slo, query)):
            found = impossible(selector.matchers)
            if found:
                message = f"no series can match both {found[0]} and {found[1]}"
                yield problem("impossible-matchers", message, query.span, "remove one of the two")
                break


def impossible(matchers: tuple[Matcher, ...]) -> tuple[str, str] | None:
    """Find two matchers of one selector that exclude each other, as texts."""
    names = [matcher.name for matcher in matchers]
    if len(set(names)) == len(names):
        return None
    for fixed in matchers:
        if fixed.op is not MatchOp.EQUAL:
            continue
        for other in matchers:
            if other is not fixed and other.name == fixed.name and not _accepts(other, fixed.value):
                return _shown(fixed), _shown(other)
    return None


def _accepts(matcher: Matcher, value: str) -> bool:
    """Tell whether a matcher lets a value through."""
    match matcher.op:
        case MatchOp.EQUAL:
            return value == matcher.value
        case MatchOp.NOT_EQUAL:
            return value != matcher.value
        case MatchOp.REGEX:
            return re2.fullmatch(matcher.value, value) is not None
        case MatchOp.NOT_REGEX:
            return re2.fullmatch(matcher.value, value) is None


def _shown(matcher: Matcher) -> str:
    return f'{matcher.name}{matcher.op.value}"{matcher.value}"'


def groups(slo: Slo) -> Iterator[Problem]:
    """Labels to group by must be left in the result; both sides of a match must have the labels they match on."""
    for key, query in slo.indicator.queries:
        node = tree(slo, query)
        for label in slo.by:
            if not can_have(node, label) or _excludes(node, label):
                message = f"the result of {key} has no label {label}, so it cannot be grouped by it"
                hint = f"keep it in the query: sum by ({label}) (…)"
                yield problem("by-label", message, query.span, hint)
        if query.is_selector:
            continue
        for item in walk(node):
            missing = never_matches(item) if isinstance(item, Binary) else ()
            if missing:
                message = f"the two sides of {item.op} never match: only one of them has {', '.join(missing)}"  # type: ignore[union-attr]  # missing says so
                yield problem("by-label", message, query.span, "group both sides by the same labels")


def _excludes(node: Node, label: str) -> bool:
    """Tell whether a bare selector takes only series without the label."""
    return isinstance(node, VectorSelector) and any(
        matcher.name == label and matcher.op is MatchOp.EQUAL and not matcher.value for matcher in node.matchers
    )


def functions_agree(slo: Slo) -> Iterator[Problem]:
    """Two queries that are divided or compared must both be per second, or both per window."""
    indicator = slo.indicator
    if not isinstance(indicator, Ratio | Compare):
        return
    (_, first), (key, second) = indicator.queries
    one, two = _measure(tree(slo, first), first), _measure(tree(slo, second), second)
    if one and two and one != two:
        message = f"one query is {one} and the other {two}"
        hint = "use rate in both; a bare selector is read as rate too"
        yield problem("mixed-functions", message, second.span or slo.span(sli_path(slo, key)), hint)


def members_agree(slo: Slo) -> Iterator[Problem]:
    """Events of several SLOs that are added up must all be per second, or all per window."""
    if not isinstance(slo.indicator, Weighted):
        return
    seen: dict[str, Slo] = {}
    for _, member in slo.indicator.members:
        indicator = member.indicator
        total = indicator.total if isinstance(indicator, Ratio) else None
        counts = "per second" if total is None else _measure(tree(member, total), total)
        if counts:
            seen.setdefault(counts, member)
    if len(seen) > 1:
        (one, first), (two, second) = seen.items()
        message = f"{first.id} counts {one} and {second.id} {two}, so their events cannot be added up"
        yield problem("mixed-functions", message, slo.span(sli_path(slo, "weighted")), "use rate in both")


def _measure(node: Node, query: Query) -> str:
    """Say what a query counts by: per second, per window, or "" where it cannot be told."""
    if query.is_selector:
        return "per second"
    called = {item.func for item in walk(node) if isinstance(item, Call)}
    seconds, window = bool(called & _PER_SECOND), bool(called & _PER_WINDOW)
    if seconds == window:
        return ""
    return "per second" if seconds else "per window"


def rates_of_counters(slo: Slo) -> Iterator[Problem]:
    """A rate of something that was aggregated before sees the reset of one instance as a jump of all."""
    for _, query in slo.indicator.queries:
        if query.is_selector:
            continue
        for item in walk(tree(slo, query)):
            if (
                isinstance(item, Call)
                and item.func in (_PER_SECOND | {"increase"})
                and isinstance(item.args[0], Subquery)
            ):
                message = f"{item.func} of a subquery loses counter resets"
                yield problem("gauge-range", message, query.span, f"{item.func} first, then aggregate")


def distinct(slo: Slo) -> Iterator[Problem]:
    """Good or bad must not be all there is."""
    indicator = slo.indicator
    if not isinstance(indicator, Ratio):
        return
    total, counted = tree(slo, indicator.total), tree(slo, indicator.counted)
    if total == counted or _matchers(total) == _matchers(counted) is not None:
        verdict = "always 100 %" if indicator.counts == "good" else "always 0 %"
        message = f"{indicator.counts} selects the same as total, so the SLI is {verdict}"
        yield problem("good-is-total", message, indicator.counted.span, "narrow it by a status or result label")


def _matchers(node: Node) -> frozenset[Matcher] | None:
    """Give a plain selector's matchers as a set; order means nothing to Prometheus."""
    if isinstance(node, VectorSelector) and not node.offset and node.at is None:
        return frozenset(node.matchers)
    return None

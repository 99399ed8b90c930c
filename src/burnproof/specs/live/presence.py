"""Which selectors match no series, now and in the last day, and what is there instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.prometheus import catalog
from burnproof.rules import selectors
from burnproof.specs.live.inputs import Part
from burnproof.specs.live.nearest import nearest, some
from burnproof.specs.live.value_classes import of_a_class
from promrules.syntax.labels import is_empty_matching, predicate
from promrules.syntax.nodes import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.specs.live.inputs import Input
    from burnproof.specs.live.subject import Subject
    from promrules.syntax.nodes import VectorSelector

DAY: Final = 86_400
MAX_EXPLAINED: Final = 40
"""Selectors without series that are looked into: each costs a few requests, and so many have one reason."""

_LABELS: Final = "which labels and values there are"


def missing(subject: Subject) -> Iterator[Problem]:
    """Find selectors that match nothing, and say why."""
    _count(subject)
    empty = [one for one in subject.inputs if not subject.counts.get(one.text) and not _other_form(subject, one)]
    asked = {one.text: f"max(max_over_time(timestamp({one.text})[1d:5m]))" for one in empty}
    ended = subject.asker.numbers(asked, "which series ended within a day")
    names: dict[str, tuple[str, ...]] = {}
    explained = 0
    for one in empty:
        if one.text in ended:
            yield _ended(one, ended[one.text])
        elif explained < MAX_EXPLAINED:
            explained += 1
            yield from _explained(subject, one, names)


def _count(subject: Subject) -> None:
    """Count the series of each selector; of histograms of the classic form and of the native one."""
    texts = {one.text for one in subject.inputs}
    texts |= {form for one in subject.inputs if one.part is Part.HISTOGRAM for form in forms(one)}
    counted = subject.asker.numbers({text: f"count({text})" for text in sorted(texts)}, "how many series there are")
    subject.counts.update({text: int(counted.get(text, 0)) for text in texts})
    for one in subject.inputs:
        subject.of(one.slo).series[one.named] = subject.counts[one.text]


def forms(one: Input) -> tuple[str, str]:
    """Give the series that a histogram has in its classic form, and in its native one."""
    return selectors.text(selectors.with_suffix(one.selector, "_count")), selectors.text(one.selector)


def _other_form(subject: Subject, one: Input) -> bool:
    """Tell whether a histogram is there, but in the form that the spec does not name: a finding of its own."""
    return one.part is Part.HISTOGRAM and any(subject.counts.get(form) for form in forms(one))


def _ended(one: Input, last: float) -> Problem:
    at = datetime.fromtimestamp(last, UTC).strftime("%Y-%m-%d %H:%M UTC")
    message = f"{one.named} has no series now; the last one ended at {at}"
    return problem("live-ended", message, one.span, "see that its target is up and scraped; alerts read no data now")


def _explained(subject: Subject, one: Input, names: dict[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Look for what stands in the way: the metric, a label, a value, or all of them together."""
    asker, read = subject.asker, one.read
    bare = replace(read, matchers=tuple(m for m in read.matchers if m.name == "__name__"))
    span = (asker.now - DAY, asker.now)
    labels = asker.tried(_LABELS, catalog.label_names, [selectors.text(bare)], *span)
    if read.name is None or labels is None:
        yield _nothing(one, "no series matches", "see that the server is the right one")
    elif not labels:
        yield from _no_metric(subject, one, nearest(read.name, _names(subject, names)))
    else:
        wrong = (_wrong(subject, one, matcher, labels) for matcher in read.matchers if matcher.name != "__name__")
        found = next((problems for problems in wrong if problems is not None), None)
        if found is None:
            found = (_nothing(one, "no series matches all of its matchers together", "try it without one of them"),)
        yield from found


def _wrong(subject: Subject, one: Input, matcher: Matcher, labels: Sequence[str]) -> tuple[Problem, ...] | None:
    """Give what is wrong with a matcher, () where it may well match nothing today; None where nothing is."""
    if matcher.name not in labels:
        if is_empty_matching(matcher):
            return None
        near = nearest(matcher.name, labels) or [label for label in labels if not label.startswith("__")]
        message = f"{one.read.name} has no label {matcher.name} here"
        return (problem("live-no-label", message, one.span, f"its labels are {some(near)}"),)
    values = _values(subject, one.read, matcher)
    if values is None or any(map(predicate(matcher), values)):
        return None
    if one.rare and (of_a_class(matcher, values) or _told(subject, one, matcher)):
        return ()
    return (_no_value(one, matcher, values),)


def _told(subject: Subject, one: Input, matcher: Matcher) -> bool:
    """Tell whether a selector that must have series has the same matcher, and is empty for the same reason."""
    others = (other for other in subject.inputs if other.slo is one.slo and not other.rare)
    return any(matcher in other.read.matchers and other.read.name == one.read.name for other in others)


def _values(subject: Subject, read: VectorSelector, matcher: Matcher) -> tuple[str, ...] | None:
    """Give the values that a label has, of the series that match all else where there are such."""
    asker = subject.asker
    others = replace(read, matchers=tuple(m for m in read.matchers if m is not matcher))
    bare = replace(read, matchers=tuple(m for m in read.matchers if m.name == "__name__"))
    for selector in dict.fromkeys((others, bare)):
        span = (asker.now - DAY, asker.now)
        found = asker.tried(_LABELS, catalog.label_values, matcher.name, [selectors.text(selector)], *span)
        if found:
            return found
    return None


def _names(subject: Subject, names: dict[str, tuple[str, ...]]) -> Sequence[str]:
    """Give the names of all metrics; asked once."""
    asker = subject.asker
    if "all" not in names:
        span = (asker.now - DAY, asker.now)
        names["all"] = asker.tried("which metrics there are", catalog.label_values, "__name__", [], *span) or ()
    return names["all"]


def _no_metric(subject: Subject, one: Input, near: Sequence[str]) -> Iterator[Problem]:
    name = one.read.name
    there = f"the nearest names are {some(near)}" if near else "no name is near it"
    message = f"the server had no metric {name} within the last day"
    if not one.rare:
        yield problem("live-no-metric", message, one.span, f"{there}; see that the exporter is scraped by this server")
    elif not any(other.slo is one.slo and other.read.name == name and not other.rare for other in subject.inputs):
        yield problem("live-rare", message, one.span, f"right only if it comes with its first event; {there}")


def _no_value(one: Input, matcher: Matcher, values: Sequence[str]) -> Problem:
    shown = f'{matcher.name}{matcher.op.value}"{matcher.value}"'
    beside = " with its other matchers" if len(one.read.matchers) > 2 else ""
    near = nearest(matcher.value, values) if matcher.op is MatchOp.EQUAL else []
    message = f"no series of {one.read.name} in the last day has {shown}{beside}"
    there = f"{matcher.name} has the values {some([*near, *(value for value in values if value not in near)])}"
    if one.rare:
        return problem("live-rare", message, one.span, f"right only if no such event happened; {there}")
    return problem("live-no-value", message, one.span, there)


def _nothing(one: Input, message: str, hint: str) -> Problem:
    code = "live-rare" if one.rare else "live-no-series"
    return problem(code, f"{message}, now or in the last day: {one.named}", one.span, hint)

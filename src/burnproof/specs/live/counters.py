"""Which counters are none: their targets call them something else, or they fall and are not reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.prometheus import catalog
from burnproof.rules import selectors
from burnproof.specs.live.inputs import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.specs.live.inputs import Input
    from burnproof.specs.live.subject import Subject

MAX_METRICS: Final = 100
"""Metrics whose type is asked for: one request each."""
_OFTEN: Final = 0.25
"""Of samples that are lower than the one before; a process that restarts with every fourth scrape serves nobody."""
_FEW: Final = 20
"""Samples in an hour below which nothing is said."""
_HIGH: Final = 100
"""A counter that reached so much and is reset begins far below the half of it."""
_SUFFIXES: Final = ("_total", "_bucket", "_count", "_sum", "_created")
_KNOWN: Final = frozenset({"counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"})
_RIGHT: Final = {Part.COUNTER: frozenset({"counter", "histogram", "summary"}), Part.HISTOGRAM: frozenset({"histogram"})}


def types(subject: Subject) -> Iterator[Problem]:
    """Ask what targets say that the metrics are."""
    asked: dict[str, str] = {}
    for one in subject.inputs:
        name = one.selector.name
        if one.part not in _RIGHT or name is None or ":" in name or not subject.counts.get(one.text):
            continue
        if name not in asked:
            if len(asked) >= MAX_METRICS:
                subject.asker.absent["types of metrics"] = f"only those of the first {MAX_METRICS} were asked for"
                return
            asked[name] = _type(subject, name)
            if "types of metrics" in subject.asker.absent:
                return
        kind = asked[name]
        if kind and kind not in _RIGHT[one.part]:
            article = "an" if kind[0] in "aeiou" else "a"
            message = f"{name} is {article} {kind} by its own metadata, and is used as {one.part.value.split(' by')[0]}"
            yield problem("live-type", message, one.span, _remedy(one))


def _remedy(one: Input) -> str:
    if one.part is Part.HISTOGRAM:
        return "name a histogram; a summary has no buckets, and its quantiles cannot be added up"
    return "rate and increase are for counters: use a counter, or a `threshold` on the value"


def _type(subject: Subject, name: str) -> str:
    """Give the type of a metric; "" where nobody knows. OpenMetrics names a family without its suffix."""
    family = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    for asked in dict.fromkeys((name, family)):
        found = subject.asker.optional("types of metrics", catalog.metadata, asked)
        kinds = {str(one.get("type", "")) for one in found or ()} & _KNOWN
        if len(kinds) == 1:
            return kinds.pop()
    return ""


def falling(subject: Subject) -> Iterator[Problem]:
    """Find counters that fall without beginning anew."""
    counters = [one for one in subject.inputs if one.part is Part.COUNTER and subject.counts.get(one.text)]
    asked: dict[tuple[str, str], str] = {}
    for text in dict.fromkeys(one.text for one in counters):
        resets, samples = f"resets({text}[1h])", f"count_over_time({text}[1h])"
        top, bottom = f"max_over_time({text}[1h])", f"min_over_time({text}[1h])"
        asked[text, "often"] = f"count({resets} > {_OFTEN} * ({samples} >= {_FEW}))"
        asked[text, "little"] = f"count({resets} > 0 and {bottom} > 0.5 * ({top} >= {_HIGH}))"
    found = subject.asker.numbers(asked, "whether counters fall")
    for one in counters:
        often, little = (found.get((one.text, how), 0.0) for how in ("often", "little"))
        if often or little:
            how = "fall again and again" if often else "fell within the last hour, and did not begin anew"
            total = subject.counts[one.text]
            message = f"{max(often, little):g} of {total} series of {selectors.text(one.selector)} {how}"
            hint = "a counter falls to 0 when its process restarts, and never else; " + _remedy(one).partition(": ")[2]
            yield problem("live-falls", message, one.span, hint)

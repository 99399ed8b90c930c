"""Warn of SLIs that go silent with a series: of a second metric that nothing watches, or of a group by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from burnproof.model.indicators import Floor, Latency, Quantile, Threshold
from burnproof.specs.checks.mistakes.reading import Finding, found_in, name_span, readings_of
from promrules.syntax.nodes import Binary, Call, selectors, unwrapped, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.specs.checks.mistakes.reading import Reading


def unwatched(slos: Sequence[Slo]) -> Iterator[Problem]:
    """Where a value is read only while another metric says so, a missing metric looks like a quiet day.

    A metric is watched where another SLO reads it and alerts without data.
    """
    watched = frozenset(name for slo in slos if slo.no_data_alert for name in _names(slo))
    for slo in slos:
        if isinstance(slo.indicator, Threshold) and not slo.no_data_alert:
            yield from found_in(slo, partial(_silencing, watched))


def silent_groups(slo: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Where a value says how old something is, a group whose series ends has no age, and alerts no more."""
    if not isinstance(slo.indicator, Threshold) or not slo.by or slo.no_data_per_group:
        return
    for reading in readings:
        for item in walk(reading.node):
            if isinstance(item, Binary) and item.op == "-" and _is_time(item):
                message = "a group whose series ends has no age, so it is silent, though that is the failure itself"
                hint = "let each group that vanishes alert: alerting: {no_data: {per_group: true, severity: page}}"
                yield Finding("silent-group", reading, item.span, message, hint)
                break


def _is_time(node: Binary) -> bool:
    left = unwrapped(node.left)
    return isinstance(left, Call) and left.func == "time"


def _names(slo: Slo) -> Iterator[str]:
    """Yield the names of all metrics that are there whenever the SLO has data."""
    for reading in readings_of(slo):
        for selector in selectors(reading.node):
            if selector.name and isinstance(slo.indicator, Latency | Floor | Quantile):
                yield from (f"{selector.name}{suffix}" for suffix in ("", "_bucket", "_count", "_sum"))
            elif selector.name:
                yield selector.name


def _silencing(watched: frozenset[str], _: Slo, readings: tuple[Reading, ...]) -> Iterator[Finding]:
    for reading in readings:
        for item in walk(reading.node):
            if not isinstance(item, Binary) or item.op != "and":
                continue
            known = {one.name for one in selectors(item.left)} | watched
            for other in selectors(item.right):
                if other.name and other.name not in known:
                    message = f"without {other.name} the value is empty and this SLO silent, and no_data is off"
                    hint = "remove no_data: false; or watch the metric in an SLO of its own"
                    yield Finding("silent-join", reading, name_span(reading.query, other), message, hint)
                    known.add(other.name)

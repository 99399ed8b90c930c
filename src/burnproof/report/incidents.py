"""Find incidents: when a budget burnt, what that cost, and which alerts fired."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.report.model import Alert, Incident

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.prometheus import Series
    from burnproof.report.gather import Numbers
    from burnproof.report.periods import Span

LULL: Final = 900  # seconds without burning that do not yet end an incident


def stretches(times: Iterable[int], tile: int) -> list[tuple[int, int]]:
    """Join moments that are at most a lull, or one tile, apart; give the first and last of each stretch."""
    found: list[tuple[int, int]] = []
    reach = max(2 * tile, LULL)
    for at in sorted(times):
        if found and at - found[-1][1] <= reach:
            found[-1] = found[-1][0], at
        else:
            found.append((at, at))
    return found


def incidents(
    burnt: Numbers,
    burning: Numbers,
    tile: int,
    span: Span,
    *,
    weight: float,
    allowed: float,
    budget: float,
    slices: bool,
) -> list[Incident]:
    """Make incidents of the moments at which a budget burnt faster than it may.

    Args:
        burnt: errors at those moments, each for the tile that ends there.
        burning: error ratios there; empty for slices.
        tile: seconds that a moment stands for.
        span: where to look.
        weight: events that a value of 1 stands for.
        allowed: bad events that the span's budget holds.
        budget: the budget as a ratio.
        slices: whether moments are slices, which are bad as wholes.
    """
    found = []
    for first, last in stretches(burnt, tile):
        inside = [at for at in burnt if first <= at <= last]
        bad = weight * sum(burnt[at] for at in inside)
        peak = 1.0 if slices else max((burning[at] for at in inside if at in burning), default=None)
        found.append(
            Incident(
                start=max(span.start, first - tile),
                end=last,
                bad=bad,
                share=bad / allowed if allowed > 0 else None,
                peak=None if peak is None else peak / budget,
                open=last + tile > span.end,
            )
        )
    return found


def count_incidents(counts: Numbers, step: int, span: Span, limit: float) -> list[Incident]:
    """Make incidents of the moments at which a trailing window held the limit or more."""
    over = {at: value for at, value in counts.items() if value >= limit}
    found = []
    for first, last in stretches(over, step):
        most = max(value for at, value in over.items() if first <= at <= last)
        found.append(Incident(first, last, most, most / limit, most / limit, open=last + step > span.end))
    return found


def alerts(series: Iterable[Series], by: Sequence[str], step: int) -> tuple[Alert, ...]:
    """Make alerts of the moments at which they fired."""
    found = []
    for one in series:
        labels = one.labels
        for first, last in _runs([round(at) for at, _ in one.points], step):
            found.append(
                Alert(
                    labels.get("alertname", ""),
                    labels.get(naming.SEVERITY, ""),
                    labels.get(naming.TIER, labels.get(naming.BUDGET_BELOW, "")),
                    first,
                    last,
                    tuple((name, labels.get(name, "")) for name in sorted(by)),
                )
            )
    return tuple(sorted(found, key=lambda alert: (alert.start, alert.name, alert.tier)))


def _runs(times: Iterable[int], step: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for at in sorted(times):
        if found and at - found[-1][1] <= step:
            found[-1] = found[-1][0], at
        else:
            found.append((at, at))
    return found


def with_alerts(found: Iterable[Incident], fired: Iterable[Alert], tile: int) -> list[Incident]:
    """Give each incident the burn-rate alerts that began in it, or after it and before the next one."""
    ordered = sorted(found, key=lambda incident: incident.start)
    of: list[list[Alert]] = [[] for _ in ordered]
    for alert in fired:
        if alert.name.endswith((naming.NO_DATA_SUFFIX, naming.BUDGET_SUFFIX)):
            continue
        begun = [number for number, incident in enumerate(ordered) if incident.start <= alert.start + tile]
        if begun:
            of[begun[-1]].append(alert)
    return [replace(incident, alerts=tuple(own)) for incident, own in zip(ordered, of, strict=True)]

"""Judge SLOs on a Prometheus server over a span: a canary, a deploy, a load test.

Each SLO is measured by the PromQL its own rules are made of, with the span as the window, straight from the raw
series, so that a verdict needs no rule to be deployed and no history before the span. No data never pass.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.loadtest.gate.coverage import early_ends, holes
from burnproof.loadtest.gate.event_counts import count_events, count_one
from burnproof.loadtest.gate.model import Outcome, Verdict
from burnproof.loadtest.gate.reliability import ended
from burnproof.model.decimals import percent, plain
from burnproof.model.measured import COUNT, PERCENT, Quantity
from burnproof.model.slo import Count, Weighted, slice_of
from burnproof.prometheus import RefusedError
from burnproof.prometheus.span import Tally
from burnproof.rules.kinds import measure_of
from burnproof.rules.kinds.composite import ratio_of_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.gate.event_counts import Tallies
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.prometheus import Answer, Client, Labels
    from burnproof.prometheus.span import Span


def judge_live(slos: Sequence[Slo], client: Client, span: Span) -> list[Verdict]:
    """Judge SLOs over a span, one verdict for each of their groups.

    Raises:
        QueryError: the server gives no usable answer.
    """
    return [verdict for slo in slos for verdict in _verdicts(slo, client, span)]


def _verdicts(slo: Slo, client: Client, span: Span) -> list[Verdict]:
    try:
        tallies, warnings = _tallies(slo, client, span)
        reasons, late = holes(slo, client, span) if tallies else ((), ())
        early = early_ends(slo, client, span) if tallies and not reasons else {}
    except RefusedError as error:
        return [_verdict(slo, client, (), None, (ended(f"The server refuses the query: {error}"),), ())]
    if not tallies:
        reason = f"There are no data over the last {span.length}."
        return [_verdict(slo, client, (), None, (reason,), warnings)]
    doubted = {
        group: replace(tally, doubts=(*tally.doubts, *late, *([early[group]] if group in early else [])))
        for group, tally in tallies.items()
    }
    return [_verdict(slo, client, group, tally, reasons, warnings) for group, tally in sorted(doubted.items())]


def _tallies(slo: Slo, client: Client, span: Span) -> Tallies:
    """Measure an SLO: by the slices in the span where it has slices, else by what was counted over it."""
    length, verdict = slice_of(slo.indicator), measure_of(slo).verdict
    if length is not None and verdict is not None:
        return _slices(verdict.bad, length, client, span)
    match slo.indicator:
        case Weighted():
            return _weighted(slo, slo.indicator, client, span)
        case Count():
            return count_one(slo, slo.indicator, client, span)
        case _:
            return count_events(slo, ratio_of_events(slo), client, span)


def _weighted(slo: Slo, indicator: Weighted, client: Client, span: Span) -> Tallies:
    """Add up the weighted events of the members, in the groups of the whole."""
    found: dict[Labels, Tally] = {}
    warnings: list[str] = []
    for weight, member in indicator.members:
        tallies, said = _tallies(replace(member, by=slo.by), client, span)
        warnings += said
        for group, tally in tallies.items():
            before = found.get(group, Tally(0.0, 0.0))
            found[group] = Tally(
                before.bad + float(weight) * tally.bad,
                before.total + float(weight) * tally.total,
                tuple(dict.fromkeys((*before.faults, *tally.faults))),
                before.unsure + float(weight) * tally.unsure,
                tuple(dict.fromkeys((*before.doubts, *tally.doubts))),
            )
    return found, tuple(dict.fromkeys(warnings))


def _slices(bad: str, length: Duration, client: Client, span: Span) -> Tallies:
    """Judge each whole slice of the span by an expression that is at least 1 where the slice is bad."""
    answer = _walk(client, bad, length, span)
    if answer is None:
        return {}, ()
    series = answer.by_labels.items()
    found = {group: Tally(sum(number >= 1 for _, number in points), len(points)) for group, points in series}
    return found, answer.warnings


def _walk(client: Client, expr: str, length: Duration, span: Span) -> Answer | None:
    """Evaluate at the end of each whole slice; None where the span holds none."""
    count = span.length.ms // length.ms
    if not count:
        return None
    return client.query_range(expr, span.end - (count - 1) * length.seconds, span.end, length.seconds)


def _verdict(
    slo: Slo, client: Client, group: Labels, tally: Tally | None, reasons: tuple[str, ...], warnings: tuple[str, ...]
) -> Verdict:
    """Hold a tally against the objective."""
    labels = ", ".join(f"{name}={value}" for name, value in group)
    name = f"{slo.service}/{slo.name}{f' {{{labels}}}' if labels else ''}"
    notes = tuple(ended(f"The server warns: {warning}") for warning in dict.fromkeys(warnings))
    notes += tally.doubts if tally is not None else ()
    if tally is not None and tally.faults:
        reasons, tally = (*tally.faults, *reasons), None
    if isinstance(slo.indicator, Count):
        return _counted(slo, slo.indicator, (name, client.url), tally, reasons, notes)
    budget = 1 - slo.objective if slo.objective is not None else Decimal(0)
    target = Quantity(budget * 100, PERCENT)
    if tally is not None:
        reasons = (*reasons, *_too_few(slo, tally))
    if tally is None or not tally.total:
        return Verdict(
            name, Outcome.FAIL, "error ratio", client.url, "<=", None, target,
            samples=0, reasons=(*reasons, *notes), span=slo.span(""),
        )  # fmt: skip
    ratio = Decimal(repr(tally.bad)) / Decimal(repr(tally.total))
    left = 1 - ratio / budget
    worst = Decimal(repr(tally.bad + tally.unsure)) / Decimal(repr(tally.total + tally.unsure))
    if ratio > budget:
        reasons = (*reasons, f"The error ratio is above the {percent(budget)} that the objective allows.")
    elif worst > budget:
        reasons = (*reasons, _unsure(tally))
    outcome = Outcome.FAIL if reasons else Outcome.WARN if notes else Outcome.PASS
    return Verdict(
        name, outcome, "error ratio", client.url, "<=", Quantity(ratio * 100, PERCENT), target,
        Quantity(left * 100, PERCENT), left, round(tally.total), reasons=(*reasons, *notes), span=slo.span(""),
    )  # fmt: skip


def _unsure(tally: Tally) -> str:
    """Say what targets had counted when the server first scraped them, where that decides."""
    return (
        f"{tally.unsure:.6g} more had been counted when targets were first scraped, within the span or before it; "
        "take a span that begins after that, or scrape them earlier."
    )


def _too_few(slo: Slo, tally: Tally) -> tuple[str, ...]:
    """Say that a span held too little to judge."""
    if not tally.total:
        return ("There was no traffic.",)
    needed = slo.min_events if slo.min_events is not None and not _is_slices(slo) else Decimal(1)
    if round(tally.total) < needed:
        return (f"{round(tally.total)} events are too few: {plain(needed)} are needed.",)
    return ()


def _is_slices(slo: Slo) -> bool:
    return slice_of(slo.indicator) is not None


def _counted(
    slo: Slo,
    indicator: Count,
    where: tuple[str, str],
    tally: Tally | None,
    reasons: tuple[str, ...],
    notes: tuple[str, ...],
) -> Verdict:
    """Hold a count against its limit, whole however short the span: the other hours of the day are not known."""
    name, source = where
    target = Quantity(indicator.limit, COUNT)
    if tally is None:
        said = (*reasons, *notes)
        return Verdict(name, Outcome.FAIL, "count", source, "<", None, target, reasons=said, span=slo.span(""))
    count = Decimal(int(tally.bad))
    if count >= indicator.limit:
        reasons = (f"That is {plain(count)} within the span.", *reasons)
    elif tally.bad + tally.unsure >= indicator.limit:
        reasons = (_unsure(tally), *reasons)
    outcome = Outcome.FAIL if reasons else Outcome.WARN if notes else Outcome.PASS
    left = indicator.limit - count
    return Verdict(
        name, outcome, "count", source, "<", Quantity(count, COUNT), target, Quantity(left, COUNT),
        left / indicator.limit, reasons=(*reasons, *notes), span=slo.span(""),
    )  # fmt: skip

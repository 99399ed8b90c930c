"""Write the cells and sentences that every format of a report shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Count
from burnproof.report.model import Status
from burnproof.report.numbers import (
    NOTHING,
    attainment_text,
    burn_text,
    duration_text,
    events_text,
    minutes_text,
    share_text,
)
from burnproof.report.periods import moment_text
from burnproof.rules.coverage import covered_after
from burnproof.rules.measure import BASE
from burnproof.rules.periods import period_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.report.model import Alert, Gap, Incident, Line, Report, Trend

HEADER: Final = ("SLO", "Status", "Objective", "Attained", "Budget left", "Burn", "Bad", "Total", "Incidents", "Owner")
GAPS: Final = 5
FIRING: Final = 20
_RECENT: Final = 900  # seconds
TILE: Final = BASE.ms // 1000
_WHOLE: Final = 0.99
MARKS: Final = {
    Status.MET: "✓",
    Status.MISSED: "✗",
    Status.PARTIAL: "◐",
    Status.UNKNOWN: "?",
    Status.IDLE: "○",
}
"""A shape for each status, so that nobody needs the colour."""


def cells(line: Line) -> tuple[str, ...]:
    """Give the cells of a line, in the order of ``HEADER``."""
    figures = line.figures
    return (
        line.name,
        f"{MARKS[line.status]} {line.status}{', firing' if line.firing else ''}",
        objective(line),
        NOTHING if figures is None else attainment_text(figures.attainment, line.target),
        share_text(left(line)),
        burn_text(None if figures is None else figures.spent),
        events_text(None if figures is None else figures.bad),
        _total(line),
        str(line.incident_count),
        line.slo.owner.team,
    )


def _total(line: Line) -> str:
    """Write of how many; a count has its limit there."""
    if line.figures is None:
        return NOTHING
    return events_text(line.figures.total) if line.target is not None else f"limit {events_text(line.figures.total)}"


def objective(line: Line) -> str:
    """Write the objective: ``99.5%``, or ``< 3 per 1d``."""
    if line.slo.objective is not None:
        return percent(line.slo.objective)
    indicator = line.slo.indicator
    return f"< {plain(indicator.limit)} per {indicator.per}" if isinstance(indicator, Count) else NOTHING


def left(line: Line) -> float | None:
    """Give the share of the span's budget that is left; below 0 where more than it was spent."""
    if line.figures is None or line.figures.spent is None:
        return None
    return 1 - line.figures.spent


def headline(report: Report) -> str:
    """Count the verdicts: ``2 missed; 5 met; 1 no data``; of load tests alone, where they are going."""
    if not report.lines and report.operations:
        going = Counter(one.outlook.direction.value for one in report.operations)
        return "; ".join(f"{count} {direction}" for direction, count in going.most_common())
    found = [f"{report.count(status)} {status}" for status in MARKS if report.count(status)]
    return "; ".join(sorted(found, key=lambda text: not text.endswith("missed"))) or "no SLOs"


def firing_texts(report: Report) -> list[str]:
    """Name the alerts that fire when the span ends, pages first; a report of the past says so."""
    when = "Firing now" if report.made - report.span.end < _RECENT else "Firing at the end"
    found = [(alert, line) for line in report.lines for alert in line.firing]
    found.sort(key=lambda pair: (pair[0].severity != "page", pair[0].start, pair[1].name, pair[0].tier))
    named = dict.fromkeys(
        f"{line.name}: {alert.name} ({' '.join(part for part in (alert.severity, alert.tier) if part)}) "
        f"since {moment_text(alert.start, report.zone)}"
        for alert, line in found
    )
    texts = [f"{when}: {text}" for text in list(named)[:FIRING]]
    return texts + ([f"and {len(named) - FIRING} more alerts"] if len(named) > FIRING else [])


def source_text(report: Report) -> str:
    """Say where the numbers come from: ``http://prometheus:9090, 19 queries``."""
    return f"{report.server}, {report.queries} queries" if report.server else "recorded load tests"


def span_text(report: Report) -> str:
    """Write what the report is about."""
    start, end = (moment_text(at, report.zone) for at in (report.span.start, report.span.end))
    text = f"{report.span.name}: {start} to {end}"
    until = report.span.end // TILE * TILE
    # What happened since the last tile of five minutes ended was not recorded as one yet.
    return text if until == report.span.end else f"{text}, events counted until {moment_text(until, report.zone)}"


def budget_sentence(line: Line) -> str:
    """Say what was spent and left, as share, minutes and events."""
    figures = line.figures
    if figures is None or figures.spent is None:
        return "Nothing was measured, so nothing is known of the budget."
    if line.target is None or line.budget_minutes is None:
        most, limit = events_text(figures.bad), events_text(figures.total)
        return f"The worst window of {_per(line)} held {most}; {limit} break the objective."
    allowed = (1 - line.target) * figures.total
    minutes = line.budget_minutes
    spent, rest = figures.spent, 1 - figures.spent
    over = "left" if rest >= 0 else "overspent"
    return (
        f"Spent {share_text(spent)} ({minutes_text(spent * minutes)}, {events_text(figures.bad)} bad of "
        f"{events_text(figures.total)} {line.unit}); {over}: {share_text(abs(rest))} "
        f"({minutes_text(abs(rest) * minutes)}, {events_text(abs(allowed - figures.bad))} {line.unit})."
    )


def _per(line: Line) -> str:
    return str(line.slo.indicator.per) if isinstance(line.slo.indicator, Count) else ""


def state_sentence(line: Line) -> str:
    """Say what the recorded rules hold of the SLO's own period at the end of the span; "" where they hold nothing."""
    if line.remaining is None:
        return ""
    text = f"Of its own {period_text(line.slo)} budget {share_text(line.remaining)} was left at the end"
    text += f", burning at {burn_text(line.burn_now)}." if line.burn_now is not None else "."
    if line.step is not None:
        below = f"below {percent(line.step.below)}" if line.step.below else "when it is spent"
        text += f" The error-budget policy ({below}): {line.step.action}."
    return text


def muted_sentence(line: Line) -> str:
    """Say which alerts cannot fire yet; "" where all can."""
    if not line.muted:
        return ""
    named = [f"{tier.severity} over {tier.long} ({covered_after(tier.long)})" for tier in line.muted]
    return f"At the end these alerts could not fire, as the rules had not run for long enough: {', '.join(named)}."


def incident_text(incident: Incident, line: Line, report: Report) -> str:
    """Write an incident: when, how long, what it cost, which alerts."""
    start = moment_text(incident.start, report.zone)
    lasted = duration_text(max(60, incident.seconds))
    going = ", still going on" if incident.open else ""
    if line.target is None:
        cost = f"up to {events_text(incident.bad)} in one window of {_per(line)}"
    else:
        cost = f"{events_text(incident.bad)} bad {line.unit}, {share_text(incident.share)} of the budget"
        cost += f", burn up to {burn_text(incident.peak)}" if incident.peak is not None else ""
    return f"{start}, {lasted}{going}: {cost}; {alerts_text(incident.alerts)}"


def alerts_text(alerts: Sequence[Alert]) -> str:
    """Name the alerts of an incident, each once."""
    if not alerts:
        return "no alert"
    named: dict[str, list[str]] = {}
    for alert in alerts:
        tier = " ".join(part for part in (alert.severity, alert.tier) if part)
        if tier not in named.setdefault(alert.name, []):
            named[alert.name].append(tier)
    return "alerts: " + ", ".join(f"{name} ({', '.join(tiers)})" for name, tiers in named.items())


def gap_texts(gaps: Sequence[Gap], report: Report) -> list[str]:
    """Write the longest stretches without data, in order of time."""
    shown = sorted(sorted(gaps, key=lambda gap: gap.start - gap.end)[:GAPS], key=lambda gap: gap.start)
    texts = [f"{moment_text(gap.start, report.zone)}, {duration_text(gap.end - gap.start)}" for gap in shown]
    return texts + ([f"and {len(gaps) - GAPS} shorter ones"] if len(gaps) > GAPS else [])


def trend_texts(line: Line) -> list[tuple[str, str]]:
    """Write earlier spans and what was attained in them, oldest first; nothing before the first data is one entry."""
    found = [(one.span.name, _attained(one, line)) for one in line.trend]
    silent = next((number for number, (_, text) in enumerate(found) if text != _NOTHING_THEN), len(found))
    return found[silent:] if silent < 2 else [("earlier", _NOTHING_THEN), *found[silent:]]


_NOTHING_THEN: Final = "no data"


def _attained(one: Trend, line: Line) -> str:
    if one.figures is None:
        return _NOTHING_THEN
    text = attainment_text(one.figures.attainment, line.target)
    if one.coverage is not None and one.coverage < _WHOLE:
        text += f" of the {share_text(one.coverage)} with data"
    return text


def owner_text(line: Line) -> str:
    """Name who answers for an SLO and how to reach them."""
    return " ".join(part for part in (line.slo.owner.team, line.slo.owner.contact) if part)


def wants_remedy(line: Line) -> bool:
    """Tell whether to show what to do: where an objective was missed or a step of the policy holds."""
    return bool(line.slo.remediation) and (line.status is Status.MISSED or line.step is not None)


def details(line: Line, report: Report) -> list[tuple[str, str]]:
    """Give all there is to say of a line, as terms and texts, in the order of importance."""
    found = [("Budget", budget_sentence(line)), ("Now", state_sentence(line))]
    found.append(("Muted", muted_sentence(line)))
    found += [("Note", note) for note in line.notes]
    found += [("Incident", incident_text(one, line, report)) for one in line.incidents]
    hidden = line.incident_count - len(line.incidents)
    if hidden > 0:
        found.append(("Incident", f"and {hidden} that cost less"))
    if line.longest is not None and line.longest not in line.incidents:
        found.append(("Longest", incident_text(line.longest, line, report)))
    found += [("No data", text) for text in gap_texts(line.gaps, report)]
    if line.trend:
        found.append(("Before", "; ".join(f"{name}: {text}" for name, text in trend_texts(line))))
    if wants_remedy(line):
        found.append(("To do", line.slo.remediation))
    links = (("Runbook", line.slo.runbook), ("Dashboard", line.slo.dashboard), ("Owner", owner_text(line)))
    return [(term, text) for term, text in (*found, *links) if text]


def worth_details(line: Line) -> bool:
    """Tell whether a short format should say more than the table does."""
    judged = line.status in (Status.MET, Status.IDLE)
    return not judged or bool(line.firing) or line.incident_count > 0 or line.step is not None or bool(line.muted)

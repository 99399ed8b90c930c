"""Write a report as JSON: every number unrounded, times in seconds since the epoch."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from burnproof import __version__
from burnproof.model.decimals import plain
from burnproof.report.operationdata import as_values

if TYPE_CHECKING:
    from burnproof.report.model import Figures, Incident, Line, Report

SCHEMA: Final = "burnproof/report/v1"


def as_json(report: Report) -> str:
    """Give the report as JSON text, ending in a newline."""
    return json.dumps(document(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Give the report as plain values."""
    return {
        "schema": SCHEMA,
        "burnproof": __version__,
        "title": report.title,
        "recipient": report.recipient,
        "span": asdict(report.span),
        "timezone": report.zone.key,
        "server": report.server,
        "made": report.made,
        "queries": report.queries,
        "complete": not report.troubles,
        "missing": list(report.troubles),
        "slos": [_line(line) for line in report.lines],
        "operations": [as_values(one) for one in report.operations],
    }


def _line(line: Line) -> dict[str, Any]:
    slo = line.slo
    return {
        "id": slo.id,
        "service": slo.service,
        "slo": slo.name,
        "group": dict(line.group),
        "description": slo.description,
        "journeys": [name for name, _ in slo.journeys],
        "owner": asdict(slo.owner),
        "status": str(line.status),
        "objective": None if slo.objective is None else plain(slo.objective),
        "unit": line.unit,
        **_figures(line.figures),
        "budget_minutes": line.budget_minutes,
        "period_budget_remaining": line.remaining,
        "current_burn_rate": line.burn_now,
        "policy_step": None if line.step is None else {"below": plain(line.step.below), "action": line.step.action},
        "muted_tiers": [{"severity": tier.severity, "window": str(tier.long)} for tier in line.muted],
        "coverage": line.coverage,
        "rules_ran": line.rules_ran,
        "gaps": [asdict(gap) for gap in line.gaps],
        "incident_count": line.incident_count,
        "incidents": [_incident(incident) for incident in line.incidents],
        "longest_incident": None if line.longest is None else _incident(line.longest),
        "alerts": [{**asdict(alert), "group": dict(alert.group)} for alert in line.alerts],
        "firing": [{**asdict(alert), "group": dict(alert.group)} for alert in line.firing],
        "trend": [{"span": asdict(one.span), **_figures(one.figures), "coverage": one.coverage} for one in line.trend],
        "remediation": slo.remediation,
        "runbook": slo.runbook,
        "dashboard": slo.dashboard,
        "notes": list(line.notes),
    }


def _figures(figures: Figures | None) -> dict[str, Any]:
    if figures is None:
        return dict.fromkeys(("attainment", "bad", "total", "budget_spent", "budget_left"))
    left = None if figures.spent is None else 1 - figures.spent
    found = {"attainment": figures.attainment, "bad": figures.bad, "total": figures.total}
    return {**found, "budget_spent": figures.spent, "budget_left": left}


def _incident(incident: Incident) -> dict[str, Any]:
    found = asdict(incident)
    found["alerts"] = [{**asdict(alert), "group": dict(alert.group)} for alert in incident.alerts]
    return {**found, "seconds": incident.seconds}

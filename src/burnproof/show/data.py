"""Write an explanation as JSON: times in seconds, shares as ratios, null for what never happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from burnproof.model import naming
from burnproof.rules.periods import period, period_text
from burnproof.rules.types import AlertingRule

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.quantities import Duration
    from burnproof.rules.counting import Counting
    from burnproof.show.alert_facts import Explanation, RuleFacts, TierFacts


def as_json(explained: Explanation) -> str:
    """Write an explanation as JSON, ending in a newline."""
    return json.dumps(_whole(explained), indent=2, ensure_ascii=False) + "\n"


def _whole(explained: Explanation) -> dict[str, Any]:
    slo, assumed = explained.slo, explained.assumed
    return {
        "slo": {
            "id": slo.id,
            "service": slo.service,
            "name": slo.name,
            "description": slo.description,
            "kind": explained.kind,
            "objective": _number(slo.objective),
            "budget": _number(slo.budget),
            "budget_in_full_outage_seconds": _seconds(explained.full_outage),
            "period": period_text(slo),
            "period_seconds": _seconds(period(slo)),
            "by": list(slo.by),
            "dedup": list(slo.dedup),
            "level": slo.level,
            "other_levels": list(explained.levels),
            "journeys": [{"id": name, "text": text} for name, text in slo.journeys],
            "owner": {"team": slo.owner.team, "contact": slo.owner.contact},
            "policy": slo.policy.name,
            "remediation": slo.remediation,
            "runbook": slo.runbook,
        },
        "alerts": [_tier(facts) for facts in explained.tiers],
        "windows": [_window(one) for one in explained.windows],
        "other_alerts": [
            {
                "alert": alert.alert,
                "severity": dict(alert.labels).get(naming.SEVERITY, ""),
                "for": alert.hold,
                "summary": dict(alert.annotations).get("summary", ""),
            }
            for alert in explained.others
        ],
        "rules": [_rule(found) for found in explained.rules],
        "cost": {
            "samples_per_second": round(explained.samples_per_second, 3),
            "assuming": {
                "raw_series": assumed.series,
                "groups": assumed.groups,
                "scrape_interval_seconds": _seconds(explained.scrape),
                "evaluation_interval_seconds": _seconds(assumed.evaluation),
            },
        },
        "retention": {
            "recorded_seconds": _seconds(explained.retention.recorded),
            "raw_seconds": _seconds(explained.retention.raw),
        },
    }


def _tier(facts: TierFacts) -> dict[str, Any]:
    tier = facts.tier
    return {
        "alert": facts.alert,
        "severity": tier.severity,
        "factor": _number(tier.factor),
        "threshold": _number(facts.threshold),
        "fires_when": "at or above" if facts.count is not None else "above",
        "long": str(tier.long),
        "short": None if tier.short is None else str(tier.short),
        "note": tier.note,
        "for_seconds": _seconds(tier.hold),
        "keep_firing_for_seconds": _seconds(tier.keep_firing),
        "outages": [
            {
                "share": _number(outage.share),
                "detected_after_seconds": _seconds(outage.detected),
                "detection_lag_seconds": _seconds(outage.lag),
                "budget_spent": _number(outage.spent),
                "resets_after_seconds": _seconds(outage.resets),
            }
            for outage in facts.outages
        ],
        "last_ratio_stands_seconds": _seconds(facts.known),
        "fewest_events_for_one_failure_to_be_silent": facts.events_for_silence,
        "tolerated_slices": None if facts.tolerated_slices is None else facts.tolerated_slices[0],
        "slices_in_long_window": None if facts.tolerated_slices is None else facts.tolerated_slices[1],
        "count": facts.count,
    }


def _window(one: Counting) -> dict[str, Any]:
    return {
        "window": str(one.window),
        "event_counts_from_seconds": [_seconds(one.begins), _seconds(one.seen)],
        "event_counts_until_seconds": [_seconds(one.leaves), _seconds(one.gone)],
        "recorded_every_seconds": _seconds(one.every),
        "covered_after_seconds": _seconds(one.covered),
    }


def _rule(found: RuleFacts) -> dict[str, Any]:
    rule = found.rule
    is_alert = isinstance(rule, AlertingRule)
    return {
        "group": found.group,
        "alert" if is_alert else "record": rule.alert if isinstance(rule, AlertingRule) else rule.record,
        "expr": rule.expr,
        "labels": dict(rule.labels),
        "samples": found.samples,
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _seconds(value: Duration | None) -> float | None:
    return None if value is None else value.seconds

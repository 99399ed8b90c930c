"""Write SLOs as OpenSLO objects (v1), and list what OpenSLO cannot say.

What it can say comes back the same when it is imported; tests hold that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from burnproof.diagnostics import problem
from burnproof.importers.result_groups import result_groups
from burnproof.importers.yaml_text import document
from burnproof.model.decimals import plain
from burnproof.model.slo import (
    AnyBad,
    Calendar,
    Compare,
    Count,
    Floor,
    Latency,
    Quantile,
    Query,
    Ratio,
    Slo,
    Threshold,
    Weighted,
)
from burnproof.rules import selectors
from burnproof.rules.kinds.events import as_ratio
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Indicator, Rolling, Tier

VERSION: Final = "openslo/v1"
_OPS: Final = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
_CALENDARS: Final = {"week": "1w", "month": "1M", "quarter": "1Q"}
_BEGIN: Final = "2024-01-01 00:00:00"  # a Monday, and the first of a month and of a quarter
_UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000))
_HINT: Final = "OpenSLO has no place for it"

# What OpenSLO has no key for: field of the SLO, what it is when nothing was said, what to call it, where it stands.
_UNSAYABLE: Final = (
    ("min_events", None, "min_events", "sli"),
    ("no_traffic", "ignore", "no_traffic", "sli"),
    ("dedup", (), "dedup", "sli"),
    ("expected_rate", None, "expected_rate", "expected_rate"),
    ("scrape_interval", None, "scrape_interval", "scrape_interval"),
    ("query_offset", None, "query_offset", "query_offset"),
    ("journeys", (), "journey", "journey"),
    ("runbook", "", "the runbook", "alerting.runbook"),
    ("dashboard", "", "the dashboard", "alerting.dashboard"),
    ("remediation", "", "remediation", "remediation"),
    ("alert_labels", (), "labels of alerts", "alerting.labels"),
    ("annotations", (), "annotations of alerts", "alerting.annotations"),
    ("budget_policy", (), "the budget_policy", "budget_policy"),
)
_KINDS: Final = {
    Compare: "a comparison of two counters",
    Count: "a count that is its own budget",
    AnyBad: "a composite of slices",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """The objects of each service as YAML, and what they lack."""

    files: dict[str, str]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Notes:
    problems: list[Problem] = field(default_factory=list)

    def lacks(self, slo: Slo, what: str, path: str, hint: str = _HINT) -> None:
        self.problems.append(problem("not-carried", f"not exported: {what}", slo.span(path), hint))


def export(slos: Iterable[Slo]) -> Exported:
    """Write the SLOs of each service, levels of one SLO as objectives of one object."""
    notes = _Notes()
    files = {}
    for service, members in groupby(slos, key=lambda slo: slo.service):
        objects: list[dict[str, Any]] = [_object("Service", service, {})]
        for _, levels in groupby(members, key=_same_object):
            made = _slo(list(levels), notes)
            objects += [made] if made else []
        files[f"{service}.yaml"] = "---\n".join(document(one) for one in objects)
    return Exported(files, tuple(dict.fromkeys(notes.problems)))


def _same_object(slo: Slo) -> tuple[object, ...]:
    """Give what objectives of one object have in common: levels that are measured differently are SLOs of their own."""
    return slo.name, slo.policy, _measure(slo.indicator, slo.by) or slo.id


def _object(kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    named = {"name": name} | {key: value for key, value in metadata.items() if value}
    return {"apiVersion": VERSION, "kind": kind, "metadata": named, "spec": spec}


def _slo(levels: list[Slo], notes: _Notes) -> dict[str, Any] | None:
    """Write an SLO with all its levels; None where its kind has no counterpart."""
    first = levels[0]
    indicator = first.indicator
    what = _KINDS.get(type(indicator))
    if what is None and isinstance(indicator, Threshold) and indicator.op not in _OPS:
        what = f"a comparison with {indicator.op}"
    if what is not None:
        message = f"{first.id} is {what}, which OpenSLO cannot say"
        notes.problems.append(problem("not-imported", message, first.span("sli"), "leave it out of what is exported"))
        return None
    for slo in levels:
        _name_unsayable(slo, notes)
    own = {} if isinstance(indicator, Weighted) else {"indicator": _indicator(first, f"{first.name}-sli")}
    spec: dict[str, Any] = {"description": first.description} if first.description else {}
    spec |= {"service": first.service} | own
    spec["timeWindow"] = [_window(first.period)]
    spec["budgetingMethod"] = "Timeslices" if isinstance(indicator, Threshold | Quantile) else "Occurrences"
    spec["objectives"] = [one for slo in levels for one in _objectives(slo, several=len(levels) > 1)]
    if first.policy.tiers:
        spec["alertPolicies"] = [_policy(first)]
    labels = dict(first.labels) | ({"team": first.owner.team} if first.owner.team else {})
    return _object("SLO", first.id.removeprefix(f"{first.service}-"), spec, labels=labels)


def _name_unsayable(slo: Slo, notes: _Notes) -> None:
    for attribute, nothing, what, path in _UNSAYABLE:
        if getattr(slo, attribute) != nothing:
            notes.lacks(slo, what, path)
    if slo.owner.contact:
        notes.lacks(slo, "the owner's contact", "owner.contact")
    shorts = [tier for tier in slo.policy.tiers if tier.short is not None or tier.keep_firing is not None]
    if shorts:
        hint = "conditions of OpenSLO have one window; alerts end later where nobody knows the short one"
        notes.lacks(slo, f"short windows and keep_firing_for of the policy {slo.policy.name}", "alerting.policy", hint)
    if any(tier.labels or tier.annotations for tier in slo.policy.tiers):
        notes.lacks(slo, f"labels and annotations of tiers of the policy {slo.policy.name}", "alerting.policy")


# Indicators


def _indicator(slo: Slo, name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": _measure(slo.indicator, slo.by)}


def _measure(indicator: Indicator, by: tuple[str, ...]) -> dict[str, Any]:
    match indicator:
        case Threshold(value=value):
            return {"thresholdMetric": _metric(_templated(value.text))}
        case Quantile(histogram=histogram, quantile=quantile):
            return {"thresholdMetric": _metric(_quantile(histogram, quantile, by))}
        case Ratio() | Latency() | Floor():
            ratio = as_ratio(indicator, by)
            counted, total = (_events(query, by) for query in (ratio.counted, ratio.total))
            return {"ratioMetric": {"counter": True, ratio.counts: _metric(counted), "total": _metric(total)}}
        case _:
            return {}


def _metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def _events(query: Query, by: tuple[str, ...]) -> str:
    """Write a counter alone, or the rate of each group; an expression is summed as burnproof sums it."""
    if not query.is_selector:
        known = result_groups(parse(query.text.replace(selectors.WINDOW, "5m"))) is not None
        grouping = f"sum by ({', '.join(by)}) " if by else "sum"
        return _templated(query.text) if known else f"{grouping}({_templated(query.text)})"
    text = selectors.text(selectors.read(query))
    return f"sum by ({', '.join(by)}) (rate({text}[{{{{.window}}}}]))" if by else text


def _templated(text: str) -> str:
    return text.strip().replace(selectors.WINDOW, "{{.window}}")


def _quantile(histogram: Query, quantile: Decimal, by: tuple[str, ...]) -> str:
    name = selectors.text(selectors.with_suffix(selectors.read(histogram), "_bucket"))
    grouping = ", ".join(("le", *by))
    return f"histogram_quantile({plain(quantile)}, sum by ({grouping}) (rate({name}[{{{{.window}}}}])))"


# Objectives, windows, alerts


def _objectives(slo: Slo, *, several: bool) -> Iterator[dict[str, Any]]:
    named = {"displayName": slo.level or slo.name} if several else {}
    indicator = slo.indicator
    if isinstance(indicator, Weighted):
        for weight, member in indicator.members:
            yield {
                "displayName": member.name,
                "target": _target(member),
                "compositeWeight": weight,
                "indicator": _indicator(member, f"{member.name}-sli"),
            }
        return
    values: dict[str, Any] = {}
    if isinstance(indicator, Threshold | Quantile):
        values = {"op": _OPS[indicator.op], "value": indicator.bound}
        values |= {"timeSliceTarget": Decimal(1), "timeSliceWindow": _shorthand(indicator.slice)}
    yield named | values | {"target": _target(slo)}


def _target(slo: Slo) -> Decimal:
    return slo.objective if slo.objective is not None else Decimal(0)


def _window(period: Rolling | Calendar) -> dict[str, Any]:
    if isinstance(period, Calendar):
        begins = {"startTime": _BEGIN, "timeZone": period.timezone}
        return {"duration": _CALENDARS[period.unit], "isRolling": False, "calendar": begins}
    return {"duration": _shorthand(period.length), "isRolling": True}


def _shorthand(length: Duration) -> str:
    """Write a length with one unit, as OpenSLO wants it."""
    for unit, size in _UNITS:
        if length.ms % size == 0:
            return f"{length.ms // size}{unit}"
    return f"{max(1, length.ms // 60_000)}m"


def _policy(slo: Slo) -> dict[str, Any]:
    conditions = [_condition(slo, number, tier) for number, tier in enumerate(slo.policy.tiers, start=1)]
    spec = {"alertWhenBreaching": True, "alertWhenNoData": slo.no_data_alert, "conditions": conditions}
    return {"kind": "AlertPolicy", "metadata": {"name": f"{slo.name}-{slo.policy.name}"}, "spec": spec}


def _condition(slo: Slo, number: int, tier: Tier) -> dict[str, Any]:
    burn: dict[str, Any] = {"kind": "burnrate", "op": "gt", "threshold": tier.factor}
    burn["lookbackWindow"] = _shorthand(tier.long)
    burn |= {"alertAfter": _shorthand(tier.hold)} if tier.hold is not None and tier.hold.ms else {}
    spec = {"severity": tier.severity, "condition": burn}
    return {"kind": "AlertCondition", "metadata": {"name": f"{slo.name}-{number}"}, "spec": spec}

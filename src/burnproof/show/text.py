"""Write an explanation for a terminal: tables if they fit, else one block for each row."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.rules.types import AlertingRule
from burnproof.show import words
from burnproof.show.find import path
from burnproof.show.tables import GAP, INDENT, pairs, table

if TYPE_CHECKING:
    from burnproof.show.alert_facts import Explanation, RuleFacts, TierFacts

_TIER_NOTE = (
    "Detection: time from the start of a steady outage with 100%, 10% or 1% bad, after a time without errors. Add a "
    "scrape and an evaluation (4m apart if the window is recorded every 4m), and at most what follows the +. Spent: "
    "share of the budget gone when a total outage is detected. Resets: time from the end of a total outage, "
    "keep_firing_for included. Tolerated: what stays silent. Without new events, the last ratio of a tier's shortest "
    "window is kept: {known}."
)
_WINDOW_NOTE = (
    "Times are from the event; add the recording interval. Covered: how long the rules must have run before an alert "
    "of this window can fire. Until then slo:window_covered:bool<window> is 0."
)
_COUNT_NOTE = "Tolerated: what stays silent. The alert ends when the events have left the window."


def as_text(explained: Explanation, *, width: int, promql: bool = False, colour: bool = False) -> str:
    """Lay out an explanation for a terminal of ``width`` columns.

    Args:
        explained: what to say.
        width: columns; tables that are wider become blocks.
        promql: whether to write each rule's expression under it.
        colour: whether headings are bold.
    """
    sections = [
        _head(explained, width, colour=colour),
        _alerts(explained, width, colour=colour),
        _windows(explained, width, colour=colour),
        _others(explained, width, colour=colour),
        _rules(explained, promql=promql, colour=colour),
        _cost(explained, width, colour=colour),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _head(explained: Explanation, width: int, *, colour: bool) -> list[str]:
    slo = explained.slo
    lines = (
        ("", slo.description),
        ("objective", words.objective(slo)),
        ("budget", words.budget_text(explained)),
        ("measured", explained.kind),
        ("per", ", ".join(slo.by)),
        ("replicas", f"told apart by {', '.join(slo.dedup)}, and counted once" if slo.dedup else ""),
        ("journey", "; ".join(text for _, text in slo.journeys)),
        ("owner", " ".join(part for part in (slo.owner.team, slo.owner.contact) if part)),
        ("policy", slo.policy.name),
        ("id", slo.id),
        ("levels", ", ".join(explained.levels)),
        ("remediation", slo.remediation),
        ("runbook", slo.runbook),
    )
    return [_bold(path(slo), colour=colour), *pairs([line for line in lines if line[1]], width)]


def _alerts(explained: Explanation, width: int, *, colour: bool) -> list[str]:
    """Lay out the tiers of the policy."""
    is_count = any(facts.count is not None for facts in explained.tiers)
    rows = [_tier_row(facts) for facts in explained.tiers]
    title = f"Alerts {explained.slo.alert_name}"
    note = _COUNT_NOTE if is_count else _TIER_NOTE.format(known=words.known(explained.tiers))
    notes = [f"{words.windows(facts)}: {facts.tier.note}" for facts in explained.tiers if facts.tier.note]
    said = [line for text in (*notes, note) for line in _wrapped(text, width)]
    return [_bold(title, colour=colour), *table(rows, width), "", *said]


def _tier_row(facts: TierFacts) -> dict[str, str]:
    """Give the columns of a tier, by their headings."""
    row = {"severity": facts.tier.severity, "windows": words.windows(facts), "burn": f"{facts.tier.factor:f}x"}
    row["fires"] = words.fires(facts)
    for outage in facts.outages:
        row[f"{words.share(outage.share)} bad"] = words.detected(outage)
    if facts.outages:
        total = facts.outages[0]
        row["spent"] = words.share(total.spent)
        row["resets"] = words.time(total.resets)
    row["tolerated"] = words.single(facts)
    return row


def _windows(explained: Explanation, width: int, *, colour: bool) -> list[str]:
    """Lay out from when until when an event counts in each window."""
    waits = {facts.tier.long for facts in explained.tiers}
    rows = [
        {
            "window": str(one.window),
            "an event counts from": f"{one.begins} to {one.seen} after it happened",
            "until": f"{one.leaves} to {one.gone} later",
            "recorded": f"every {one.every}",
            "covered": words.covered(one) if one.window in waits else "-",
        }
        for one in explained.windows
    ]
    return [_bold("Windows", colour=colour), *table(rows, width), "", *_wrapped(_WINDOW_NOTE, width)]


def _others(explained: Explanation, width: int, *, colour: bool) -> list[str]:
    """Lay out the alerts that are no tiers: data that stopped coming and the like."""
    if not explained.others:
        return []
    rows = [
        {
            "severity": dict(alert.labels).get(naming.SEVERITY, ""),
            "alert": alert.alert,
            "for": alert.hold or "-",
            "says": dict(alert.annotations).get("summary", ""),
        }
        for alert in explained.others
    ]
    return [_bold("Further alerts", colour=colour), *table(rows, width)]


def _rules(explained: Explanation, *, promql: bool, colour: bool) -> list[str]:
    title = f"Rules ({len(explained.rules)}; samples read at each evaluation)"
    lines = [_bold(title, colour=colour)]
    names = [_rule_name(found) for found in explained.rules]
    widest = max(len(name) for name in names)
    for number, (found, name) in enumerate(zip(explained.rules, names, strict=True)):
        if number == 0 or explained.rules[number - 1].group != found.group:
            lines.append(f"{INDENT}{found.group}")
        lines.append(f"{INDENT * 2}{name:<{widest}}{GAP}{found.samples:>6}")
        if promql:
            lines += [f"{INDENT * 4}{line}" for line in found.rule.expr.splitlines()]
    return lines


def _rule_name(found: RuleFacts) -> str:
    if not isinstance(found.rule, AlertingRule):
        return found.rule.record
    tier = dict(found.rule.labels).get(naming.TIER, "")
    return f"alert {found.rule.alert}" + (f" ({tier})" if tier else "")


def _cost(explained: Explanation, width: int, *, colour: bool) -> list[str]:
    assumed, kept = explained.assumed, explained.retention
    groups = f" in {assumed.groups} groups" if assumed.groups > 1 else ""
    cost = (
        f"{explained.samples_per_second:.1f} samples per second, for {assumed.series} raw series{groups} scraped every "
        f"{explained.scrape} and rules evaluated every {assumed.evaluation}"
    )
    retention = f"{kept.recorded} of recorded series, {kept.raw} of raw ones"
    return [_bold("Cost", colour=colour), *pairs((("reads", cost), ("retention", retention)), width)]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, max(min(width, 110), 30), initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False
    )


def _bold(text: str, *, colour: bool) -> str:
    return f"\033[1m{text}\033[0m" if colour else text

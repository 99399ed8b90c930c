"""Say in a few lines how soon the alerts of an SLO fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.rules.kinds import measure_of
from burnproof.show import words
from burnproof.show.alert_facts import tier_facts
from burnproof.show.find import path
from burnproof.show.tables import table

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.show.alert_facts import TierFacts

_WIDTH = 100
_NOTE = "Times are from the first error. Add a scrape and an evaluation, and at most what follows the +."


def fires_after(slo: Slo) -> list[str]:
    """Give a heading and a table: each alert of the policy, and how long after errors begin it fires."""
    measure = measure_of(slo)
    tiers = [tier_facts(slo, measure, tier) for tier in slo.policy.tiers]
    heading = f"{path(slo)}: {words.objective(slo)}. {slo.alert_name} fires:"
    rows = table([_row(facts) for facts in tiers], _WIDTH)
    return [heading, *rows, *([_NOTE] if any(facts.outages for facts in tiers) else [])]


def _row(facts: TierFacts) -> dict[str, str]:
    row = {"severity": facts.tier.severity, "windows": words.windows(facts), "fires": words.fires(facts)}
    for outage in facts.outages:
        row[f"{words.share(outage.share)} bad"] = words.detected(outage)
    return row

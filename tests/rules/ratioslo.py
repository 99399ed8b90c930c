"""The SLO whose cost is compared: one ratio over 20 raw series, 10 of them errors, scraped and evaluated every 30 s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.compile.plan import rule_groups
from burnproof.model.quantities import Duration
from burnproof.rules.cost import Feed, RuleCost, rule_costs, samples_per_second
from burnproof.specs.resolve import slos_from_text

if TYPE_CHECKING:
    from burnproof.rules.types import Rule, RuleGroup
    from promrules.syntax.nodes import VectorSelector

BARS = {"bad": 300, "good": 500}
"""Samples per second that the SLO may read, alerts and metadata included."""
SECONDS = 30
SERIES = 20
COUNTED = 10
PEERS = {"Sloth": 18_430, "Pyrra": 28_180}
"""Samples per second at the same input, counted on their output."""

_SPEC = """
version: burnproof/v1
service: shop
window: WINDOW
scrape_interval: 30s
slos:
  - name: api
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        FORM: http_requests_total{job="shop",code=~"CODES"}
    alerting: {policy: google}
"""
CODES = {"bad": "5..", "good": "2.."}


def groups(form: str, window: str = "30d") -> tuple[RuleGroup, ...]:
    """Compile the SLO with its `bad` or its `good` events counted."""
    loaded = slos_from_text(
        "shop.yaml", _SPEC.replace("FORM", form).replace("CODES", CODES[form]).replace("WINDOW", window)
    )
    assert loaded.ok, loaded.problems
    return rule_groups(loaded.slos[0])


def rules(form: str) -> tuple[Rule, ...]:
    """Give all of its rules."""
    return tuple(rule for group in groups(form) for rule in group.rules)


def feed(counted: int = COUNTED) -> Feed:
    """Describe the input: a selector with a code sees the counted series, one without sees all."""

    def series(selector: VectorSelector) -> int:
        return counted if any(matcher.name == "code" for matcher in selector.matchers) else SERIES

    return Feed(Duration(SECONDS * 1000), Duration(SECONDS * 1000), series)


def cost(form: str, counted: int = COUNTED, window: str = "30d") -> float:
    """Give the samples read per second."""
    return samples_per_second(groups(form, window), feed(counted))


def costs(form: str, counted: int = COUNTED) -> tuple[RuleCost, ...]:
    """Give the samples that each rule reads per evaluation."""
    return rule_costs(rules(form), feed(counted))

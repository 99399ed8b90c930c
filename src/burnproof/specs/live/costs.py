"""How many series each query reads, and what the rules will cost on this server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model import naming
from burnproof.model.quantities import Duration
from burnproof.rules import selectors
from burnproof.rules.cost import Feed, rule_costs, samples_per_second, with_groups
from promrules.syntax.nodes import VectorSelector, walk
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.specs.live.subject import Subject

MANY_SERIES: Final = 10_000
"""Of one selector; at a scrape every 30 s, six hours of so many are 7 million samples at each evaluation."""
MAX_SAMPLES: Final = 50_000_000
"""What one query may load unless --query.max-samples says otherwise."""
_EVALUATION: Final = Duration(60_000)
_MAX_ASKED: Final = 2000
"""Selectors of rules that are counted."""


def costs(subject: Subject) -> Iterator[Problem]:
    """Compute what the rules read from the series that are there."""
    raw = {slo.id: _raw(subject, slo) for slo in subject.slos}
    texts = list(dict.fromkeys(text for found in raw.values() for text in found))[:_MAX_ASKED]
    unknown = {text: f"count({text})" for text in texts if text not in subject.counts}
    subject.counts.update(dict.fromkeys(unknown, 0))
    counted = subject.asker.numbers(unknown, "how many series the rules read")
    subject.counts.update({text: int(count) for text, count in counted.items()})
    for slo in subject.slos:
        yield from _of(subject, slo)


def _raw(subject: Subject, slo: Slo) -> list[str]:
    """Give the selectors of raw series in an SLO's rules."""
    trees = (parse(rule.expr) for group in subject.groups.get(slo.id, ()) for rule in group.rules)
    found = (one for tree in trees for one in walk(tree) if isinstance(one, VectorSelector))
    return [_bare(one) for one in found if not any(matcher.name == naming.ID for matcher in one.matchers)]


def _bare(selector: VectorSelector) -> str:
    return selectors.text(replace(selector, offset=0, at=None))


def _of(subject: Subject, slo: Slo) -> Iterator[Problem]:
    groups = subject.groups.get(slo.id, ())
    if not groups:
        return
    interval = subject.of(slo).interval
    scrape = Duration(int(interval * 1000)) if interval else slo.scrape
    feed = Feed(scrape, _EVALUATION, lambda one: subject.counts.get(_bare(one), 0))
    subject.of(slo).samples = samples_per_second(groups, feed)
    known = with_groups(feed, groups)
    most = max((cost for group in groups for cost in rule_costs(group.rules, known)), key=lambda cost: cost.samples)
    limit = _limit(subject)
    if most.samples > limit:
        message = f"one evaluation of {most.name} reads {most.samples:,} samples here, and a query may load {limit:,}"
        hint = "record a sum of the series first and measure that, or raise --query.max-samples"
        yield problem("live-too-many", message, slo.span("sli"), hint)
        return
    for one in subject.inputs:
        count = subject.counts.get(one.text, 0)
        if one.slo is slo and count > MANY_SERIES:
            message = f"{one.named} matches {count:,} series, which the rules read at every evaluation"
            hint = "narrow it by a label, or record a sum of rates first and measure that"
            yield problem("live-cost", message, one.span, hint)


def _limit(subject: Subject) -> int:
    given = subject.server.flags.get("query.max-samples", "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 16 else MAX_SAMPLES

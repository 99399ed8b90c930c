"""Count the samples that each evaluation of a rule reads.

Counted from the text of the expressions, as Prometheus counts ``totalQueryableSamples``: an instant selector reads one
sample per series, a range as many as were scraped in it, a subquery one per series and step, each point once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.quantities import duration
from burnproof.rules.types import RecordingRule
from promrules.syntax.nodes import MatrixSelector, Subquery, VectorSelector, children
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from burnproof.model.quantities import Duration
    from burnproof.rules.types import Rule, RuleGroup
    from promrules.syntax.nodes import Node


@dataclass(frozen=True, slots=True)
class Feed:
    """The input of an SLO's rules.

    Attributes:
        scrape: time between the samples of a raw series.
        evaluation: time between two evaluations of a rule whose group does not say, and between the samples of a
            recorded series.
        series: how many raw series a selector matches.
        groups: how many label sets each recorded series has: 1 without ``by``.
        recorded: time between the samples of recorded series, by name, where it is another.
    """

    scrape: Duration
    evaluation: Duration
    series: Callable[[VectorSelector], int]
    groups: int = 1
    recorded: Mapping[str, Duration] = field(default_factory=dict)

    def apart(self, selector: VectorSelector) -> Duration:
        """Give the time between two samples of a recorded series."""
        return self.recorded.get(selector.name or "", self.evaluation)


@dataclass(frozen=True, slots=True)
class RuleCost:
    """Samples that one evaluation of a rule reads, from raw series and from recorded ones."""

    name: str
    raw: int
    recorded: int

    @property
    def samples(self) -> int:
        """All that is read."""
        return self.raw + self.recorded


def rule_costs(rules: Iterable[Rule], feed: Feed) -> tuple[RuleCost, ...]:
    """Give the cost of each rule, in their order; an alert goes by its name and its tier."""
    return tuple(_cost(rule, feed) for rule in rules)


def samples_per_second(groups: Sequence[RuleGroup], feed: Feed) -> float:
    """Give the samples that evaluating all rules reads per second, each group as often as it says."""
    known = with_groups(feed, groups)
    return sum(
        sum(cost.samples for cost in rule_costs(group.rules, known)) * 1000 / evaluated_every(group, known).ms
        for group in groups
    )


def with_groups(feed: Feed, groups: Iterable[RuleGroup]) -> Feed:
    """Tell a feed how often the series of these groups are recorded."""
    every = {
        rule.record: evaluated_every(group, feed)
        for group in groups
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    }
    return replace(feed, recorded=every)


def evaluated_every(group: RuleGroup, feed: Feed) -> Duration:
    """Give the time between two evaluations of a group."""
    return duration(group.interval) if group.interval else feed.evaluation


def _cost(rule: Rule, feed: Feed) -> RuleCost:
    raw, recorded = _reads(parse(rule.expr), feed)
    return RuleCost(_name(rule), raw, recorded)


def _name(rule: Rule) -> str:
    if isinstance(rule, RecordingRule):
        return rule.record
    tier = dict(rule.labels).get(naming.TIER, "")
    return f"{rule.alert} ({tier})" if tier else rule.alert


def _reads(node: Node, feed: Feed) -> tuple[int, int]:
    """Count the samples of raw and of recorded series that ``node`` reads at one moment."""
    match node:
        case VectorSelector():
            return _read(node, feed, lambda _: 1)
        case MatrixSelector(selector=selector, range=int(length)):
            return _read(selector, feed, lambda gap: length // gap.ms)
        case Subquery(expr=expr, range=int(length), step=step):
            points = -(-length // (step if isinstance(step, int) else feed.evaluation.ms))
            raw, recorded = _reads(expr, feed)
            return raw * points, recorded * points
        case _:
            parts = [_reads(child, feed) for child in children(node)]
            return sum(raw for raw, _ in parts), sum(recorded for _, recorded in parts)


def _read(selector: VectorSelector, feed: Feed, samples: Callable[[Duration], int]) -> tuple[int, int]:
    """Count what a selector reads, given the samples per series at a distance between samples."""
    if any(matcher.name == naming.ID for matcher in selector.matchers):
        return 0, feed.groups * samples(feed.apart(selector))
    return feed.series(selector) * samples(feed.scrape), 0

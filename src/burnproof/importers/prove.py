"""The old and the new rules side by side through the engine, and who is right by arithmetic.

Both see the same series, made of the scenario's events. What should happen is worked out from the events: an alert
should fire when as many of all events of both its windows were bad as it tolerates, and the budget is what the events
spent of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from burnproof.compile.plan import make_plan
from burnproof.importers.prove_old import OldRules, rules_from, rules_of
from burnproof.importers.prove_scenarios import Scenario, scenarios
from burnproof.model import naming
from burnproof.output.render import render
from burnproof.proofs.series.generators import feed_of, groups_of
from promrules.columns.series import Storage
from promrules.columns.values import Matrix
from promrules.engine import Options, evaluate
from promrules.prometheus_scripts.series_notation import as_series, parse_series
from promrules.rule_tests.evaluation import evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from promrules.syntax.labels import NAME
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.importers.model import Objective
    from burnproof.model.slo import Slo, Tier
    from burnproof.proofs.types import InputSeries
    from promrules.columns.values import Floats
    from promrules.rule_tests.rule_file import RuleGroup

_SAMPLE: Final = 60
CLOSE: Final = 6 * 60
"""Seconds within which two alerts are the same: rules of long windows are evaluated every few minutes."""
_SAME_BUDGET: Final = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario came to, for the alerts of a severity or for the budget.

    Attributes:
        what: ``page``, ``ticket`` … or ``budget``.
        old: seconds after the incident began until the old alert fired, None for never; or the budget left.
        new: the same of the new rules.
        truth: the same by arithmetic.
    """

    scenario: str
    what: str
    old: float | None
    new: float | None
    truth: float | None

    def alike(self, one: float | None, other: float | None) -> bool:
        """Tell whether two figures say the same."""
        if one is None or other is None:
            return one is other
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        room = max(_SAME_BUDGET, _SAME_BUDGET * abs(other)) if self.what == BUDGET else CLOSE
        return abs(one - other) <= room

    @property
    def differs(self) -> bool:
        """Whether the old and the new rules disagree."""
        return not self.alike(self.old, self.new)

    @property
    def right(self) -> str:
        """Who is right: old, new, both or neither."""
        sides = [name for name, value in (("old", self.old), ("new", self.new)) if self.alike(value, self.truth)]
        return sides[0] if len(sides) == 1 else "both" if sides else "neither"


BUDGET: Final = "budget"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An objective, how many more are alike and came to the same, and what came; or why nothing could run."""

    objective: Objective
    alike: int
    outcomes: tuple[Outcome, ...]
    reason: str = ""


def compare(
    objectives: Sequence[Objective], slos: Iterable[Slo], rules: Sequence[RuleGroup] | None = None
) -> Iterator[Comparison]:
    """Run both rules of each objective, once for those that are alike.

    Args:
        objectives: what was imported.
        slos: what was written for them.
        rules: the old rules; made by the other tool's formulas unless given.
    """
    by_id = {slo.id: slo for slo in slos}
    classes: dict[tuple[object, ...], list[Objective]] = {}
    for one in objectives:
        classes.setdefault(_class_of(one), []).append(one)
    for members in classes.values():
        first = members[0]
        slo = by_id.get(f"{first.service}-{first.name}")
        reason = _why_not(first, slo)
        if reason or slo is None:
            yield Comparison(first, len(members) - 1, (), reason or "it was not written")
            continue
        old = rules_of(first) if rules is None else rules_from(rules, first)
        made = tuple(outcome for scenario in scenarios(first) for outcome in _outcomes(first, slo, old, scenario))
        yield Comparison(first, len(members) - 1, made)


def _class_of(one: Objective) -> tuple[object, ...]:
    """Give what decides how rules behave: objectives that have it in common need one run."""
    tiers = one.before.tiers if one.before is not None else ()
    behaviour = tuple((tier.factor, tier.long, tier.short, tier.hold, tier.severity) for tier in tiers)
    kinds = tuple(key for key, _ in one.sli.keys)
    plain_queries = all("(" not in str(text) for _, text in one.sli.keys)
    return (
        one.objective, one.window, behaviour, one.sli.kind, kinds,
        "" if plain_queries else one.sli.keys, one.before and one.before.tool,
    )  # fmt: skip


def _why_not(one: Objective, slo: Slo | None) -> str:
    if one.before is None:
        return "OpenSLO has no rules of its own to compare with; its tool's are given with --rules"
    if slo is None:
        return "it was not written"
    groups = groups_of(slo, 1)
    if not groups or feed_of(slo, groups[0]) is None:
        return "no example series could be worked out for its queries"
    return ""


def _outcomes(one: Objective, slo: Slo, old: OldRules, scenario: Scenario) -> Iterator[Outcome]:
    group = groups_of(slo, 1)[0]
    feed = feed_of(slo, group)
    series = None if feed is None else feed.series(scenario.story, _SAMPLE, without=scenario.without)
    if series is None or one.before is None:
        return
    text = render(make_plan([slo], proofs=False), {}, None, ("rules",))[f"rules/{slo.service}.yaml"]
    new = OldRules(
        tuple(load_rules(text, file="new rules").groups),
        naming.selector(naming.BUDGET_REMAINING, slo.id),
        ((naming.ID, slo.id),),
    )
    was, now = (_run(rules, series, scenario) for rules in (old, new))
    if not scenario.begins:
        bad, total = scenario.story.amounts(0, scenario.story.end)
        left = 1 - (bad / total if total else 0) / float(1 - one.objective)
        yield Outcome(scenario.name, BUDGET, _left(was, old, scenario), _left(now, new, scenario), left)
        return
    for severity in dict.fromkeys(tier.severity for tier in one.before.tiers):
        tiers = [tier for tier in one.before.tiers if tier.severity == severity]
        before, after = (_fires(storage, rules, severity, scenario) for storage, rules in ((was, old), (now, new)))
        yield Outcome(scenario.name, severity, before, after, _should_fire(tiers, one, scenario))


def _run(rules: OldRules, series: Iterable[InputSeries], scenario: Scenario) -> Storage:
    """Run rules over the series of a scenario; give all that was recorded."""
    storage = Storage()
    for one in series:
        labels, samples = parse_series(f"{one.series} {one.values}")
        storage.add(as_series(labels, samples, _SAMPLE * 1000))
    step = scenario.step * 1000
    return evaluate_rules(rules.groups, storage, step, scenario.story.end * 1000, step).storage


def _fires(storage: Storage, rules: OldRules, severity: str, scenario: Scenario) -> float | None:
    """Give when an alert of a severity first fires, in seconds after the incident began."""
    first: float | None = None
    for series in storage:
        labels = dict(series.labels)
        if labels[NAME] != "ALERTS" or labels["alertstate"] != "firing" or not _is_mine(labels, rules):
            continue
        if severity not in (labels.get("severity"), labels.get("sloth_severity")) or not _is_burn(labels):
            continue
        times = series.times[~np.isnan(series.values)] / 1000 - scenario.begins
        if len(times) and (first is None or times[0] < first):
            first = float(times[0])
    return first


def _is_burn(labels: dict[str, str]) -> bool:
    """Tell whether an alert is about the burn rate: burnproof's own alerts about data have no tier."""
    return naming.ID not in labels or naming.TIER in labels


def _is_mine(labels: dict[str, str], rules: OldRules) -> bool:
    return not rules.mine or any(labels.get(name) == value for name, value in rules.mine)


def _left(storage: Storage, rules: OldRules, scenario: Scenario) -> float | None:
    """Give the budget that is left at the end; None where nothing says it."""
    at = np.array([scenario.story.end * 1000], dtype=np.int64)
    found = evaluate(parse(rules.budget), storage, at, Options()).value if rules.budget else None
    if not isinstance(found, Matrix) or not found.present.any():
        return None
    return float(found.values[found.present][0])


# Arithmetic


def _should_fire(tiers: Sequence[Tier], one: Objective, scenario: Scenario) -> float | None:
    """Give when the first tier should fire: both windows above the threshold for as long as it waits."""
    times, bad, total = _events(scenario)
    firsts = []
    for tier in tiers:
        limit = float(tier.factor * (1 - one.objective))
        over = np.ones(len(times), dtype=bool)
        for window in (tier.long, tier.short):
            if window is not None:
                over &= _ratio(bad, total, window.ms // 1000 // _SAMPLE) > limit * (1 + 1e-9)
        hold = 0 if tier.hold is None else tier.hold.ms // 1000 // _SAMPLE
        # It fires at the first minute before which it held for as long as it waits.
        held = np.convolve(over, np.ones(hold + 1))[: len(over)] >= hold + 1
        if held.any():
            firsts.append(float(times[int(held.argmax())]) - scenario.begins)
    return min(firsts) if firsts else None


def _events(scenario: Scenario) -> tuple[Floats, Floats, Floats]:
    """Give the end of each minute, and the bad and all events up to it."""
    minutes = scenario.story.end // _SAMPLE
    times = np.arange(1, minutes + 1, dtype=float) * _SAMPLE
    bad, total = np.zeros(minutes), np.zeros(minutes)
    at = 0
    for stretch in scenario.story.stretches:
        part = slice(at // _SAMPLE, (at + stretch.seconds) // _SAMPLE)
        total[part] = float(stretch.rate or 0) * _SAMPLE
        bad[part] = total[part] * float(stretch.share)
        at += stretch.seconds
    return times, np.cumsum(bad), np.cumsum(total)


def _ratio(bad: Floats, total: Floats, minutes: int) -> Floats:
    """Give the share of bad events in the window that ends with each minute; 0 where there were none."""
    sums = [each - np.concatenate((np.zeros(min(minutes, len(each))), each[:-minutes])) for each in (bad, total)]
    return np.divide(sums[0], sums[1], out=np.zeros_like(sums[0]), where=sums[1] > 0)

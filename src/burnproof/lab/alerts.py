"""Evaluate the compiled rules on raw series as Prometheus does, and give the alerts that fire.

Groups are evaluated at their own intervals, each at its phase. Of the rules only those are run that alerts need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from burnproof.compile.plan import make_plan
from burnproof.model import naming
from burnproof.output.render import render
from promrules.columns.hashing import label_hash
from promrules.rule_tests.alert_states import runs
from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.rule_file import AlertingRule, RecordingRule, RuleGroup, load_rules
from promrules.rule_tests.schedule import schedule
from promrules.syntax.nodes import selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from burnproof.model.slo import Slo
    from promrules.columns.series import Storage
    from promrules.rule_tests.rule_file import Rule

DEFAULT_INTERVAL: Final = 60
"""Seconds between evaluations of groups that name none: Prometheus' default."""


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fired without a break; times are in seconds of the storage's clock, ``end`` None at its end."""

    alert: str
    tier: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    start: float
    end: float | None


def compiled(slo: Slo) -> tuple[RuleGroup, ...]:
    """Compile an SLO and read its rule file back: what is simulated is what is written."""
    plan = make_plan([slo], proofs=False, kinds=("rules",))
    (text,) = render(plan, {}, None, ("rules",)).values()
    return load_rules(text).groups


def needed(groups: Iterable[RuleGroup], also: Iterable[str] = ()) -> tuple[RuleGroup, ...]:
    """Leave out the rules that no alert depends on, and none of ``also``."""
    kept = list(groups)
    wanted = set(also) | {
        name for group in kept for rule in group.rules if isinstance(rule, AlertingRule) for name in _reads(rule)
    }
    more = wanted
    while more:
        read = {
            name
            for group in kept
            for rule in group.rules
            if isinstance(rule, RecordingRule) and rule.name in more
            for name in _reads(rule)
        }
        more, wanted = read - wanted, wanted | read
    parts = (
        replace(group, rules=tuple(r for r in group.rules if isinstance(r, AlertingRule) or r.name in wanted))
        for group in kept
    )
    return tuple(group for group in parts if group.rules)


def _reads(rule: Rule) -> Iterator[str]:
    return (selector.name for selector in selectors(rule.node) if selector.name is not None)


@dataclass(frozen=True, slots=True)
class Run:
    """How rules are evaluated.

    Attributes:
        seconds: until when, on the storage's clock.
        start: from when on; rules that ran before have left what they recorded in the storage.
        pauses: spans in seconds in which no rule is.
        interval: seconds between evaluations of groups that name no interval.
        phases: milliseconds by which each group is later than the first; spread by name unless given, as a server does.
        compat: 3 for the semantics of Prometheus 3, 2 for those of 2.
    """

    seconds: int
    start: int = 0
    pauses: tuple[tuple[int, int], ...] = ()
    interval: int = DEFAULT_INTERVAL
    phases: tuple[tuple[str, int], ...] | None = None
    compat: int = 3


def firings(groups: tuple[RuleGroup, ...], storage: Storage, run: Run) -> tuple[Firing, ...]:
    """Evaluate rules over raw series, which take in what is recorded; give what fired, in order.

    Raises:
        RuleFailedError: a rule cannot be evaluated over these series.
    """
    phases = spread(groups, run.interval) if run.phases is None else dict(run.phases)
    options = EvalOptions(
        compat=run.compat,
        honour_intervals=True,
        phases_ms=phases,
        pauses_ms=tuple((start * 1000, end * 1000) for start, end in run.pauses),
    )
    # What is recorded at the very end belongs to whoever goes on from there.
    until = run.seconds * 1000 - 1
    found = evaluate_rules(schedule(groups), storage, run.start * 1000, until, run.interval * 1000, options)
    if found.failures:
        first = found.failures[0]
        raise RuleFailedError(f"{first.item.rule.name}: {first.message}")
    made = [
        Firing(name, labels.get(naming.TIER, ""), labels.get(naming.SEVERITY, ""), alert.labels, start, end)
        for alert in found.alerts
        if alert.states is not None
        for labels in (dict(alert.labels),)
        for name in (labels["alertname"],)
        for start, end in _spans(alert.states.firing, alert.times)
    ]
    return tuple(sorted(made, key=lambda firing: (firing.start, firing.alert, firing.tier)))


class RuleFailedError(Exception):
    """A rule that cannot be evaluated; the message names it and says why."""


def spread(groups: Iterable[RuleGroup], interval: int) -> dict[str, int]:
    """Spread groups over their intervals by a hash of their names, in milliseconds, as a server spreads its load."""
    return {
        group.name: label_hash((("name", group.name),)) % (group.interval_ms or interval * 1000) for group in groups
    }


def _spans(firing: NDArray[np.bool_], times: NDArray[np.int64]) -> Iterator[tuple[float, float | None]]:
    """Yield from when until when an alert fired, in seconds; it ends at the first evaluation at which it does not."""
    for start, end in zip(*runs(firing), strict=True):
        yield float(times[start]) / 1000, None if end == len(times) else float(times[end]) / 1000

"""Compare two states of the specs: SLOs, alerts, thresholds, times, labels and cost.

Nothing is compared as text. Both sides are compiled, and what is compared is what they promise: the explanation that
``show`` gives, and the labels of their alerts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.rules.types import AlertingRule
from burnproof.show import Assumed, explain
from burnproof.show import words as said
from burnproof.show.find import path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from burnproof.model.slo import Slo
    from burnproof.show.alert_facts import Explanation, TierFacts

_COST_MATTERS: Final = 0.05
"""A smaller change of the cost is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    Attributes:
        slo: the SLO, as service/name.
        subject: the alert or the part of the SLO that differs.
        what: the aspect: ``threshold``, ``detection of a total outage``, …
        old, new: the values as people read them; "" where there is none.
        warns: whether somebody must act: silences and routes that no longer match, alerts that can no longer fire.
    """

    slo: str
    subject: str
    what: str
    old: str
    new: str
    warns: bool = False


def differences(old: Sequence[Slo], new: Sequence[Slo]) -> tuple[Change, ...]:
    """Compare two sets of SLOs; an SLO is the same where its id is."""
    before, after = ({slo.id: slo for slo in slos} for slos in (old, new))
    found: list[Change] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.append(Change(path(before[name]), "SLO", "removed", said.objective(before[name]), "", warns=True))
        elif name not in before:
            found.append(Change(path(after[name]), "SLO", "added", "", said.objective(after[name])))
        else:
            found += _of_slo(before[name], after[name])
    return tuple(found)


def _of_slo(old: Slo, new: Slo) -> Iterator[Change]:
    """Compare one SLO with what became of it."""
    name = path(new)
    was, is_now = explain(old, Assumed()), explain(new, Assumed())
    for what, value in _OF_SLO:
        yield from _changed(name, "SLO", what, value(was), value(is_now))
    if abs(is_now.samples_per_second - was.samples_per_second) > _COST_MATTERS * was.samples_per_second:
        yield Change(name, "SLO", "cost of its rules", _cost(was), _cost(is_now))
    tiers = ({_key(facts): facts for facts in one.tiers} for one in (was, is_now))
    yield from _of_tiers(name, *tiers)
    yield from _of_labels(name, _alerts(was), _alerts(is_now))


def _cost(one: Explanation) -> str:
    return f"{one.samples_per_second:.0f} samples/s"


_OF_SLO: Final[tuple[tuple[str, Callable[[Explanation], str]], ...]] = (
    ("objective", lambda one: said.objective(one.slo)),
    ("how it is measured", lambda one: one.kind),
    ("queries", lambda one: "; ".join(f"{key}: {query.text}" for key, query in one.slo.indicator.queries)),
    ("groups", lambda one: ", ".join(one.slo.by)),
    ("fewest events to alert", lambda one: "" if one.slo.min_events is None else f"{one.slo.min_events:f}"),
    ("owner", lambda one: " ".join(part for part in (one.slo.owner.team, one.slo.owner.contact) if part)),
    ("runbook", lambda one: one.slo.runbook),
)

_OF_TIER: Final[tuple[tuple[str, Callable[[TierFacts], str]], ...]] = (
    ("threshold", said.fires),
    ("burn rate", lambda facts: f"{facts.tier.factor:f}x"),
    ("windows", said.windows),
    ("kept firing for", lambda facts: "" if facts.tier.keep_firing is None else str(facts.tier.keep_firing)),
    *(
        (f"{what} of {name}", lambda facts, number=number, value=value: _outage(facts, number, value))
        for number, name in enumerate(("a total outage", "an outage of 10%", "an outage of 1%"))
        for what, value in (
            ("detection", lambda outage: said.time(outage.detected)),
            ("reset", lambda outage: said.time(outage.resets)),
        )
    ),
)


def _outage(facts: TierFacts, number: int, value: Callable[..., str]) -> str:
    return value(facts.outages[number]) if number < len(facts.outages) else ""


def _key(facts: TierFacts) -> tuple[str, str]:
    """Tell tiers apart: by severity and long window, as the labels of their alerts do."""
    return facts.tier.severity, str(facts.tier.long)


def _of_tiers(
    name: str, old: Mapping[tuple[str, str], TierFacts], new: Mapping[tuple[str, str], TierFacts]
) -> Iterator[Change]:
    """Compare the alerts of a policy."""
    for key in dict.fromkeys((*old, *new)):
        subject = " ".join(key)
        if key not in new:
            yield Change(name, subject, "alert removed", said.fires(old[key]), "", warns=True)
        elif key not in old:
            yield Change(name, subject, "alert added", "", said.fires(new[key]))
        else:
            for what, value in _OF_TIER:
                yield from _changed(name, subject, what, value(old[key]), value(new[key]))
            if _reachable(old[key]) and not _reachable(new[key]):
                yield Change(name, subject, "can no longer fire", "", "not even in a total outage", warns=True)


def _reachable(facts: TierFacts) -> bool:
    return not facts.outages or facts.outages[0].detected is not None


def _alerts(explained: Explanation) -> dict[tuple[str, str, str], dict[str, str]]:
    """Give the labels of every alert, by its name, severity and tier."""
    found = {}
    for rule in (one.rule for one in explained.rules):
        if isinstance(rule, AlertingRule):
            labels = dict(rule.labels)
            key = (rule.alert, labels.get(naming.SEVERITY, ""), labels.get(naming.TIER, ""))
            found[key] = labels | {"for": rule.hold}
    return found


def _of_labels(
    name: str, old: Mapping[tuple[str, str, str], dict[str, str]], new: Mapping[tuple[str, str, str], dict[str, str]]
) -> Iterator[Change]:
    """Compare what silences and routes match: names and labels of alerts."""
    was, is_now = ({key[0] for key in one} for one in (old, new))
    for alert in sorted(was - is_now):
        yield Change(name, alert, "name of an alert is gone", alert, "", warns=True)
    for alert in sorted(is_now - was):
        yield Change(name, alert, "name of an alert is new", "", alert)
    told: set[tuple[str, str, str, str]] = set()
    for key in sorted(old.keys() & new.keys()):
        for label in sorted(old[key].keys() | new[key].keys()):
            values = old[key].get(label, ""), new[key].get(label, "")
            if values[0] != values[1] and (key[0], label, *values) not in told:
                told.add((key[0], label, *values))
                what = "for" if label == "for" else f"label {label}"
                yield Change(name, key[0], what, *values, warns=label != "for")


def _changed(slo: str, subject: str, what: str, old: str, new: str) -> Iterator[Change]:
    if old != new:
        yield Change(slo, subject, what, old, new)


def headline(found: Sequence[Change]) -> str:
    """Say in a line how much differs."""
    if not found:
        return "Nothing changes for the pager."
    slos = len({change.slo for change in found})
    acts = sum(change.warns for change in found)
    more = f", of which {acts} may break silences, routes or alerts" if acts else ""
    return f"{len(found)} changes in {slos} SLO{'s' * (slos != 1)}{more}."

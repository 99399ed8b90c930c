"""Play scenarios on an SLO's compiled rules: what happened, and which alerts fired.

The healthy past is the same for all scenarios, so it is evaluated once, and each goes on from there. Scenarios are
played side by side, as groups of one SLO: a label that no query has tells them apart, and ``by`` keeps it. Composites
and scenarios in which data or rules are missing are played one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import lcm
from typing import TYPE_CHECKING, Final

from burnproof.lab.alerts import Firing, Run, compiled, firings, needed
from burnproof.lab.course import course_of
from burnproof.lab.scraped import UnplayableError, parts_of, storage_of
from burnproof.model.slo import AnyBad, Weighted
from promrules.columns.series import INPUT, Series, Storage
from promrules.rule_tests.alert_states import runs
from promrules.syntax.labels import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from burnproof.lab.course import Course, Plan
    from burnproof.lab.scenario import Scenario
    from burnproof.model.slo import Slo
    from promrules.syntax.labels import Labels

SCENARIO: Final = "lab_scenario"
"""The label that tells scenarios apart while they are played side by side."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario and what came of it; times of firings are in seconds since the incident began."""

    scenario: Scenario
    course: Course
    firings: tuple[Firing, ...]


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """A scenario that an SLO cannot show, and why."""

    scenario: Scenario
    reason: str


Result = Played | NotPlayed
_SETTLED: Final = 3600
"""Seconds before an incident up to which the past is evaluated once for all."""


def play(slo: Slo, scenarios: Sequence[Scenario], plan: Plan, interval: int = 60) -> tuple[Result, ...]:
    """Play scenarios on an SLO; give them in the order asked for."""
    found: dict[str, Result] = {}
    try:
        plan = replace(plan, groups=len(parts_of(slo)))
    except UnplayableError as error:
        return tuple(NotPlayed(scenario, str(error)) for scenario in scenarios)
    ready: dict[tuple[Decimal | None, bool], list[_Ready]] = {}
    for scenario in scenarios:
        try:
            course = course_of(slo, scenario, plan)
            one = _Ready(scenario, course, storage_of(slo, course, plan.seed))
        except UnplayableError as error:
            found[scenario.name] = NotPlayed(scenario, str(error))
            continue
        ready.setdefault((scenario.usual, _alone(slo, scenario)), []).append(one)
    for (_, alone), members in ready.items():
        found |= {one.scenario.name: one for one in _played(slo, members, interval, alone=alone)}
    return tuple(found[scenario.name] for scenario in scenarios)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A scenario with its raw series."""

    scenario: Scenario
    course: Course
    storage: Storage


def _alone(slo: Slo, scenario: Scenario) -> bool:
    """Tell whether a scenario cannot be one group of several."""
    gone = any(phase.no_data or phase.no_rules for phase in scenario.phases)
    return gone or isinstance(slo.indicator, Weighted | AnyBad)


def _played(slo: Slo, members: Sequence[_Ready], interval: int, *, alone: bool) -> Iterator[Played]:
    """Play scenarios that have the same past."""
    groups = needed(compiled(slo if alone else replace(slo, by=(*slo.by, SCENARIO))))
    every = lcm(interval, *(group.interval_ms // 1000 for group in groups if group.interval_ms))
    before = members[0].course.before
    begin = max(0, before - _SETTLED) // every * every
    past = _past(members[0].storage, begin, labelled=not alone)
    if begin:
        firings(groups, past, Run(begin, interval=interval))
    for part in [(one,) for one in members] if alone else [tuple(members)]:
        storage = Storage(series for one in part for series in _begun(one, past, labelled=not alone))
        for series in past:
            if series.writer != INPUT and not any(name == SCENARIO for name, _ in series.labels):
                storage.add(Series(series.labels, series.times, series.values, series.histograms, series.writer))
        run = Run(
            max(one.course.seconds for one in part),
            start=begin,
            pauses=_pauses(part[0].course) if alone else (),
            interval=interval,
        )
        fired = firings(groups, storage, run)
        for one in part:
            own = (f for f in fired if alone or dict(f.labels).get(SCENARIO) == one.scenario.name)
            yield Played(one.scenario, one.course, tuple(_moved(one.course, own)))


def _past(storage: Storage, seconds: int, *, labelled: bool) -> Storage:
    """Give the raw series until a time."""
    cut = Storage()
    for series in storage:
        count = int(series.times.searchsorted(seconds * 1000))
        labels = _with(series.labels, "") if labelled else series.labels
        histograms = None if series.histograms is None else series.histograms[:count]
        cut.append(labels, series.times[:count], series.values[:count], histograms)
    return cut


def _begun(one: _Ready, past: Storage, *, labelled: bool) -> Iterator[Series]:
    """Yield a scenario's raw series, and what was recorded in its past."""
    name = one.scenario.name
    for series in one.storage:
        labels = _with(series.labels, name) if labelled else series.labels
        yield Series(labels, series.times, series.values, series.histograms)
    for series in past:
        if labelled and series.writer != INPUT and any(label == SCENARIO for label, _ in series.labels):
            labels = _with(series.labels, name)
            yield Series(labels, series.times, series.values, series.histograms, series.writer)


def _with(labels: Labels, scenario: str) -> Labels:
    return labels_of([*(pair for pair in labels if pair[0] != SCENARIO), (SCENARIO, scenario or "past")])


def _pauses(course: Course) -> tuple[tuple[int, int], ...]:
    """Give the spans without rules, on the storage's clock."""
    starts, ends = runs(~course.happening.ruled)
    return tuple((start + course.before, end + course.before) for start, end in zip(starts, ends, strict=True))


def _moved(course: Course, fired: Iterable[Firing]) -> Iterator[Firing]:
    """Yield firings on the incident's clock, and within what its course tells."""
    for firing in fired:
        if firing.start >= course.seconds:
            continue
        end = None if firing.end is None or firing.end >= course.seconds else firing.end - course.before
        labels = tuple(pair for pair in firing.labels if pair[0] != SCENARIO)
        yield replace(firing, start=firing.start - course.before, end=end, labels=labels)

"""Generated rules and their proofs to a score: how many mutants some proof catches, and which none does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.mutation.equivalent import reason
from promrules.mutation.mutants import mutants
from promrules.rule_tests.rule_file import RecordingRule, RuleFile, RuleGroup, load_rules
from promrules.rule_tests.run import RunOptions, run_test
from promrules.rule_tests.schedule import order_groups, schedule
from promrules.rule_tests.test_file import RuleTest, TestFile, load_tests
from promrules.workers import workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no proof noticed."""

    slo: str
    rule: str
    change: str
    reason: str = ""  # why nothing could notice it; "" where a proof is missing


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of one SLO, or of many."""

    killed: int
    survivors: tuple[Survivor, ...]
    failing: tuple[str, ...] = ()  # proofs that fail on the rules as they are, so that they tell nothing

    @property
    def missed(self) -> tuple[Survivor, ...]:
        """Those that a better proof would catch."""
        return tuple(one for one in self.survivors if not one.reason)

    @property
    def total(self) -> int:
        """All mutants that change anything a unit test could see."""
        return self.killed + len(self.missed)


@dataclass(frozen=True, slots=True)
class Subject:
    """One SLO's rule groups and proofs."""

    slo: str
    groups: tuple[RuleGroup, ...]
    tests: tuple[tuple[TestFile, RuleTest], ...]


def subjects(generated: Path) -> Iterator[Subject]:
    """Read a generated folder: each SLO with its own groups and the tests named after it."""
    tests = [(file, test) for path in sorted((generated / "tests").glob("*.yaml")) for file, test in _tests(path)]
    by_slo: dict[str, list[RuleGroup]] = {}
    # The groups of an SLO may stand in two files, where rules are split.
    for path in sorted((generated / "rules").glob("*.yaml")):
        for group in load_rules(path).groups:
            by_slo.setdefault(_slo_of(group), []).append(group)
    for slo, groups in by_slo.items():
        own = tuple((file, test) for file, test in tests if test.name.startswith(f"{slo}: "))
        yield Subject(slo, tuple(groups), own)


def _tests(path: Path) -> Iterator[tuple[TestFile, RuleTest]]:
    file = load_tests(path)
    for test in file.tests:
        yield file, test


def _slo_of(group: RuleGroup) -> str:
    for rule in group.rules:
        if isinstance(rule, RecordingRule):
            return dict(rule.labels)[naming.ID]
    raise ValueError(f"the group {group.name} records nothing that names its SLO")


def score(subject: Subject) -> Score:
    """Run the proofs of an SLO on each of its mutants, quickest proofs first, up to the first that fails.

    No mutant is tried where a proof fails on the rules as they are: it would seem to catch each of them.
    """
    options = RunOptions()
    tests = sorted(subject.tests, key=lambda item: item[1].duration_ms / item[0].interval_ms)
    failing = tuple(test.name for file, test in tests if _fails(subject.groups, file, test, options))
    if failing:
        return Score(0, (), failing)
    killed, survivors = 0, []
    for mutant in mutants(subject.groups):
        caught = next((at for at, (file, test) in enumerate(tests) if _fails(mutant.groups, file, test, options)), None)
        if caught is None:
            why = reason(subject.groups, mutant.original, mutant.change, mutant.changed)
            survivors.append(Survivor(subject.slo, mutant.rule, mutant.change, why))
        else:
            killed += 1
            # What caught one mutant of a rule often catches the next.
            tests.insert(0, tests.pop(caught))
    return Score(killed, tuple(survivors))


def _fails(groups: tuple[RuleGroup, ...], file: TestFile, test: RuleTest, options: RunOptions) -> bool:
    plan = schedule(order_groups(groups, file.group_order))
    return bool(run_test(plan, test, file, options).failures)


def run(
    generated: Path, chosen: Iterable[str] = (), jobs: int = 0, told: Callable[[str, Score], None] = lambda *_: None
) -> Score:
    """Score all SLOs of a generated folder, or those chosen, in parallel.

    Args:
        generated: the output folder of ``burnproof generate``.
        chosen: ids of SLOs; none means all.
        jobs: processes; 0 means one per processor.
        told: is called with each SLO's id and score as it comes.
    """
    wanted = set(chosen)
    found = [subject for subject in subjects(generated) if not wanted or subject.slo in wanted]
    found.sort(key=_cost, reverse=True)  # so that no process is left alone with a long one at the end
    killed = 0
    survivors: list[Survivor] = []
    failing: list[str] = []
    with workers(score, found, jobs or os.cpu_count() or 1) as scores:
        for subject, scored in zip(found, scores, strict=True):
            told(subject.slo, scored)
            killed += scored.killed
            survivors += scored.survivors
            failing += scored.failing
    return Score(killed, tuple(sorted(survivors, key=lambda one: one.slo)), tuple(failing))


def _cost(subject: Subject) -> int:
    rules = sum(len(group.rules) for group in subject.groups)
    return rules * sum(test.duration_ms // file.interval_ms for file, test in subject.tests)


__all__ = ["RuleFile", "Score", "Subject", "Survivor", "run", "score", "subjects"]

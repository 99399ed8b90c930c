"""Rules and their tests to a score: how many mutants some test catches, and which none does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from promrules.mutation.mutants import USUAL, Conventions, mutants
from promrules.rule_tests.run import RunOptions, run_test
from promrules.rule_tests.schedule import order_groups, schedule
from promrules.workers import workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from promrules.rule_tests.rule_file import Rule, RuleGroup
    from promrules.rule_tests.test_file import RuleTest, TestFile

    Reason = Callable[[tuple[RuleGroup, ...], Rule, str, Rule | None], str]
    """Says why a change of a rule changes nothing that a test could see; "" where it changes something."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed."""

    subject: str
    rule: str
    change: str
    reason: str = ""  # why nothing could notice it; "" where a test is missing


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of one subject, or of many."""

    killed: int
    survivors: tuple[Survivor, ...]
    failing: tuple[str, ...] = ()  # tests that fail on the rules as they are, so that they tell nothing

    @property
    def missed(self) -> tuple[Survivor, ...]:
        """Those that a better test would catch."""
        return tuple(one for one in self.survivors if not one.reason)

    @property
    def total(self) -> int:
        """All mutants that change anything a unit test could see."""
        return self.killed + len(self.missed)

    @property
    def share(self) -> float:
        """The part of them that was caught, 0 where there are none."""
        return self.killed / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """A test, its file, and the groups of other rules that it loads before and behind those that are changed."""

    file: TestFile
    test: RuleTest
    before: tuple[RuleGroup, ...] = ()
    behind: tuple[RuleGroup, ...] = ()

    @property
    def steps(self) -> int:
        """How often it evaluates every rule."""
        return self.test.duration_ms // self.file.interval_ms


@dataclass(frozen=True, slots=True)
class Subject:
    """Rule groups that are changed together, and the tests that should notice."""

    name: str
    groups: tuple[RuleGroup, ...]
    proofs: tuple[Proof, ...]


def no_reason(_groups: tuple[RuleGroup, ...], _rule: Rule, _change: str, _changed: Rule | None) -> str:
    """Take every survivor for a missing test."""
    return ""


def score(subject: Subject, conventions: Conventions = USUAL, reason: Reason = no_reason) -> Score:
    """Run the tests of a subject on each of its mutants, quickest tests first, up to the first that fails.

    No mutant is tried where a test fails on the rules as they are: it would seem to catch each of them.
    """
    options = RunOptions()
    proofs = sorted(subject.proofs, key=lambda proof: proof.steps)
    failing = tuple(proof.test.title for proof in proofs if _fails(subject.groups, proof, options))
    if failing:
        return Score(0, (), failing)
    killed, survivors = 0, []
    for mutant in mutants(subject.groups, conventions):
        caught = next((at for at, proof in enumerate(proofs) if _fails(mutant.groups, proof, options)), None)
        if caught is None:
            why = reason(subject.groups, mutant.original, mutant.change, mutant.changed)
            survivors.append(Survivor(subject.name, mutant.rule, mutant.change, why))
        else:
            killed += 1
            # What caught one mutant of a rule often catches the next.
            proofs.insert(0, proofs.pop(caught))
    return Score(killed, tuple(survivors))


def _fails(groups: tuple[RuleGroup, ...], proof: Proof, options: RunOptions) -> bool:
    ordered = order_groups((*proof.before, *groups, *proof.behind), proof.file.group_order)
    return bool(run_test(schedule(ordered), proof.test, proof.file, options).failures)


def run(
    subjects: Iterable[Subject],
    conventions: Conventions = USUAL,
    reason: Reason = no_reason,
    jobs: int = 0,
    told: Callable[[str, Score], None] = lambda *_: None,
) -> Score:
    """Score subjects in parallel.

    Args:
        subjects: what to change, with its tests.
        conventions: what the rules call things.
        reason: tells survivors that no test could notice; a function of a module, since it travels to processes.
        jobs: processes; 0 means one per processor.
        told: is called with each subject's name and score as it comes, the longest first.

    Raises:
        LostWorkerError: a process was killed in the middle of its work.
    """
    found = sorted(subjects, key=_cost, reverse=True)  # so that no process is left alone with a long one at the end
    one = partial(score, conventions=conventions, reason=reason)
    killed = 0
    survivors: list[Survivor] = []
    failing: list[str] = []
    with workers(one, found, jobs or os.cpu_count() or 1) as scores:
        for subject, scored in zip(found, scores, strict=True):
            told(subject.name, scored)
            killed += scored.killed
            survivors += scored.survivors
            failing += scored.failing
    return Score(killed, tuple(sorted(survivors, key=lambda item: item.subject)), tuple(failing))


def _cost(subject: Subject) -> int:
    return sum(len(group.rules) for group in subject.groups) * sum(proof.steps for proof in subject.proofs)

"""Rules and their tests to a score: how many mutants some test catches, and which none does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from promrules.mutation.mutants import USUAL, Conventions, mutants
from promrules.mutation.trial import OPTIONS, passes, trial
from promrules.mutation.work import Plan
from promrules.rule_tests.recorder import SharedSeriesError
from promrules.rule_tests.run import run_test
from promrules.rule_tests.schedule import order_groups, schedule
from promrules.workers import processors, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from promrules.mutation.mutants import Mutant
    from promrules.mutation.trial import Trial
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
    trials = attempts(subject)
    failing = tuple(one.proof.test.title for one in trials if not one.passes())
    if failing:
        return Score(0, (), failing)
    killed, survivors = 0, []
    for mutant in mutants(subject.groups, conventions):
        caught = next((at for at, one in enumerate(trials) if one.fails(mutant)), None)
        if caught is None:
            why = reason(subject.groups, mutant.original, mutant.change, mutant.changed)
            survivors.append(Survivor(subject.name, mutant.rule, mutant.change, why))
        else:
            killed += 1
            # What caught one mutant of a rule often catches the next.
            trials.insert(0, trials.pop(caught))
    return Score(killed, tuple(survivors))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A test, and how it is run on a mutant: what changes alone, or everything where that cannot be told apart."""

    proof: Proof
    plan: Plan
    trial: Trial | None

    def passes(self) -> bool:
        """Tell whether the test passes on the rules as they are."""
        return passes(self.trial) if self.trial is not None else not self.fails_whole(self.plan.groups)

    def fails(self, mutant: Mutant) -> bool:
        """Tell whether the test fails on a mutant."""
        work = self.plan.work(mutant) if self.trial is not None else None
        if self.trial is not None and work is not None:
            with suppress(SharedSeriesError):
                return self.trial.fails(work)
        return self.fails_whole(mutant.groups)

    def fails_whole(self, groups: tuple[RuleGroup, ...]) -> bool:
        """Tell whether the test fails on other rules, all of them evaluated."""
        ordered = order_groups((*self.proof.before, *groups, *self.proof.behind), self.proof.file.group_order)
        return bool(run_test(schedule(ordered), self.proof.test, self.proof.file, OPTIONS).failures)


def attempts(subject: Subject) -> list[Attempt]:
    """Run each test once, quickest first; those of one order of rules share what is known of the rules."""
    plans: dict[tuple[int, ...], Plan] = {}
    found = []
    for proof in sorted(subject.proofs, key=lambda proof: proof.steps):
        ordered = order_groups((*proof.before, *subject.groups, *proof.behind), proof.file.group_order)
        key = tuple(map(id, ordered))
        if key not in plans:
            plans[key] = Plan(proof.before, subject.groups, proof.behind, proof.file.group_order)
        plan = plans[key]
        found.append(Attempt(proof, plan, trial(plan.schedule, proof.test, proof.file)))
    return found


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
    with workers(one, found, jobs or processors()) as scores:
        for subject, scored in zip(found, scores, strict=True):
            told(subject.name, scored)
            killed += scored.killed
            survivors += scored.survivors
            failing += scored.failing
    return Score(killed, tuple(sorted(survivors, key=lambda item: item.subject)), tuple(failing))


def _cost(subject: Subject) -> int:
    return sum(len(group.rules) for group in subject.groups) * sum(proof.steps for proof in subject.proofs)

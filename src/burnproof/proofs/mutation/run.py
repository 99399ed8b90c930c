"""Score generated rules and their proofs: how many mutants a proof catches, and which none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.mutation.equivalent import reason
from promrules.mutation import run as mutation
from promrules.mutation.mutants import Conventions
from promrules.mutation.run import Proof, Score, Subject
from promrules.rule_tests.rule_file import RecordingRule, RuleGroup, load_rules
from promrules.rule_tests.test_file import load_tests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

CONVENTIONS = Conventions(naming.ID, naming.TIER, naming.SEVERITY, ("page", "ticket"))
"""What generated rules call things."""


def subjects(generated: Path) -> Iterator[Subject]:
    """Read a generated folder: each SLO with its own groups and the tests named after it."""
    files = map(load_tests, sorted((generated / "tests").glob("*.yaml")))
    proofs = [Proof(file, test) for file in files for test in file.tests]
    by_slo: dict[str, list[RuleGroup]] = {}
    # The groups of an SLO may stand in two files, where rules are split.
    for path in sorted((generated / "rules").glob("*.yaml")):
        for group in load_rules(path).groups:
            by_slo.setdefault(_slo_of(group), []).append(group)
    for slo, groups in by_slo.items():
        own = tuple(proof for proof in proofs if proof.test.name.startswith(f"{slo}: "))
        yield Subject(slo, tuple(groups), own)


def _slo_of(group: RuleGroup) -> str:
    for rule in group.rules:
        if isinstance(rule, RecordingRule):
            return dict(rule.labels)[naming.ID]
    raise ValueError(f"the group {group.name} records nothing that names its SLO")


def score(subject: Subject) -> Score:
    """Score one SLO, by the conventions of generated rules and what is known of changes that change nothing."""
    return mutation.score(subject, CONVENTIONS, reason)


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
    found = [subject for subject in subjects(generated) if not wanted or subject.name in wanted]
    return mutation.run(found, CONVENTIONS, reason, jobs, told)

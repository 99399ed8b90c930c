"""Mutants evaluated in part, against mutants evaluated whole: the verdicts are the same."""

from __future__ import annotations

from itertools import islice

import pytest

from burnproof.proofs.mutation.run import CONVENTIONS, subjects
from places import ROOT
from promrules.mutation.mutants import mutants
from promrules.mutation.run import attempts


def _differences(name, every, first=0):
    subject = next(subject for subject in subjects(ROOT / "generated") if subject.name == name)
    found = attempts(subject)
    for mutant in islice(mutants(subject.groups, CONVENTIONS), first, None, every):
        for attempt in found:
            if attempt.fails(mutant) != attempt.fails_whole(mutant.groups):
                yield mutant.rule, mutant.change, attempt.proof.test.name


@pytest.mark.parametrize("slo", ["processor-restarts"])
def test_what_is_evaluated_in_part_fails_where_the_whole_does(slo):
    """Every seventh mutant, on every test of the SLO."""
    assert list(_differences(slo, 7)) == []


@pytest.mark.slow
@pytest.mark.parametrize("slo", ["processor-availability", "toombos-health-rps", "tunix-rt-health", "aragora-memory"])
def test_kinds_of_slos_in_part_and_whole(slo):
    """Every fiftieth mutant: whole evaluations take a minute for each SLO."""
    assert list(_differences(slo, 50, 3)) == []

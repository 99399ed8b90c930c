"""The proofs that are committed beside the rules hold on the embedded engine, all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from places import drawn
from promrules.rule_tests.run import run_file

# Smaller files are tried by `make test`, some of the larger ones by each run of `make test-slow`.
SMALL = 30_000
FOLDER = Path(__file__).parents[2] / "generated" / "tests"
PATHS = [pytest.param(path, id=path.stem) for path in sorted(FOLDER.glob("*.yaml"))]
FILES = [
    *(path for path in PATHS if path.values[0].stat().st_size <= SMALL),
    *drawn([path for path in PATHS if path.values[0].stat().st_size > SMALL], 5),
]


@pytest.mark.parametrize("path", FILES)
def test_the_committed_proofs_hold(path):
    result = run_file(str(path))

    assert not result.problems
    assert result.tests
    assert [(test.name, test.failures) for test in result.tests if test.failures] == []

"""The proofs that are committed beside the rules hold on the embedded engine, all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from promrules.rule_tests.run import run_file

# Each service's smaller files are tried by `make test`.
SMALL = 30_000
FILES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stat().st_size > SMALL else [])
    for path in sorted((Path(__file__).parents[2] / "generated" / "tests").glob("*.yaml"))
]


@pytest.mark.parametrize("path", FILES)
def test_the_committed_proofs_hold(path):
    result = run_file(str(path))

    assert not result.problems
    assert result.tests
    assert [(test.name, test.failures) for test in result.tests if test.failures] == []

"""Prometheus' own test scripts: all classic evals pass, in every way its runner evaluates them."""

from __future__ import annotations

import sys
from collections import defaultdict

import pytest

from burnproof.promql.conformance import run_script

pytestmark = pytest.mark.shared

FLOOR = {
    "aggregators.test": 159,
    "collision.test": 2,
    "duration_expression.test": 59,
    "extended_vectors.test": 124,
    "fill-modifier.test": 46,
    "functions.test": 431,
    "histograms.test": 185,
    "literals.test": 25,
    "name_label_dropping.test": 30,
    "native_histograms.test": 397,
    "operators.test": 214,
    "range_queries.test": 18,
    "trig_functions.test": 19,
    "type_and_unit.test": 58,
}
"""Evals that pass, experimental ones included: a number may grow, never shrink."""


@pytest.fixture(scope="session")
def suite(shared):
    """Outcomes per file, and the lines of the classic evals."""
    folder = shared / "promqltest"
    classic = defaultdict(set)
    for line in (folder / "classic.tsv").read_text().splitlines()[1:]:
        name, number, _ = line.split("\t")
        classic[name].add(int(number))
    return {path.name: run_script(path.read_text()) for path in sorted(folder.glob("*.test"))}, classic


def test_every_classic_eval_passes(suite):
    """None of the 787 float-only evals of stable PromQL fails; the table is printed with ``-s``."""
    outcomes, classic = suite
    failures, table = [], []
    for name, items in outcomes.items():
        chosen = [item for item in items if item.line in classic[name]]
        good = sum(item.passed for item in items)
        table.append(f"{name:26} classic {sum(item.passed for item in chosen)}/{len(chosen)}  all {good}/{len(items)}")
        failures += [f"{name}:{item.line} {item.expr}: {item.failure}" for item in chosen if not item.passed]
    sys.stdout.write("\n".join(table) + "\n")
    assert sum(len(lines) for lines in classic.values()) == 787
    assert failures == []


@pytest.mark.parametrize("name", FLOOR)
def test_experimental_evals_do_not_regress(suite, name):
    """As many evals of a file pass as ever did."""
    outcomes, _ = suite
    assert sum(item.passed for item in outcomes[name]) >= FLOOR[name]


def test_what_is_not_supported_fails_by_name(suite):
    """An unsupported function fails its own eval with its name, and nothing after it."""
    outcomes, _ = suite
    failures = {item.failure for item in outcomes["info.test"] if not item.passed}
    assert any('function "info" is not supported' in failure for failure in failures)

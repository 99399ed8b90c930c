"""Prometheus' own test scripts: all classic evals pass, in every way its runner evaluates them."""

from __future__ import annotations

import sys
from collections import defaultdict

import pytest

from promrules.prometheus_scripts.conformance import run_script

pytestmark = pytest.mark.shared

FLOOR = {
    "aggregators.test": 160,
    "collision.test": 2,
    "duration_expression.test": 59,
    "extended_vectors.test": 168,
    "fill-modifier.test": 46,
    "functions.test": 431,
    "histograms.test": 185,
    "info.test": 53,
    "limit.test": 37,
    "literals.test": 25,
    "name_label_dropping.test": 30,
    "native_histograms.test": 513,
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
    """What the engine lacks fails its own evals with its name, and nothing after them."""
    outcomes, _ = suite
    failures = {item.failure for item in outcomes["start_timestamps.test"] if not item.passed}
    assert any("start timestamps are not supported by the embedded engine" in failure for failure in failures)


def test_a_broken_command_stops_nothing():
    """A command that cannot be read fails what depends on it; after the next clear all is well."""
    script = """
    load 5m
      up 1 2 three

    eval instant at 5m up
      up 2

    clear

    load 5m
      up 1 2

    evaluate instant at 5m up

    eval instant at 5m bogus(up)
      up 2

    clear

    load 5m
      up 1 2

    eval instant at 5m up
      up 2

    eval instant at 5m up
      up 3

    eval instant at 5m up

    eval range from 0 to 5m step 5m up
      up 1 _
    """
    outcomes = run_script(script)
    assert [item.passed for item in outcomes] == [False, False, False, True, False, False, False]
    assert '"three" is no value' in outcomes[0].failure
    assert "unknown command 'evaluate'" in outcomes[1].failure
    assert "unknown function" in outcomes[2].failure
    assert "expected 3.0" in outcomes[4].failure
    assert "unexpected series" in outcomes[5].failure
    assert "at steps [0], got [0, 1]" in outcomes[6].failure

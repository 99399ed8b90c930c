"""Runs against documented figures: what fits is compared, what does not is refused or said."""

from __future__ import annotations

import json

import pytest

from burnproof.loadtest.baseline.table_comparison import against_row
from burnproof.loadtest.baseline.tables import TableError, read_table
from burnproof.loadtest.results.formats import result_from_text
from result_samples import EXAMPLES, record

FOLDER = EXAMPLES / "baselines"
GUIDE = read_table("guide", (FOLDER / "single-instance.csv").read_text())
KEPT = {
    "health/p50": {"value": 1.8, "unit": "ms", "samples": 100},
    "health/p99": {"value": 12.1, "unit": "ms", "samples": 100},
    "health/requests": {"value": 1_500_000, "unit": "count", "samples": 1_500_000},
}  # fmt: skip


def run(**changes):
    return result_from_text("run.json", record(**changes))


def verdicts(found):
    return {one.rule.title: one.regressed for one in found}


# 5,000 ops/s, p50 2 ms, p99 10 ms; what is exactly on the line is let pass.
CHANGES = [
    ({}, {"RPS": False, "P50": False, "P99": False}),
    ({"requests_per_second": 4250.0}, {"RPS": False, "P50": False, "P99": False}),
    ({"requests_per_second": 4249.9}, {"RPS": True, "P50": False, "P99": False}),
    ({"response_time_median": 2.41}, {"RPS": False, "P50": True, "P99": False}),
    ({"response_time_p99": None}, {"RPS": False, "P50": False, "P99": True}),
]


@pytest.mark.parametrize(("changes", "expected"), CHANGES)
def test_a_run_is_held_against_its_row(changes, expected):
    made = run(**{"requests_per_second": 5000.0, "response_time_median": 2.4, "response_time_p99": 12.0, **changes})

    _, found, left_out = against_row(made, GUIDE, "Health check")

    assert verdicts(found) == expected
    assert left_out == ()


def test_an_endpoint_is_held_against_its_row():
    made = run(readings=KEPT, test_duration=300)

    _, found, _ = against_row(made, GUIDE, "Health check", endpoint="health")

    assert verdicts(found) == {"RPS": False, "P50": False, "P99": True}
    assert str(found[0].now) == "5000 rps"


def test_columns_of_other_names_are_named():
    table = read_table("t", "item,budget,current,note [MB]\nhealth,3s,~10-50ms,5\n")
    made = run(response_time_p95=60.01)

    _, found, left_out = against_row(made, table, "health", {"current": "p95"})

    assert (str(found[0].was), found[0].regressed) == ("50 ms", True)  # a range by its worse end
    assert left_out == ("budget", "note")


REFUSED = [
    ("a,p50 [ms]\nx,1\n", "y", {}, "", "has no row 'y'; it has 'x'"),
    ("a,p50 [ms],p99 [ms]\nx,not measured,-\n", "x", {}, "", "the row 'x' has no figure at all"),
    ("a,memory\nx,5MB\n", "x", {}, "", "the row 'x' has no figure that a run has; --column NAME=METRIC"),
    ("a,p50\nx,1\n", "x", {}, "", r"p50 of 'x', 1, has no unit, where P50 is a time; write .* p50 \[ms\]"),
    ("a,max\nx,5MB\n", "x", {}, "", "max of 'x', 5MB, is a size, where Max is a time"),
    ("a,p50 [ms]\nx,1\n", "x", {"p5": "p50"}, "", "has no column 'p5'; it has p50"),
    ("a,p50 [ms]\nx,1\n", "x", {}, "nowhere", "run.json has no endpoint 'nowhere'; it has health"),
]


@pytest.mark.parametrize(("text", "row", "columns", "endpoint", "says"), REFUSED)
def test_what_does_not_fit_is_refused(text, row, columns, endpoint, says):
    with pytest.raises(TableError, match=says):
        against_row(run(readings=KEPT), read_table("t", text), row, columns, endpoint)


def test_a_user_compares_with_a_shipped_table(burnproof, tmp_path):
    (tmp_path / "run.json").write_text(
        record(requests_per_second=5247.0, response_time_median=1.8, response_time_p95=6.0, response_time_p99=8.2)
    )
    table = ("--table", FOLDER / "single-instance.csv", "--row", "Health check")

    done = burnproof("baseline", "compare", "run.json", *table, "--json", check=0)
    made = json.loads(done.stdout)
    assert [(one["metric"], round(one["change"], 3)) for one in made["metrics"]] == [
        ("requests_per_second", 0.049), ("response_time_median", -0.1), ("response_time_p99", -0.18),
    ]  # fmt: skip
    slow = record(requests_per_second=5000.0, response_time_median=2.0, response_time_p95=9.0, response_time_p99=12.1)
    (tmp_path / "slow.json").write_text(slow)
    assert "+21.0%" in burnproof("baseline", "compare", "slow.json", *table, check=1).stdout
    missing = burnproof("baseline", "compare", "run.json", *table[:2], check=2)
    assert "name a row of" in missing.stderr
    assert "'Health check', 'List debates'" in missing.stderr
    budget = ("--table", FOLDER / "budget-and-reality.csv", "--row", "Single trace create", "--column", "budget=p95")
    (tmp_path / "over.json").write_text(record(response_time_p95=200.0, response_time_p99=300.0))
    said = burnproof("baseline", "compare", "over.json", *budget, check=1).stderr
    assert "Not compared: current, no data." in said


def test_a_table_is_shown_and_listed(burnproof):
    shown = burnproof("baseline", "show", FOLDER / "budget-and-reality.csv", check=0).stdout.splitlines()
    listed = burnproof("baseline", "list", "--store", FOLDER, check=0).stdout

    assert shown[2].split("  ")[0] == "Health (uncached)"
    assert shown[2].endswith("100 ms  ~10 ms to 50 ms")
    assert shown[3].endswith("no data")
    assert "api-benchmark.csv" in listed
    assert "ops, p50, p99, errors" in listed


def test_a_table_that_is_taken_for_a_run_is_explained(burnproof):
    done = burnproof("baseline", "record", FOLDER / "api-benchmark.csv", check=2)

    assert "it is a table of documented figures: `burnproof baseline compare RUN --table`" in done.stderr

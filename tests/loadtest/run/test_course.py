"""The course of a run: what belongs to which stretch, that it stays small, and that a record keeps it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.loadtest.baseline.store import keep
from burnproof.loadtest.results.formats import read_result, result_from_text
from burnproof.loadtest.run.outcome import Facts, made_of, targets
from burnproof.loadtest.run.reading import changed, load_profile
from burnproof.loadtest.run.samples import Outcome, Samples
from burnproof.loadtest.run.target_metrics import gauges_of
from burnproof.loadtest.run.time_series import MOST, course_of, gauge_unit, step_of
from burnproof.model.quantities import duration

START = datetime(2026, 2, 24, 10, tzinfo=UTC)
BEGAN = 1000.0
MEMORY = "process_resident_memory_bytes"


EXPOSED = """# HELP process_open_fds x
process_open_fds 12
workers_memory_bytes{pid="1"} 5e6
workers_memory_bytes{pid="2",note="a } b"} 4e6 1700000000000
process_open_fds_other 99
broken NaN
odd line
"""


def ran(ended, profile="health", length="10s", users=(), watched=None, seconds=None, first_bytes=()):
    """A run of ``length`` in which things ended: (seconds from the start, milliseconds or NaN) each."""
    made = changed(load_profile(profile).profile, None, duration(length), None)
    samples = Samples()
    for at, took in ended:
        samples.ended.append(BEGAN + at)
        samples.took.append(took)
    samples.first_bytes.extend(first_bytes)
    outcome = Outcome(samples, START, BEGAN, seconds or made.seconds, 5, (), False, tuple(users), watched or {})
    return made, outcome


def course(*arguments, **options):
    return course_of(*ran(*arguments, **options))


def values(made, path):
    return list(made.series[path][1])


@given(st.floats(min_value=0.5, max_value=1e6))
def test_a_course_has_at_most_240_stretches(seconds):
    assert seconds / step_of(seconds) <= MOST


@pytest.mark.parametrize(("seconds", "step"), [(10, 1), (240, 1), (241, 2), (600, 5), (3600, 15), (86_400, 600)])
def test_stretches_have_round_lengths(seconds, step):
    assert step_of(seconds) == step


def test_each_request_belongs_to_the_stretch_in_which_it_ended():
    """What failed has no time; a stretch in which nothing ended has no p95 and no error rate, but a throughput of 0."""
    made = course([(0.2, 10.0), (0.9, 20.0), (1.5, math.nan), (3.5, 7.0)], length="4s")

    assert made.seconds == (Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    assert values(made, "response_time_p95") == [Decimal("19.5"), None, None, Decimal(7)]
    assert values(made, "requests_per_second") == [2, 1, 0, 1]
    assert values(made, "error_rate") == [0, 1, None, 0]


def test_what_ends_in_the_grace_counts_in_the_last_stretch_but_not_in_its_throughput():
    made = course([(3.5, 5.0), (6.0, math.nan)], length="4s", seconds=6.0)

    assert values(made, "error_rate")[-1] == Decimal("0.5")
    assert values(made, "requests_per_second")[-1] == 1


def test_an_interrupted_run_ends_where_it_was_interrupted():
    made = course([(0.5, 5.0)], length="100s", seconds=2.5)

    assert made.seconds == (Decimal(1), Decimal("2.5"))


def test_users_are_the_fewest_of_a_stretch_and_gauges_the_highest():
    made = course([], length="2s", users=[(0.1, 3), (0.6, 5), (1.5, 5)], watched={MEMORY: [(0.1, 5e6), (0.9, 7e6)]})

    assert values(made, "users") == [3, 5]
    assert values(made, f"target/{MEMORY}") == [7_000_000, None]


def test_first_bytes_are_those_of_the_sessions_that_were_completed():
    made = course([(0.5, 900.0), (0.7, math.nan), (1.5, 800.0)], "smoke", "2s", first_bytes=[20.0, 40.0])

    assert values(made, "metrics.first_byte_latency_ms.p95") == [20, 40]


@pytest.mark.parametrize(("name", "unit"), [(MEMORY, "B"), ("process_open_fds", ""), ("queue_wait_seconds", "s")])
def test_a_gauges_unit_is_in_its_name(name, unit):
    assert gauge_unit(name).name == unit


def test_gauges_are_read_from_the_text_format_and_their_series_summed():
    found = gauges_of(EXPOSED, {"process_open_fds", "workers_memory_bytes", "broken", "absent"})

    assert found == {"process_open_fds": 12.0, "workers_memory_bytes": 9e6}


def recorded(**options):
    made, outcome = ran(
        [(at / 10, 10.0 + at / 100) for at in range(100)], users=[(at / 2, 5) for at in range(20)], **options
    )
    found = course_of(made, outcome)
    for took in list(outcome.samples.took):
        outcome.samples.request("health", took, None)
    facts = Facts("ci", "1.2", "abc")
    return made_of(made, outcome.samples, START, 10.0, (), facts, targets({}), found)


def test_a_record_carries_its_course_and_is_read_back_with_it():
    found = result_from_text("run.json", recorded(watched={MEMORY: [(at, 5e6 + at) for at in range(10)]}).text)

    assert found.fault == ""
    assert [sample.time for sample in found.series["users"]][:2] == [
        Decimal(str(START.timestamp())) + 1, Decimal(str(START.timestamp())) + 2,
    ]  # fmt: skip
    assert len(found.series["response_time_p95"]) == 10
    assert (found.readings[f"target/{MEMORY}"].value, found.readings[f"target/{MEMORY}"].unit.name) == (5_000_009, "B")


def test_a_baseline_keeps_the_course(tmp_path):
    made = result_from_text("run.json", recorded(watched={MEMORY: [(0.5, 5e6)]}).text)

    kept = read_result(keep(tmp_path, made))

    assert kept.series == made.series
    assert kept.readings[f"target/{MEMORY}"] == made.readings[f"target/{MEMORY}"]


DAMAGED = [
    ({}, "no seconds and series"),
    ({"seconds": [], "series": {}}, "no list of 1 to 500 seconds"),
    ({"seconds": [1, 1], "series": {}}, "do not rise"),
    ({"seconds": list(range(501)), "series": {}}, "no list of 1 to 500"),
    ({"seconds": [1, 2], "series": {"a": {"unit": "ms", "values": [1]}}}, "2 stretches and 1 values of a"),
    ({"seconds": [1], "series": {"a": {"unit": "ms", "values": ["x"]}}}, "no numbers"),
    ({"seconds": [1], "series": {"a": None}}, "no list of 1 to 500 a"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGED)
def test_a_damaged_course_is_a_fault_of_the_file(damage, words):
    document = json.loads(recorded().text) | {"course": damage}

    assert words in result_from_text("run.json", json.dumps(document)).fault

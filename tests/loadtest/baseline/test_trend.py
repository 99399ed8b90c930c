"""Trends: the statistics agree with published and enumerated values, and the verdict says when it cannot tell."""

import itertools
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnproof.loadtest.baseline.rank_statistics import trend
from burnproof.loadtest.baseline.trend import Direction, outlook
from burnproof.loadtest.results.formats import result_from_text
from result_samples import record

NOW = datetime(2024, 2, 1, tzinfo=UTC)
IMPROVING, STABLE, DEGRADING, MIXED, UNKNOWN = Direction
BASE = result_from_text("run.json", record())


def runs(p95, rps=None, errors=None):
    """Daily runs up to now with these numbers."""
    made = []
    for number, value in enumerate(p95):
        time = NOW - timedelta(days=len(p95) - number)
        numbers = {
            "response_time_p95": Decimal(str(value)),
            "requests_per_second": Decimal(str(rps[number] if rps else 8.5)),
            "error_rate": Decimal(str(errors[number] if errors else 0.02)),
        }
        readings = BASE.readings | {metric: replace(BASE.readings[metric], value=v) for metric, v in numbers.items()}
        made.append(replace(BASE, run=replace(BASE.run, timestamp=time), readings=readings))
    return made


def steady(count, level, noise, seed=1):
    rng = random.Random(seed)
    return [level * (1 + rng.uniform(-noise, noise)) for _ in range(count)]


@pytest.mark.parametrize("count", [5, 6, 7])
def test_the_probability_is_that_of_all_orderings(count):
    """Counted by hand over every permutation."""

    def score(values):
        return sum((b > a) - (b < a) for a, b in itertools.combinations(values, 2))

    scores = [score(order) for order in itertools.permutations(range(count))]
    rng = random.Random(count)
    for _ in range(5):
        values = rng.sample(range(100), count)
        expected = sum(abs(one) >= abs(score(values)) for one in scores) / len(scores)
        assert trend(range(count), values).p == pytest.approx(expected)


def test_kendalls_variance_with_ties():
    """Var(S) = [n(n-1)(2n+5) - sum t(t-1)(2t+5)] / 18 for ties in the values alone (Kendall 1975)."""
    values = [1, 1, 2, 2, 2, 3, 4, 5, 6, 7]
    variance = (10 * 9 * 25 - (2 * 1 * 9 + 3 * 2 * 11)) / 18
    score = sum((b > a) - (b < a) for a, b in itertools.combinations(values, 2))
    z = (score - 1) / math.sqrt(variance)

    assert trend(range(10), values).p == pytest.approx(math.erfc(z / math.sqrt(2)))


def test_the_slope_is_the_median_of_all_and_no_outlier_moves_it():
    assert trend([0, 1, 2, 3, 4, 5, 6], [0, 2, 4, 1000, 8, 10, 12]).slope == 2


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=15), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter_and_the_interval_holds_the_slope(values, rng):
    points = list(enumerate(values))
    shuffled = rng.sample(points, len(points))

    found = trend(*zip(*points, strict=True))

    assert found == trend(*zip(*shuffled, strict=True))
    assert found.low <= found.slope <= found.high
    assert 0 <= found.p <= 1


def test_chance_is_called_a_trend_in_one_of_twenty_series_at_most():
    rng = random.Random(7)
    false = sum(trend(range(12), [rng.random() for _ in range(12)]).p < 0.05 for _ in range(1000))

    assert 20 <= false <= 65


@pytest.mark.parametrize(
    ("made", "direction"),
    [
        (runs(steady(20, 4500, 0.01)), STABLE),
        (runs([4500 + 30 * n for n in range(20)]), DEGRADING),
        (runs([4500 - 30 * n for n in range(20)]), IMPROVING),
        (runs([4500 - 30 * n for n in range(20)], [8.5 + 0.05 * n for n in range(20)]), IMPROVING),
        (runs([4500 - 30 * n for n in range(20)], [8.5 - 0.1 * n for n in range(20)]), MIXED),
        (runs([4500] * 20, [8.5 - 0.1 * n for n in range(20)]), DEGRADING),
        (runs([4500] * 20, None, [0.02 + 0.002 * n for n in range(20)]), DEGRADING),
        (runs([4500 * (1 + 0.001 * n) for n in range(20)]), STABLE),  # a real trend of 2 %: inside the band
        (runs(steady(20, 4500, 0.6)), UNKNOWN),
        (runs([4500, 9000, 4500, 9000]), UNKNOWN),
        (runs([4500] * 4), UNKNOWN),
        (runs([]), UNKNOWN),
    ],
)
def test_directions(made, direction):
    assert outlook(made, 30, NOW).direction is direction


def test_what_is_below_the_band_and_below_a_regression_is_called_degrading():
    """Between stable at 5 % and regressed at 20 % lies degrading without a regression."""
    assert outlook(runs([4500 * (1 + 0.006 * n) for n in range(20)]), 30, NOW).direction is DEGRADING


def test_too_few_runs_are_named():
    found = outlook(runs([4500, 5000, 6000, 7000]), 30, NOW)

    assert "4 runs are too few" in found.courses[0].note


def test_the_window_is_the_last_days_only():
    made = runs([9000] * 20 + [4500] * 7)

    assert outlook(made, 7, NOW).direction is STABLE
    assert len(outlook(made, 7, NOW).runs) == 7


def test_a_newest_run_that_states_no_version_does_not_hide_those_before_it():
    made = runs([4500 - 30 * n for n in range(20)])
    newest = replace(made[-1], run=replace(made[-1].run, version="", timestamp=NOW))

    found = outlook([*made, newest], 30, NOW)

    assert (found.direction, len(found.runs), found.left_out) == (IMPROVING, 20, 1)


def test_runs_of_other_loads_are_left_out_and_counted():
    made = runs([4500] * 10)
    other = [replace(one, run=replace(one.run, users=99)) for one in runs([90000] * 3)]

    found = outlook([*other, *made], 30, NOW + timedelta(seconds=1))

    assert len(found.runs) + found.left_out == 13
    assert {one.run.users for one in found.runs} in ({10}, {99})

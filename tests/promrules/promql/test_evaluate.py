"""Evaluation over many steps: the same as step by step, failures in time, visibility, blocks, and bounds."""

from __future__ import annotations

import time

import numpy as np
import pytest

from promrules.columns.series import STALE_NAN, Storage
from promrules.columns.values import EvaluationError, Matrix, Scalar
from promrules.engine import Options, evaluate
from promrules.syntax.labels import labels_of
from promrules.syntax.parse import parse

MINUTE = 60_000


def storage(samples: int = 240) -> Storage:
    """Counters with resets, a gauge with gaps, a histogram, two names that differ in nothing else."""
    rng = np.random.default_rng(3)
    found = Storage()
    times = np.arange(samples, dtype=np.int64) * MINUTE
    for job in ("a", "b", "c"):
        for code in ("200", "500"):
            values = np.cumsum(rng.integers(0, 50, samples)).astype(float)
            values[samples // 2 :] -= values[samples // 2]
            found.append(labels_of({"__name__": "req_total", "job": job, "code": code}), times, values)
        kept = rng.random(samples) < 0.7
        gauge = rng.normal(0, 1, samples)
        gauge[::17] = STALE_NAN
        found.append(labels_of({"__name__": "gauge", "job": job}), times[kept], gauge[kept])
        for bound in ("0.1", "1", "+Inf"):
            values = np.cumsum(rng.integers(0, 9, samples)).astype(float) * (len(bound) + 1)
            found.append(labels_of({"__name__": "lat_bucket", "job": job, "le": bound}), times, values)
    half = samples // 2
    found.append(labels_of({"__name__": "early", "x": "1"}), times[:half], np.ones(half))
    found.append(labels_of({"__name__": "late", "x": "1"}), times[half + 10 :], np.ones(samples - half - 10))
    return found


EXPRESSIONS = [
    "req_total",
    "gauge offset 3m",
    "gauge offset -3m",
    "sum by (job) (rate(req_total[7m]))",
    'sum(rate(req_total{code="500"}[20m])) / sum(rate(req_total[20m]))',
    "increase(req_total[13m]) > 100",
    "delta(gauge[9m])",
    "irate(req_total[3m]) - idelta(gauge[10m])",
    "avg_over_time(gauge[1h]) + on (job) sum_over_time(gauge[2h])",
    "quantile_over_time(0.3, gauge[30m])",
    "stddev_over_time(gauge[30m]) or absent(gauge)",
    "deriv(gauge[20m]) + on (job) predict_linear(gauge[20m], 60)",
    "max_over_time(gauge[1h]) - min_over_time(gauge[1h])",
    "changes(gauge[20m]) + on (job) resets(gauge[20m])",
    "histogram_quantile(0.9, sum by (le) (rate(lat_bucket[10m])))",
    "histogram_fraction(0, 0.5, lat_bucket)",
    "topk(2, gauge)",
    "bottomk by (code) (1, req_total)",
    "quantile(0.5, gauge)",
    "stddev(gauge)",
    "count_values('v', round(gauge))",
    "req_total * on (job) group_left () gauge",
    "req_total and on (job) (gauge > 0)",
    "req_total unless on (job) (gauge > 0)",
    "(gauge > 0) or on (job) -gauge",
    "sum_over_time(rate(req_total[5m])[30m:7m])",
    "max_over_time((gauge @ end())[10m:1m])",
    "avg_over_time(gauge[10m:1m] offset 2m)",
    "gauge @ 3600",
    "gauge @ start()",
    "rate(req_total[10m] @ end())",
    "label_replace(gauge, 'k', '$1', 'job', '(.)')",
    "time() % 7 + scalar(gauge{job='a'})",
    "minute() + hour(vector(time() * 1000))",
    "timestamp(gauge)",
    "timestamp(gauge offset 2m)",
    "clamp(gauge, -0.5, 0.5)",
    "-gauge ^ 2",
    "absent_over_time(gauge{job='a'}[2m])",
    "last_over_time(gauge[5m])",
    "{__name__=~'early|late'} * 2",
    "histogram_quantile(scalar(gauge{job='a'}), lat_bucket)",
    "topk(scalar(minute()) % 4, req_total)",
]


def cells(matrix: object, column: int) -> dict[object, float]:
    """Give one column as ``labels → value``."""
    if isinstance(matrix, Scalar):
        return {(): float(matrix.values[column])}
    assert isinstance(matrix, Matrix)
    rows = np.flatnonzero(matrix.present[:, column]).tolist()
    return {matrix.labels[row]: float(matrix.values[row, column]) for row in rows}


def same(left: dict[object, float], right: dict[object, float]) -> bool:
    """Compare columns bit by bit."""
    return left.keys() == right.keys() and np.array_equal(
        np.array([left[key] for key in left]), np.array([right[key] for key in left]), equal_nan=True
    )


@pytest.mark.parametrize("delayed", [False, True])
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_columns_equal_single_steps(text, delayed):
    """All steps at once give bit for bit what each step gives alone."""
    data, steps = storage(), np.arange(0, 260, 7, dtype=np.int64) * MINUTE + 11_000
    options = Options(delayed_name_removal=delayed)
    node = parse(text)
    together = evaluate(node, data, steps, options)
    assert together.failure is None
    for column, step in enumerate(steps):
        alone = evaluate(node, data, np.array([step]), options)
        assert same(cells(together.value, column), cells(alone.value, 0)), (text, step)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_blocks_do_not_show(text):
    """A tiny limit on cells changes nothing but the memory it takes."""
    data, steps = storage(), np.arange(0, 240, dtype=np.int64) * MINUTE
    whole = evaluate(parse(text), data, steps, Options())
    parts = evaluate(parse(text), data, steps, Options(max_cells=200))
    for column in range(0, len(steps), 13):
        assert same(cells(whole.value, column), cells(parts.value, column))


def test_failure_names_its_first_step_and_spares_those_before():
    """Two names that collapse to the same labels fail only where they meet, and earlier columns stay usable."""
    data = Storage()
    times = np.arange(10, dtype=np.int64) * MINUTE
    data.append(labels_of({"__name__": "a", "x": "1"}), times, np.ones(10))
    data.append(labels_of({"__name__": "b", "x": "1"}), times[6:], np.full(4, 2.0))
    result = evaluate(parse("{__name__=~'a|b'} + 1"), data, times)
    assert result.failure is not None
    assert (result.failure.step, result.failure.message) == (6, "vector cannot contain metrics with the same labelset")
    assert [cells(result.value, column) for column in range(6)] == [{(("x", "1"),): 2.0}] * 6


def test_names_that_never_meet_fail_in_range_queries_alone():
    """A range query refuses what instant queries at its steps would not (range functions, names dropped at once)."""
    data, steps = storage(), np.arange(0, 240, 30, dtype=np.int64) * MINUTE
    node = parse("sum_over_time({__name__=~'early|late'}[1m])")
    assert evaluate(node, data, steps).failure is None
    with pytest.raises(EvaluationError, match="same labelset"):
        evaluate(node, data, steps, Options(instant=False))


def test_a_failing_subquery_point_fails_the_first_step_that_reaches_it():
    """The step a failure is charged to is that of the query, not of the grid."""
    data = Storage()
    times = np.arange(20, dtype=np.int64) * MINUTE
    data.append(labels_of({"__name__": "a", "n": "1"}), times, np.ones(20))
    data.append(labels_of({"__name__": "a", "n": "2"}), times[12:], np.ones(8))
    node = parse("sum_over_time((vector(1) + on () a)[3m:1m] offset 2m)")
    result = evaluate(node, data, times)
    assert result.failure is not None
    assert result.failure.step == 14


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("later", [None, 0, 1, 2]),
        ("earlier", [0, 10, 20, 30]),
        ("earlier offset -1m", [0, 10, 20, 30]),
        ("later offset -1m", [None, 0, 1, 2]),
        ("sum_over_time(earlier[2m] offset -5m)", [None, None, None, None]),
        ("sum_over_time(later[2m])", [None, 0, 1, 2]),
        ("sum_over_time(later[2m:1m])", [None, 0, 2, 4]),
        ("count_over_time(earlier[10m:1m] offset -5m)", [5, 6, 7, 8]),
        ("earlier @ 180", [0, 10, 20, 30]),
        ("max_over_time((earlier offset -1m)[3m:1m])", [0, 10, 20, 30]),
    ],
)
def test_visibility(text, expected):
    """A rule sees what earlier rules write now, its own and later ones' samples only from before, and no future."""
    data = Storage()
    times = np.arange(4, dtype=np.int64) * MINUTE
    data.append(labels_of({"__name__": "earlier"}), times, np.arange(4) * 10.0, writer=0)
    data.append(labels_of({"__name__": "later"}), times, np.arange(4.0), writer=2)
    result = evaluate(parse(text), data, times, Options(reader=1))
    got = [next(iter(cells(result.value, column).values()), None) for column in range(4)]
    assert got == expected


def test_horizon_hides_the_future():
    """Nothing after the horizon is seen, whatever the offset."""
    data, steps = storage(), np.array([100], dtype=np.int64) * MINUTE
    seen = evaluate(parse("timestamp(req_total offset -20m)"), data, steps, Options(horizon=117 * MINUTE))
    assert set(cells(seen.value, 0).values()) == {117 * 60.0}


def test_compat_2_closes_windows():
    """Prometheus 2 takes the left edge of ranges, lookback and subqueries in."""
    data = Storage()
    times = np.arange(11, dtype=np.int64) * MINUTE
    data.append(labels_of({"__name__": "m"}), times, np.ones(11))
    at = np.array([10 * MINUTE])
    for text, closed, left_open in [
        ("count_over_time(m[5m])", 6, 5),
        ("count_over_time(m[5m:1m])", 6, 5),
        ("count_over_time(m[5m] offset 5m)", 6, 5),
    ]:
        assert list(cells(evaluate(parse(text), data, at, Options(compat=2)).value, 0).values()) == [closed]
        assert list(cells(evaluate(parse(text), data, at).value, 0).values()) == [left_open]
    gone = np.array([15 * MINUTE])
    assert cells(evaluate(parse("m"), data, gone, Options(compat=2)).value, 0)
    assert not cells(evaluate(parse("m"), data, gone).value, 0)


def test_long_chains_evaluate():
    """A chain of a thousand operators needs no thousand stack frames."""
    result = evaluate(parse("+".join(["vector(1)"] * 1000)), Storage(), np.array([0], dtype=np.int64))
    assert list(cells(result.value, 0).values()) == [1000]


def test_absurd_subqueries_are_refused():
    """A grid of billions of points is an error, not a full memory."""
    with pytest.raises(EvaluationError, match="choose a larger step"):
        evaluate(parse("sum_over_time(vector(1)[100y:1ms])"), Storage(), np.array([0], dtype=np.int64))


def test_thirty_days_in_a_moment():
    """A 30-day window over 30 days of minutes is a matter of tenths of a second (a loose bound for slow machines)."""
    data, steps = storage(43_201), np.arange(43_201, dtype=np.int64) * MINUTE
    begin = time.process_time()
    result = evaluate(parse("sum_over_time(gauge[30d]) / count_over_time(gauge[30d])"), data, steps)
    assert result.failure is None
    assert time.process_time() - begin < 5


ODD = [
    "abs(" * 99 + "x" + ")" * 99,
    "-(" * 99 + "x" + ")" * 99,
    "max_over_time(" * 33 + "x" + "[1m:1m])" * 33,
    "x @ 9.2e15",
    "x @ -9.2e15",
    "sum_over_time(x[292y])",
    "rate(x[292y] @ -9.2e15)",
    "x offset -292y",
    "topk(1e30, x)",
    "topk(-1, x)",
    "quantile_over_time(NaN, x[5m])",
    "round(x, 0)",
    "x % 0",
    "days_in_month(x * 1e300)",
    "label_join(x, '', '-', 'a')",
    "count_values('', x)",
    "double_exponential_smoothing(x[5m], 0, 1)",
    "predict_linear(x[5m], scalar(missing))",
    "histogram_quantile(2, missing)",
]


@pytest.mark.parametrize("instant", [True, False])
@pytest.mark.parametrize("steps", [[], [600_000], [600_000, 900_000]], ids=len)
@pytest.mark.parametrize("text", ODD)
def test_odd_queries_end_in_a_value_or_an_evaluation_error(text, steps, instant):
    """Depth, absurd times, special numbers and no steps at all never end in another exception or a warning."""
    data = Storage()
    data.append(labels_of({"__name__": "x"}), np.arange(20, dtype=np.int64) * MINUTE, np.arange(20.0))
    try:
        result = evaluate(parse(text), data, np.array(steps, dtype=np.int64), Options(instant=instant))
    except EvaluationError as error:
        problem: str | None = error.message
    else:
        problem = None if result.failure is None else result.failure.message
    assert problem is None or len(problem) > 10

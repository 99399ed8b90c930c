"""The judge does what a Prometheus server does: phases, late samples, gaps, restarts, staleness; storage is exact."""

from __future__ import annotations

import numpy as np
import pytest
from judge import STALE, Gap, Plan, Series, World, judge

START = 1_767_225_600.0
RULES = """
groups:
  - name: fast
    rules:
      - {record: seen, expr: sum(x)}
      - {record: seen:rate, expr: 'sum by (pod) (rate(x[5m]))'}
      - {record: seen:sum, expr: 'sum_over_time((sum(rate(x[2m])) or vector(0))[30m:5m])'}
      - {alert: High, expr: seen > 10, for: 20m, labels: {team: a}}
      - {alert: Kept, expr: seen > 10, keep_firing_for: 5m}
  - name: slow
    interval: 4m
    query_offset: 1m
    rules:
      - {record: late, expr: sum(x)}
"""


def _series(values, ts=None, arrival=None, **labels):
    values = np.asarray(values, dtype=float)
    ts = START + 15.0 * np.arange(len(values)) if ts is None else START + np.asarray(ts, dtype=float)
    return Series({"__name__": "x", **labels}, ts, values, ts if arrival is None else START + np.asarray(arrival))


def _run(series, minutes, **options):
    return judge(
        Plan(
            {"rules.yaml": RULES},
            [World(series)],
            START,
            START + 60 * minutes,
            record=['{__name__=~"seen.*|late"}'],
            **options,
        )
    )


def test_each_group_has_its_own_interval_and_phase():
    verdict = _run([_series(np.ones(400))], 60)

    phases = {group["name"]: (group["interval"], group["phase"]) for group in verdict.groups}
    for name, series in (("fast", "seen"), ("slow", "late")):
        interval, phase = phases[name]
        offset = 60 if name == "slow" else 0
        evaluated = (verdict.one(series).ts + offset - START) * 1000
        assert (np.round(evaluated - phase) % interval == 0).all()
        assert (np.diff(evaluated) == interval).all()
    assert phases["fast"][1] != phases["slow"][1] % 60_000


def test_a_salt_moves_the_phases_of_a_world():
    worlds = [World([_series(np.ones(40))], salt) for salt in ("", "a/", "b/")]

    verdict = judge(Plan({"rules.yaml": RULES}, worlds, START, START + 600))

    assert len({group["phase"] for group in verdict.groups if group["name"] == "fast"}) == 3


def test_a_sample_is_seen_when_it_has_arrived():
    ts = np.arange(0, 600, 15)
    verdict = _run([_series(np.where(ts >= 300, 5, 1), ts, arrival=ts + 90)], 9)

    changed = verdict.one("seen")
    first = changed.ts[changed.values == 5][0] - START
    assert 390 <= first < 450


def test_a_query_offset_looks_back():
    ts = np.arange(0, 2400, 15)
    verdict = _run([_series(ts, ts)], 40)

    late = verdict.one("late")
    assert ((late.ts - START) - late.values < 15).all()
    assert ((late.ts - START) - late.values >= 0).all()


def test_a_staleness_marker_ends_a_series_and_is_no_number():
    ts = np.arange(0, 900, 15)
    verdict = _run([_series(np.where(ts == 300, STALE, 1.0)[: 300 // 15 + 1], ts[: 300 // 15 + 1])], 14)

    assert verdict.one("seen").ts.max() - START < 300
    assert not np.isnan(verdict.one("seen").values).any()


@pytest.mark.parametrize("restart", [True, False])
def test_nothing_is_evaluated_in_a_gap(restart):
    verdict = _run([_series(np.ones(400))], 90, gaps=[Gap(START + 1800, START + 3600, restart)])

    evaluated = verdict.one("seen").ts - START
    assert not ((evaluated >= 1800) & (evaluated < 3600)).any()
    assert (evaluated < 1800).sum() == pytest.approx(29, abs=1)
    assert (evaluated >= 3600).sum() == pytest.approx(29, abs=1)


def test_after_a_restart_the_state_of_for_is_restored():
    """The gap of five minutes is not counted, what was pending before it is: ten minutes of twenty."""
    high = _series(np.full(400, 50.0))
    down = Gap(START + 630, START + 930)

    restored = _run([high], 60, gaps=[down]).firings(alertname="High")
    never_down = _run([high], 60).firings(alertname="High")

    assert [round((firing.start - START) / 60) for firing in never_down] == [21]
    assert [round((firing.start - START) / 60) for firing in restored] == [pytest.approx(27, abs=1)]


def test_alerts_pend_fire_and_resolve():
    ts = np.arange(0, 4800, 15)
    verdict = _run([_series(np.where((ts >= 600) & (ts < 3000), 50, 1), ts)], 80)

    states = [
        (change.state, round((change.time - START) / 60)) for change in verdict.changes if change.labels.get("team")
    ]
    assert [state for state, _ in states] == ["pending", "firing", "inactive"]
    assert states[1][1] - states[0][1] == 20
    kept = verdict.firings(alertname="Kept")
    assert len(kept) == 1
    assert kept[0].end - kept[0].start == pytest.approx(2400 + 300, abs=1)


def test_queries_see_what_there_is_at_their_time():
    ts = np.arange(0, 900, 15)
    verdict = _run([_series(ts, ts, pod="a")], 14, queries=[("x", [START + 300, START + 600.5])])

    assert [(answer["time"] / 1000 - START, answer["vector"]) for answer in verdict.answers] == [
        (300, [{"labels": {"__name__": "x", "pod": "a"}, "value": "300"}]),
        (600.5, [{"labels": {"__name__": "x", "pod": "a"}, "value": "600"}]),
    ]


def test_a_rule_that_fails_is_named():
    rules = 'groups: [{name: a, rules: [{record: twice, expr: \'label_replace(x, "pod", "", "", "")\'}]}]'
    verdict = judge(
        Plan({"r.yaml": rules}, [World([_series(np.ones(40), pod=pod) for pod in "ab"])], START, START + 500)
    )

    assert [error["rule"] for error in verdict.errors] == ["twice"]


def test_the_quick_storage_is_prometheus_own_to_the_bit():
    """Samples out of order, doubled, missing and stale; series that begin late."""
    chance = np.random.default_rng(5)
    series = []
    for pod in "abcd":
        ts = np.flatnonzero(chance.random(700) < 0.9) * 15.0
        values = np.cumsum(chance.integers(0, 9, len(ts))).astype(float)
        values[len(ts) // 2 :] -= values[len(ts) // 2]
        values[chance.integers(0, len(ts), 3)] = STALE
        begun = ts >= (0 if pod < "c" else 3000)
        series.append(_series(values[begun], ts[begun], (ts + chance.uniform(0, 120, len(ts)))[begun], pod=pod))

    quick, own = (_run(series, 170, storage=kind) for kind in ("memory", "tsdb"))

    assert len(quick.figures) == len(own.figures) == 7
    for one, other in zip(quick.figures, own.figures, strict=True):
        assert one.labels == other.labels
        assert np.array_equal(one.ts, other.ts)
        assert np.array_equal(one.values, other.values)
    assert quick.changes == own.changes

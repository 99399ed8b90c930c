"""Evaluating rules from Python: alert states, recorded series, intervals of groups, failures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promrules.columns.series import Series, Storage, is_stale
from promrules.rule_tests.alert_states import LiveAlert, alert_states
from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from promrules.rule_tests.schedule import order_groups, schedule
from promrules.syntax.labels import labels_of

MINUTE = 60_000


def storage(**columns):
    """Series of a metric each, one sample a minute; None is no sample."""
    made = Storage()
    for name, values in columns.items():
        places = [place for place, value in enumerate(values) if value is not None]
        times = np.array(places, dtype=np.int64) * MINUTE
        made.add(
            Series(labels_of({"__name__": name}), times, np.array([values[place] for place in places], dtype=float))
        )
    return made


def evaluate(rules, data, minutes, **options):
    groups = load_rules("groups:\n" + rules).groups
    return evaluate_rules(groups, data, 0, minutes * MINUTE, MINUTE, EvalOptions(**options))


def column(evaluation, name):
    """A recorded series: minutes and values, staleness markers as None."""
    series = evaluation.storage.get(labels_of({"__name__": name}))
    stale = is_stale(series.values)
    return {
        int(t) // MINUTE: None if gone else float(v)
        for t, v, gone in zip(series.times, series.values, stale, strict=True)
    }


@given(
    present=st.lists(st.booleans(), min_size=1, max_size=40),
    gaps=st.lists(st.integers(1, 3), min_size=40, max_size=40),
    hold=st.sampled_from([0, 1, 2, 5, 100]),
    keep=st.sampled_from([0, 1, 2, 4, 100]),
)
def test_states_by_runs_equal_states_by_steps(present, gaps, hold, keep):
    """Arithmetic over runs gives what the state machine gives step by step, on any grid."""
    times = np.cumsum(np.array(gaps[: len(present)], dtype=np.int64))
    states = alert_states(np.array(present), times, hold, keep)

    live = None
    for step, now in enumerate(times.tolist()):
        if live is None and present[step]:
            live = LiveAlert(now)
        if live is not None and not live.step(now, hold, keep, is_present=present[step]):
            live = None
        assert bool(states.active[step]) == (live is not None)
        if live is not None:
            assert (bool(states.firing[step]), int(states.since_ms[step])) == (live.is_firing, live.since_ms)


@pytest.mark.parametrize("step_by_step", [False, True])
def test_recorded_columns(step_by_step):
    """A series that ends is marked stale once, and one that is absent from the start does not exist."""
    evaluation = evaluate(
        "- {name: g, rules: [{record: r, expr: m > 1}, {record: never, expr: m > 9}]}",
        storage(m=[0, 2, 3, 1, 1, 4]),
        5,
        step_by_step=step_by_step,
    )

    assert column(evaluation, "r") == {1: 2, 2: 3, 3: None, 5: 4}
    assert evaluation.storage.get(labels_of({"__name__": "never"})) is None


def test_alert_timeline():
    """Alerts come with their presence, values and states over all steps."""
    evaluation = evaluate(
        "- {name: g, rules: [{alert: A, expr: m > 1, for: 1m, annotations: {v: '{{ $value }}'}}]}",
        storage(m=[0, 2, 3, 1, 1, 4]),
        5,
    )
    (alert,) = evaluation.alerts

    assert alert.labels == (("alertname", "A"),)
    assert alert.present.tolist() == [False, True, True, False, False, True]
    assert alert.states.firing.tolist() == [False, False, True, False, False, False]
    assert alert.annotations(2) == (("v", "3"),)


def test_groups_may_keep_their_own_intervals():
    """Simulation evaluates groups as Prometheus does, each at its interval."""
    rules = "- {name: slow, interval: 2m, rules: [{record: s, expr: vector(time())}]}\n- {name: fast, rules: [{record: f, expr: s}]}"  # noqa: E501  # one row of a table

    honoured = evaluate(rules, storage(), 4, honour_intervals=True)
    ignored = evaluate(rules, storage(), 4)

    assert column(honoured, "s") == {0: 0, 2: 120, 4: 240}
    assert column(honoured, "f") == {0: 0, 1: 0, 2: 120, 3: 120, 4: 240}
    assert column(ignored, "s") == {0: 0, 1: 60, 2: 120, 3: 180, 4: 240}


@pytest.mark.parametrize("step_by_step", [False, True])
def test_the_first_failing_step_ends_the_run(step_by_step):
    """All failures of that step are told, none of later ones, whatever rule is computed first."""
    evaluation = evaluate(
        "- {name: g, rules: [{record: a, expr: vector(1) + on () m}, {record: b, expr: '\"text\"'}]}",
        storage(m=[1]),
        3,
        step_by_step=step_by_step,
    )

    assert [(failure.item.rule.name, failure.time_ms) for failure in evaluation.failures] == [("b", 0)]


def test_dependencies_are_found_by_labels():
    """Rules of other services with the same metric name are not read, so nothing is circular."""
    rules = "\n".join(
        f"- {{name: g{n}, rules: [{{record: r, expr: 'r{{svc=\"{n - 1}\"}} or vector(1)', labels: {{svc: '{n}'}}}}]}}"
        for n in range(1, 4)
    )
    plan = schedule(order_groups(load_rules("groups:\n" + rules).groups, ["g3", "g2", "g1"]))

    assert [component.members[0].group.name for component in plan.components] == ["g1", "g2", "g3"]
    assert not any(component.is_cyclic for component in plan.components)


def test_a_schedule_serves_many_runs():
    """The same schedule gives the same result again: no state is left in it."""
    plan = schedule(
        load_rules(
            "groups:\n- {name: g, rules: [{record: c, expr: (c or vector(0)) + 1}, {alert: A, expr: c > 2}]}"
        ).groups
    )

    runs = [evaluate_rules(plan, storage(), 0, 4 * MINUTE, MINUTE) for _ in range(2)]

    assert [column(run, "c") for run in runs] == [{0: 1, 1: 2, 2: 3, 3: 4, 4: 5}] * 2
    assert [len(run.alerts) for run in runs] == [1, 1]


def test_a_thousand_rules_in_a_chain_do_not_recurse():
    """Neither reading nor ordering depends on Python's stack."""
    chain = ",".join(f"{{record: r{n}, expr: r{n + 1}}}" for n in range(3000)) + ",{record: r3000, expr: vector(1)}"
    groups = load_rules(f"groups:\n- {{name: g, rules: [{chain}]}}").groups

    plan = schedule(groups)

    assert [component.members[0].rule.name for component in plan.components[:2]] == ["r3000", "r2999"]

"""Random specs: whatever is valid compiles, and its proofs hold; whatever is broken is refused with its place."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from burnproof.compile import compile_specs
from burnproof.diagnostics import Severity
from places import PATIENCE, examples, promtools
from promrules.rule_tests.run import RunOptions, run_file

EXAMPLES = int(os.environ.get("BURNPROOF_RANDOM_SPECS", examples(8, least=2)))
# A spec is small enough to read, and each takes a second to prove: not shrunk.
PHASES = (Phase.explicit, Phase.generate)
WINDOWS = (5, 10, 15, 30, 60, 90, 120, 180, 360, 720, 1440, 2880, 4320, 1543)  # minutes
SELECTORS = (
    'requests_total{job="api"}',
    'http_server_requests_seconds_count{uri!~"/internal.*",outcome=~"SUCCESS|CLIENT_ERROR"}',
    'grpc_server_handled_total{grpc_service="shop.Cart",env=~"prod|live"}',
)
NARROWED = {
    'requests_total{job="api"}': 'requests_total{job="api",code!~"5.."}',
    'http_server_requests_seconds_count{uri!~"/internal.*",outcome=~"SUCCESS|CLIENT_ERROR"}':
        'http_server_requests_seconds_count{uri!~"/internal.*",outcome="SUCCESS"}',
    'grpc_server_handled_total{grpc_service="shop.Cart",env=~"prod|live"}':
        'grpc_server_handled_total{grpc_service="shop.Cart",env=~"prod|live",grpc_code="OK"}',
}  # fmt: skip

VALUES = (
    "sum(used) / sum(size)",
    "max(avg_over_time(used[$window]))",
    "time() - max(last_success_seconds)",
    'sum(up{job="x"}) / count(up{job="x"})',
    'sum(rate(calls_total{code=~"5.."}[$window])) / sum(rate(calls_total[$window]))',
    'sum(rate(done_total{job="x"}[$window])) and on () (sum(waiting{job="x"}) >= 5)',
)


OBJECTIVES = ("90%", "95%", "99%", "99.33%", "99.5%", "99.9%", "99.99%")
POLICIES = ("google", "google-3", "single-window", "adapt")
PERIODS = (
    "1d", "3d", "7d", "10d", "14d", "28d", "31d", "90d", "365d",
    {"calendar": "week"}, {"calendar": "month", "timezone": "Europe/Berlin"}, {"calendar": "quarter"},
)  # fmt: skip


def tiers(budget, shortest):
    """Policies whose every tier an outage can reach, with windows of at least a slice."""
    allowed = [minutes for minutes in WINDOWS if minutes >= shortest]

    @st.composite
    def tier(draw, long):
        factor = draw(st.sampled_from([f for f in (1, 1.5, 2, 3, 6, 10, 14.4, 40) if f * budget < 1]))
        made = {"factor": factor, "long": f"{long}m", "severity": draw(st.sampled_from(["page", "ticket"]))}
        short = draw(st.sampled_from([None, long // 12, long // 4]))
        if short and short >= max(1, shortest):
            made["short"] = f"{short}m"
        if draw(st.integers(0, 3)) == 0:
            made["for"] = draw(st.sampled_from(["2m", "5m", "15m"]))
        if draw(st.integers(0, 5)) == 0:
            made["keep_firing_for"] = "10m"
        return made

    longs = st.lists(st.sampled_from(allowed), min_size=1, max_size=3, unique=True)
    return longs.flatmap(lambda chosen: st.tuples(*(tier(long) for long in chosen)))


@st.composite
def events(draw, *, native=False):
    total = draw(st.sampled_from(SELECTORS))
    options = {}
    if draw(st.booleans()):
        options["by"] = ["route"]
    if draw(st.integers(0, 2)) == 0:
        options["min_events"] = draw(st.sampled_from([10, 100, 1000]))
    if draw(st.integers(0, 3)) == 0:
        options["no_traffic"] = "good"
    kind = draw(st.sampled_from(["good", "bad", "sums", "latency", "floor"]))
    if kind == "latency":
        bound = draw(st.sampled_from(["250ms", "1s", "2.5s", "0.00001"]))
        form = draw(st.sampled_from([{}, {"native": True}])) if native else {}
        return {"latency": {"histogram": 'h_seconds{job=~"x|y"}', "at_most": bound, **form, **options}}, 0
    if kind == "floor":
        form = draw(st.sampled_from([{}, {"native": True}])) if native else {}
        return {"floor": {"histogram": 'rate_per_debate{job="x"}', "at_least": 10, **form, **options}}, 0
    if kind == "sums":
        by = " by (route)" if "by" in options else ""
        bad = f"sum{by} (increase(errors_total[$window])) + sum{by} (increase(timeouts_total[$window]))"
        return {"ratio": {"total": f"sum{by} (increase(calls_total[$window]))", "bad": bad, **options}}, 0
    if kind == "bad":
        return {"ratio": {"total": total, "bad": 'errors_total{job="api"}', **options}}, 0
    return {"ratio": {"total": total, "good": NARROWED[total], **options}}, 0


@st.composite
def slices(draw, *, native=False):
    minutes = draw(st.sampled_from([1, 2, 3, 5, 10, 12, 15, 20, 30, 60, 120, 300]))
    common = {"slice": f"{minutes}m"}
    op = draw(st.sampled_from([">=", "<=", ">", "<"]))
    kind = draw(st.sampled_from(["quantile", "compare", "threshold", "value"]))
    if kind == "quantile":
        quantile = draw(st.sampled_from([0.5, 0.95, 0.99]))
        few = {"min_events": draw(st.sampled_from([1, 20, 5000]))} if draw(st.booleans()) else {}
        made = {"histogram": 'h_seconds{job="x"}', "quantile": quantile, "at_most": "200ms", **few, **common}
        return {"quantile": made}, minutes
    if kind == "compare":
        tolerance = draw(st.sampled_from(["2%", "5%", "20%"]))
        return {"compare": {"left": "a_total", "op": op, "right": "b_total", "tolerance": tolerance, **common}}, minutes
    if kind == "value":
        return {"threshold": {"value": draw(st.sampled_from(VALUES)), "op": op, "bound": "80%", **common}}, minutes
    bound = draw(st.sampled_from([0.8, 10, 1]))
    return {"threshold": {"value": 'pool{job="x"}', "op": op, "bound": bound, **common}}, minutes


@st.composite
def specs(draw, *, native=False):
    """Specs with one SLO; native histograms only where asked for, since promtool 2 knows other functions of them."""
    built_in = draw(st.sampled_from([None, *POLICIES]))
    objective = draw(st.sampled_from([*OBJECTIVES, "50%", "80%", "97%", "99.999%"] if built_in else OBJECTIVES))
    slo = {"name": "random", "objective": objective}
    kind = draw(st.integers(0, 6))
    if kind == 0:
        per = draw(st.sampled_from(["1h", "24h", "7d"]))
        slo["sli"] = {"count": {"counter": 'c_total{pod=~"p-.*"}', "fewer_than": draw(st.integers(1, 30)), "per": per}}
        if draw(st.booleans()):
            slo["sli"]["count"]["scope"] = "pod"
        del slo["objective"]
    else:
        slo["sli"], minutes = draw(events(native=native) if kind < 4 else slices(native=native))
        budget = 1 - float(objective.rstrip("%")) / 100
        own = {"name": "own", "tiers": list(draw(tiers(budget, max(minutes, 5))))}
        slo["alerting"] = {"policy": built_in or own}
    # A built-in policy is scaled to the period, to windows that are no round numbers.
    if built_in or draw(st.integers(0, 3)) == 0:
        slo["window"] = draw(st.sampled_from(PERIODS if built_in else ["7d", "28d", "90d"]))
    return {"version": "burnproof/v1", "service": "service", "scrape_interval": "15s", "slos": [slo]}


def compiled(folder, spec):
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    made = compile_specs([str(path)], kinds=("rules", "tests"))
    errors = [problem for problem in made.problems if problem.severity is Severity.ERROR]
    for name, text in made.files.items():
        target = folder / "out" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return errors, sorted((folder / "out" / "tests").glob("*.yaml")), made


@settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spec=specs(native=True))
def test_proofs_of_any_valid_spec_hold(tmp_path_factory, spec):
    """A spec that check lets pass compiles, and all its proofs pass on the embedded engine."""
    errors, tests, made = compiled(tmp_path_factory.mktemp("spec"), spec)
    assume(not errors)  # such as a window that equals the period

    versions = (3,) if is_native(spec) else (3, 2)  # of Prometheus, whose windows are left-open and closed
    results = [run_file(str(path), RunOptions(compat=version)) for path in tests for version in versions]

    assert [problem.code for problem in made.problems if problem.code == "unproved"] == []
    assert never_firing(tests) == set()
    assert [(r.path, t.name, t.failures) for r in results for t in r.tests if t.failures] == []
    assert all(not result.problems for result in results)


def never_firing(tests):
    """Give the tiers that proofs speak of and that fire in none of them."""
    found = {True: set(), False: set()}
    for path in tests:
        for test in yaml.safe_load(path.read_text())["tests"]:
            for check in test.get("promql_expr_test", ()):
                for tier in re.findall(r'slo_tier="(\w+)",alertstate="firing"', check["expr"]):
                    found[bool(check.get("exp_samples"))].add(tier)
    return found[False] - found[True]


@pytest.mark.slow
@pytest.mark.promtool
@settings(
    max_examples=max(2, EXAMPLES // 5),
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=PHASES,
)
@given(spec=specs())
def test_promtools_agree(tmp_path_factory, spec):
    """Each promtool accepts the rules and passes the proofs."""
    if not promtools():
        pytest.skip("no promtool")
    errors, tests, _ = compiled(tmp_path_factory.mktemp("spec"), spec)
    assume(not errors)
    rules = sorted(str(path) for path in tests[0].parent.parent.joinpath("rules").glob("*.yaml"))

    for tool in promtools():
        accepted(tool, rules, tests)


def accepted(tool, rules, tests):
    for arguments in (["check", "rules", *rules], ["test", "rules", *map(str, tests)]):
        done = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, f"{tool} {arguments[0]}: {done.stdout[-1500:]}{done.stderr[-1500:]}"


def is_native(spec):
    return "native" in next(iter(spec["slos"][0]["sli"].values()))


@pytest.mark.slow
@pytest.mark.promtool
@settings(max_examples=examples(3), derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spec=specs(native=True).filter(is_native))
def test_the_current_promtool_agrees_on_native_histograms(tmp_path_factory, spec):
    """Rules and proofs of native histograms pass where their functions are those of today."""
    current = [tool for tool in promtools() if tool.parent.name == "build"]
    if not current:
        pytest.skip("no current promtool: make promtool")
    errors, tests, _ = compiled(tmp_path_factory.mktemp("spec"), spec)
    assume(not errors)

    accepted(current[0], sorted(map(str, tests[0].parent.parent.joinpath("rules").glob("*.yaml"))), tests)


@settings(max_examples=examples(150), derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spec=specs(), data=st.data())
def test_a_broken_spec_is_refused(tmp_path_factory, spec, data):
    """One value replaced by what can never stand there: an error with its place, and nothing is written."""
    places = list(_places(spec))
    at = data.draw(st.sampled_from(places))
    holder = spec
    for key in at[:-1]:
        holder = holder[key]
    if isinstance(holder, dict):
        action = data.draw(st.sampled_from(["misspell", "nonsense"]))
        if action == "misspell":
            holder[f"{at[-1]}x"] = holder.pop(at[-1])
        else:
            holder[at[-1]] = {"un": {"expected": [1]}}
    else:
        holder[at[-1]] = {"un": {"expected": [1]}}

    errors, _, made = compiled(tmp_path_factory.mktemp("spec"), spec)

    assert errors
    assert all(problem.span is not None for problem in errors)
    assert dict(made.files) == {}


def _places(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*path, key)
        yield from _places(below, (*path, key))

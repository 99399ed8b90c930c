"""Composites: what several SLOs amount to together, proved, simulated and mutated like any other SLO."""

from __future__ import annotations

import re
import subprocess
from itertools import islice

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rulecases import Case, engines, load, run
from test_random_specs import EXAMPLES, PHASES, compiled, events, slices

from burnproof.compile import compile_specs
from burnproof.proofs import unproved
from burnproof.proofs.mutation.run import score, subjects
from burnproof.specs.resolve import slos_from_text
from places import PATIENCE, promtools, sampled
from promrules.mutation.mutants import mutants
from promrules.rule_tests.run import run_file

# Samples of the cases are a minute apart: no range of a window and a scrape begins at one, so that closed ranges hold
# what left-open ones do.
SHOP = """
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: cart
    objective: 99.9%
    sli: {ratio: {total: 'cart_total{job="c"}', bad: 'cart_total{job="c",code=~"5.."}'}}
  - name: pay
    objective: 99%
    sli: {latency: {histogram: 'pay_seconds{job="p"}', at_most: 500ms, buckets: [0.5, 1]}}
  - name: pay-ok
    objective: 99.5%
    sli: {ratio: {total: 'pay_seconds_count{job="p"}', good: 'pay_seconds_count{job="p",code!~"5.."}'}}
  - name: slow
    objective: 99%
    sli: {quantile: {histogram: 'search_seconds{job="s"}', quantile: p95, at_most: 300ms, slice: 5m, buckets: [0.3, 1]}}
  - name: temperature
    objective: 99%
    sli: {threshold: {value: 'gpu_temp{job="g"}', op: "<", bound: 80, slice: 5m}}
  - name: backlog
    objective: 99%
    sli: {compare: {left: 'done_total{job="q"}', op: ">=", right: 'in_total{job="q"}', tolerance: 5%, slice: 5m}}
  - name: journey
    objective: 99%
    sli: {composite: {weighted: {cart: 3, pay: 1}}}
  - name: payments
    objective: 99%
    sli: {composite: {weighted: {pay: 1, pay-ok: 2}}}
  - name: whole
    objective: 99%
    sli: {composite: {any_bad: [cart, slow, temperature], slice: 5m}}
  - name: paying
    objective: 99%
    sli: {composite: {any_bad: [pay, pay-ok], slice: 5m}}
"""
COMPOSITES = ("journey", "payments", "whole", "paying")
RATIO_1H = 'slo:sli_error:ratio_rate1h{slo_id="shop-journey"}'
IDENTITY = '{slo="journey",slo_id="shop-journey",slo_service="shop"}'


def only(name, folder):
    """Compile one composite without its members' own rules: it must stand alone."""
    spec = yaml.safe_load(SHOP)
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec))
    made = compile_specs([str(folder / "spec.yaml")], kinds=("rules", "tests"))
    assert [problem.code for problem in made.problems] == []
    for path, text in made.files.items():
        document = yaml.safe_load(text)
        if path.startswith("rules/"):
            document["groups"] = [g for g in document["groups"] if is_of(name, g["name"])]
        else:
            document["tests"] = [t for t in document["tests"] if t["name"].startswith(f"shop-{name}: ")]
            document["group_eval_order"] = [g for g in document["group_eval_order"] if is_of(name, g)]
        if path.startswith("rules/") or document["tests"]:
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(yaml.safe_dump(document, sort_keys=False))
    return sorted(str(path) for path in (folder / "tests").glob("*.yaml"))


def is_of(name, group):
    """Tell whether a group is an SLO's, or a later part of one of its groups."""
    return re.fullmatch(rf"slo-(history|windows|records|alerts)-shop-{name}(-\d+)?", group) is not None


@pytest.mark.parametrize("name", sampled(COMPOSITES, every=4))
def test_its_proofs_hold_without_the_rules_of_its_members(name, tmp_path):
    """A composite reads raw series: its rules need no others, in whatever file or order those stand."""
    tests = only(name, tmp_path)

    results = [run_file(path) for path in tests]

    assert sum(len(result.tests) for result in results) > 10
    assert [(t.name, t.failures) for result in results for t in result.tests if t.failures] == []


@pytest.mark.slow
@pytest.mark.promtool
@pytest.mark.parametrize("tool", promtools() or [pytest.param(None, marks=pytest.mark.skip(reason="no promtool"))])
def test_promtools_agree(tool, tmp_path):
    """Each promtool passes the proofs of weighted events and of slices of every kind."""
    for name in ("journey", "whole"):
        (tmp_path / name).mkdir()
        tests = only(name, tmp_path / name)
        done = subprocess.run(
            [tool, "test", "rules", *tests], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]


def up(per_minute, minutes=120, start=1000):
    return f"{start}+{per_minute}x{minutes}"


CASES = (
    Case(
        "a tenth of the cart's events is bad, which count three times",
        "journey",
        {
            'cart_total{job="c",code="200"}': up(90),
            'cart_total{job="c",code="500"}': up(10),
            'pay_seconds_count{job="p"}': up(300),
            'pay_seconds_bucket{job="p",le="0.5"}': up(300),
        },
        # (3 x 10 + 0) / (3 x 100 + 300) = 0.05
        values={("2h", f"round({RATIO_1H}, 0.0001)"): ((IDENTITY, 0.05),)},
        spec=SHOP,
    ),
    Case(
        "a member whose service has never been deployed takes no part",
        "journey",
        {'cart_total{job="c",code="200"}': up(90), 'cart_total{job="c",code="500"}': up(10)},
        values={("2h", f"round({RATIO_1H}, 0.0001)"): ((IDENTITY, 0.1),)},
        spec=SHOP,
    ),
    Case(
        "one member's outage burns the budget of the whole as fast as its weight says",
        "journey",
        {
            'cart_total{job="c",code="200"}': f"1000+100x60 {7000}+0x60",
            'cart_total{job="c",code="500"}': "0+0x60 100+100x59",
            'pay_seconds_count{job="p"}': up(100),
            'pay_seconds_bucket{job="p",le="0.5"}': up(100),
        },
        # 3/4 of all weighted events are bad: 14.4 x 1 % of an hour is reached after 12 minutes, and 6 x 1 % of all the
        # time that was seen, an hour and 6 minutes, after those 6.
        firing={"60m": "", "65m": "", "66m": "6h", "71m": "6h", "72m": "1h 6h"},
        spec=SHOP,
    ),
)


@pytest.mark.parametrize("engine", sampled(engines(), every=2))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_weighted_events(case, engine, tmp_path):
    """The error ratio is sum(weight x bad) / sum(weight x total), on every engine."""
    run(case, engine, tmp_path)


def slices_of_five_minutes(slow, hot, *, cart=True):
    """Two hours in which search is slow and a GPU is hot in given slices, counted from 0."""
    within, total, level = [1000], [1000], [60]
    for minute in range(120):
        late = minute // 5 in slow
        within.append(within[-1] + (0 if late else 100))
        total.append(total[-1] + 100)
        level.append(90 if (minute + 1) // 5 in hot else 60)
    series = {
        'search_seconds_bucket{job="s",le="0.3"}': within,
        'search_seconds_bucket{job="s",le="1"}': total,
        'search_seconds_bucket{job="s",le="+Inf"}': total,
        'search_seconds_count{job="s"}': total,
        'gpu_temp{job="g"}': level,
    }
    made = {name: " ".join(map(str, values)) for name, values in series.items()}
    return made | ({'cart_total{job="c",code="200"}': up(100)} if cart else {})


BAD_2H = 'sum_over_time(slo:slice_errors:bool{slo_id="shop-whole"}[2h:5m])'
LATER = "slo:slice_value:current"
ANY = (
    Case(
        "slices are bad where one member is, and once where two are",
        "whole",
        # A gauge is judged by its value at the end of a slice, a quantile by all that was seen in it.
        slices_of_five_minutes(slow={3, 7}, hot={8, 12}),
        values={("2h", BAD_2H): (('{slo="whole",slo_id="shop-whole",slo_service="shop"}', 3),)},
        spec=SHOP,
    ),
    Case(
        "the value says how many members are bad",
        "whole",
        slices_of_five_minutes(slow={7}, hot={8}),
        values={("40m", LATER): ((f'{LATER}{{slo="whole",slo_id="shop-whole",slo_service="shop"}}', 2),)},
        spec=SHOP,
    ),
)


@pytest.mark.parametrize("engine", sampled(engines(), every=2))
@pytest.mark.parametrize("case", ANY, ids=lambda case: case.name)
def test_slices_of_several(case, engine, tmp_path):
    """A slice is bad where any member is bad in it, on every engine."""
    run(case, engine, tmp_path)


def test_a_member_may_live_in_another_service():
    """service/name and the id both find it, and what it is comes from there."""
    other = (
        "version: burnproof/v1\nservice: pay\nslos:\n  - {name: ok, objective: 99%, sli: {ratio: {total: a, bad: b}}}\n"
    )
    other += "  - {name: bad, objective: 99%, sli: {ratio: {total: a, good: c}}}\n"
    text = f"""{other}---
version: burnproof/v1
service: shop
slos:
  - {{name: one, objective: 98%, sli: {{composite: {{weighted: {{pay/ok: 2, pay-bad: 1}}}}}}}}
"""
    loaded = slos_from_text("two.yaml", text)

    assert [problem.message for problem in loaded.problems] == []
    composite = loaded.slos[-1].indicator

    assert [(str(weight), slo.id) for weight, slo in composite.members] == [("2", "pay-ok"), ("1", "pay-bad")]


def test_a_comparison_in_any_bad_is_unproved():
    """It judges a slice some time after its end; `check` says that such a composite has no proofs."""
    spec = SHOP.replace("any_bad: [cart, slow, temperature]", "any_bad: [cart, backlog]")

    assert [slo.name for slo in unproved(load(spec))] == ["whole"]


def test_idle_slices_are_those_in_which_nobody_can_be_judged():
    """Members that rest when traffic does leave no slice; a gauge, or idle time declared good, does."""
    found = {slo.name: slo.no_traffic for slo in load(SHOP) if slo.name in ("whole", "paying")}

    assert found == {"whole": "good", "paying": "ignore"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "share"), [("journey", 0.75), ("whole", 0.8)])
def test_most_of_a_sample_of_changes_are_noticed(name, share, tmp_path, monkeypatch):
    """Each fifteenth change of the rules, of all kinds; more of them are tried below."""
    monkeypatch.setattr("promrules.mutation.run.mutants", lambda *told: islice(mutants(*told), 0, None, 15))
    only(name, tmp_path)

    scored = [score(subject) for subject in subjects(tmp_path)]
    killed, total = (sum(getattr(one, what) for one in scored) for what in ("killed", "total"))

    assert total >= 5
    assert killed / total >= share, [f"{each.rule}: {each.change}" for one in scored for each in one.missed]


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "share"), [("journey", 0.75), ("whole", 0.8), ("paying", 0.75)])
def test_most_changes_of_its_rules_are_noticed(name, share, tmp_path, monkeypatch):
    """Each fifth change: what is missed are fall-backs for gaps of the rules, and ranges a step longer or shorter."""
    monkeypatch.setattr("promrules.mutation.run.mutants", lambda *told: islice(mutants(*told), 0, None, 5))
    only(name, tmp_path)

    scored = [score(subject) for subject in subjects(tmp_path)]
    killed, total = (sum(getattr(one, what) for one in scored) for what in ("killed", "total"))

    assert killed / total >= share, [f"{each.rule}: {each.change}" for one in scored for each in one.missed]


@st.composite
def composites(draw):
    weighted = draw(st.booleans())
    members = draw(st.lists(events() if weighted else st.one_of(events(), slices()), min_size=2, max_size=3))
    slos, lengths = [], {minutes for _, minutes in members if minutes}
    length = min(lengths, default=5)
    for number, (sli, minutes) in enumerate(members):
        body = next(iter(sli.values()))
        if minutes:
            body["slice"] = f"{length}m"
        slos.append({"name": f"m{number}", "objective": draw(st.sampled_from(["95%", "99%", "99.9%"])), "sli": sli})
    names = [slo["name"] for slo in slos]
    if weighted:
        made = {"weighted": {name: draw(st.sampled_from([1, 2, 0.5, 7])) for name in names}}
        if draw(st.booleans()):
            made["min_events"] = 500
    else:
        made = {"any_bad": names, "slice": f"{length}m"}
    if all("by" in next(iter(slo["sli"].values())) for slo in slos):
        made["by"] = ["route"]
    slos.append({"name": "all", "objective": draw(st.sampled_from(["90%", "99%"])), "sli": {"composite": made}})
    return {"version": "burnproof/v1", "service": "service", "scrape_interval": "15s", "slos": slos}


@settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(spec=composites())
def test_proofs_of_any_composite_hold(tmp_path_factory, spec):
    """Random members, weights and slices: what compiles has proofs that pass, or says that it has none."""
    errors, tests, _ = compiled(tmp_path_factory.mktemp("spec"), spec)
    results = [run_file(str(path)) for path in tests]
    failed = [(t.name, t.failures) for r in results for t in r.tests if t.failures]

    assert {problem.code for problem in errors} <= {"mixed-functions", "tier-unreachable"}
    assert failed == []

"""Series are found for queries of everyday forms, within a budget, and the proofs made of them hold."""

from __future__ import annotations

from fractions import Fraction

import pytest

from burnproof.compile import compile_specs
from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.proofs import unproved
from burnproof.proofs.series import event_solver
from burnproof.proofs.series.event_solver import EventSolver
from burnproof.proofs.series.look_back import LookingBack
from burnproof.proofs.series.steady import Steady, UnsteadyError
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.specs.resolve import slos_from_text
from promrules.rule_tests.run import run_file
from promrules.syntax.labels import labels_of
from promrules.syntax.parse import parse

UP = 'up{app="k"}'
PROBES = 'p{t=~"x-.*-y"}[$window]'
ALL = f"count_over_time({PROBES})"
RELABELLED = 'label_replace(%s, "c", "$1", "t", "x-(.*)-y")'
EVENTS = {
    "clamp": (
        "sum by (c) (rate(a_count[$window]))",
        'clamp_min(sum by (c) (rate(a_count[$window])) - sum by (c) (rate(b_bucket{le="2.5"}[$window])), 0)',
    ),
    "join": (
        "sum by (c) (rate(a_total[$window]) * on (app) group_left (c) app_info)",
        'sum by (c) (rate(a_total{code=~"5.."}[$window]) * on (app) group_left (c) app_info)',
    ),
    "states": (
        'sum by (c) (count_over_time(ready{status="true"}[$window]))',
        'sum by (c) (sum_over_time(ready{status!="true"}[$window]) and on (c) off == 0 and on (c) time() - made > 600)',
    ),
    "relabelled": (
        f"sum by (c) ({RELABELLED % ALL})",
        f"sum by (c) ({RELABELLED % f'{ALL} - sum_over_time({PROBES})'})",
    ),
    "joined": (
        'sum by (c) (label_join(rate(a_total[$window]), "c", "-", "x", "y"))',
        'sum by (c) (label_join(rate(a_total{code=~"5.."}[$window]), "c", "-", "x", "y"))',
    ),
    "gauges": ("sum by (c) (sum_over_time(desired[$window]))", "sum by (c) (sum_over_time(unavailable[$window]))"),
    "samples": (f"sum by (c) (count_over_time({UP}[$window]))", f"sum by (c) (sum_over_time((1 - {UP})[$window:1m]))"),
    "filtered": (
        "sum by (c) (count_over_time(used[$window:1m]))",
        "sum by (c) (count_over_time((used / limit >= 0.7)[$window:1m]))",
    ),
    "recorded": ("sum by (c) (avg_over_time(c:a:rate1m[$window]))", "sum by (c) (avg_over_time(c:b:rate1m[$window]))"),
    "maintenance": (
        "sum by (c) (rate(a_total[$window])) unless on (c) maintenance == 1",
        'sum by (c) (rate(a_total{code=~"5.."}[$window])) unless on (c) maintenance == 1',
    ),
    "looking back": (
        "sum by (c) (rate(a_total[$window] offset 5m))",
        'sum by (c) (rate(a_total{code=~"5.."}[$window] offset 5m))',
    ),
    "replicas": (
        "sum by (c) (max by (c, pod, code) (rate(a_total[$window])))",
        'sum by (c) (max by (c, pod, code) (rate(a_total{code=~"5.."}[$window])))',
    ),
    "per minute": (
        "sum by (c) (rate(a_total[$window])) * 60",
        "(sum by (c) (rate(a_total[$window])) - sum by (c) (rate(b_total[$window]))) * 60",
    ),
}
VALUES = {
    "fresh": ("time() - max by (c) (last_over_time(ts_seconds[30m]))", "<=", "6h", "5m"),
    "clamped": ("clamp_max(sum by (c) (level), 200)", "<", "100", "5m"),
    "worst": ("max by (c) (max_over_time(lag[2m]))", "<=", "100", "1m"),
    "mean": ("avg by (c) (avg_over_time(lag[10m]))", "<=", "100", "5m"),
    "rising": ("sum by (c) (rate(e_total[10m]))", "<", "1", "5m"),
}


def spec(name):
    head = "version: burnproof/v1\nservice: shop\nscrape_interval: 1m\nslos:\n"
    if name in EVENTS:
        total, bad = (text.replace("'", "''") for text in EVENTS[name])
        sli = f"{{ratio: {{by: [c], total: '{total}', bad: '{bad}'}}}}"
    else:
        value, op, bound, length = VALUES[name]
        sli = f"{{threshold: {{by: [c], value: '{value}', op: \"{op}\", bound: {bound}, slice: {length}}}}}"
    return f"{head}  - {{name: x, objective: 99%, sli: {sli}}}\n"


def load(name):
    loaded = slos_from_text("spec.yaml", spec(name))
    assert [one for one in loaded.problems if one.severity == "error"] == []
    return loaded.slos


@pytest.mark.parametrize("name", [*EVENTS, *VALUES])
def test_series_are_found_for_everyday_forms(name):
    assert list(unproved(load(name))) == []


def proved(name, folder):
    """Run the proofs of a form; give how many there are, and what failed."""
    files = render(make_plan(load(name)), {}, None, ("rules", "tests"))
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    results = [run_file(str(path)) for path in sorted((folder / "tests").iterdir())]
    return sum(len(result.tests) for result in results), [one.name for r in results for one in r.tests if one.failures]


def test_proofs_of_a_join_hold(tmp_path):
    count, failed = proved("states", tmp_path)

    assert count >= 5
    assert failed == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EVENTS, *VALUES])
def test_proofs_of_everyday_forms_hold(name, tmp_path):
    count, failed = proved(name, tmp_path)

    assert count >= 3
    assert failed == []


def test_a_search_ends_within_its_budget(monkeypatch):
    """Of a query that no series can tell, all that may be tried is tried, and no more."""
    monkeypatch.setattr(event_solver, "MOST_EVALUATIONS", 50)
    text = spec("join").replace("app_info)'", "app_info * 0)'")
    (slo,) = slos_from_text("spec.yaml", text).slos
    solver = EventSolver(slo.indicator, slo.by, (("c", "c-1"),))

    assert solver.solve() is None
    assert solver.left >= -1


A, B = (labels_of({"__name__": "a", "x": x}) for x in "12")
INFO = labels_of({"__name__": "info", "x": "1", "team": "t"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(rate(a[5m]))", {(): 5}),
        ("sum by (x) (a)", {(("x", "1"),): 2, (("x", "2"),): 3}),
        ("max without (x) (a)", {(): 3}),
        ("avg(a) * 2 - 1", {(): 4}),
        ("a > 2", {B: 3}),
        ("a > bool 2", {B[1:]: 1, A[1:]: 0}),
        ("2 < a", {B: 3}),
        ("count(a == 2)", {(): 1}),
        ("a * on (x) group_left (team) info", {(("team", "t"), ("x", "1")): 14}),
        ("a unless on (x) info", {B: 3}),
        ("a and on (x) info == 7", {A: 2}),
        ("sum(a) or vector(9)", {(): 5}),
        ("sum(b) or vector(9)", {(): 9}),
        ("clamp_max(a, 1) - a", {(("x", "1"),): -1, (("x", "2"),): -2}),
        ("-sum(a)", {(): -5}),
        ("sum(a) / scalar(info)", {(): Fraction(5, 7)}),
        ("time() - sum(a)", {(): 95}),
        ("sum(count_over_time(a[5m]))", {(): 2}),
        ('sum by (y) (label_replace(a, "y", "v$1", "x", "(.)"))', {(("y", "v1"),): 2, (("y", "v2"),): 3}),
    ],
)
def test_what_a_query_gives_of_steady_series_is_known(text, expected):
    levels = {A: Fraction(2), B: Fraction(3), INFO: Fraction(7)}

    assert Steady(parse(text), levels).value(levels, Fraction(100)) == expected


@pytest.mark.parametrize(
    "text",
    ["histogram_quantile(0.9, a)", "stddev(a)", "a @ 5", "a / 0", "a + ignoring (x) a", "rate(sum(a)[5m:1m])", "ln(a)"],
)
def test_what_levels_do_not_tell_is_not_guessed(text):
    levels = {A: Fraction(2), B: Fraction(3)}

    with pytest.raises(UnsteadyError):
        Steady(parse(text), levels).value(levels)


class Told:
    """A feed that gives the story that it is told."""

    def series(self, story, _sample, *, without=None):
        return None if without else story


def test_bad_samples_end_before_the_slices_that_they_make_bad():
    story = Timeline((Stretch(600), Stretch(300, share=1), Stretch(600)))
    shorter = Timeline((Stretch(600), Stretch(225, share=1), Stretch(75), Stretch(600)))

    assert LookingBack(Told(), 60).series(story, 15) == shorter
    assert LookingBack(Told(), 290).series(story, 15) is None


def test_a_service_of_counts_alone_compiles(tmp_path):
    sli = "{count: {counter: f_total, fewer_than: 2, per: 24h}}"
    text = f"version: burnproof/v1\nservice: backups\nslos:\n  - {{name: failed, sli: {sli}}}\n"
    (tmp_path / "a.yaml").write_text(text)

    assert compile_specs([str(tmp_path / "a.yaml")]).problems == ()

"""Values of thresholds are solved for the series that make them good or bad, and the proofs made of these hold."""

from __future__ import annotations

from decimal import Decimal

import pytest

from burnproof.compile.plan import make_plan
from burnproof.model.quantities import duration
from burnproof.model.slo import Query
from burnproof.output.render import render
from burnproof.proofs import unproved
from burnproof.proofs.series.generators import groups_of
from burnproof.proofs.series.value_solver import value_feed
from burnproof.proofs.timeline import Stretch, Timeline
from burnproof.specs.resolve import slos_from_text
from places import sampled
from promrules.rule_tests.run import run_file
from simulated import run, slo_of

RATIO = 'sum(rate(r_total{status=~"5.."}[$window])) / sum(rate(r_total[$window]))'
FORMS = [
    ("sum(in_use) / sum(size)", "<", "80%"),
    ('max(connections{job="x"}) / 30', "<", "80%"),
    ('used_bytes{job="a"} / limit_bytes * 100', "<", "80"),
    ('sum(pool{state="used"}) / sum(pool)', "<", "70%"),
    ("sum by (x) (a) / sum by (x) (b)", "<", "2"),
    ("avg_over_time(cpu[$window])", "<", "80%"),
    ("sum(active)", "<=", "100"),
    ('sum(rate(requests_total{job="x"}[$window]))', ">", "10"),
    ("sum(increase(errors_total[$window]))", "<", "5"),
    ('sum(rate(requests_total{job="x"}[$window])) > 0', ">=", "4.5"),
    ("sum(rate(requests_total[$window])) and on () (sum(in_flight) >= 10)", ">=", "4.5"),
    ('time() - max(last_success_timestamp_seconds{job="x"})', "<", "7200"),
    ("(time() - last_success_seconds) / 60", "<=", "30"),
    ("time() - last_success_ms / 1000", "<", "600"),
    ("(min(probe_ssl_earliest_cert_expiry) - time()) / 86400", ">", "14"),
    ('sum(up{job="x"}) / count(up{job="x"})', ">=", "60%"),
    ("sum(irate(requests_total[5m]))", ">", "10"),
    (RATIO, "<=", "1%"),
    (f"100 * {RATIO}", "<", "1"),
    (RATIO.replace("=~", "!~").replace("sum(", "1 - sum(", 1), "<=", "1%"),
]
SPEC = """
version: burnproof/v1
service: shop
scrape_interval: 15s
slos:
  - {name: value, objective: 99%%, sli: {threshold: {value: '%s', op: "%s", bound: %s, slice: %s}}}
"""


def failures(slos, folder):
    """Compile objectives and run their proofs; give what failed."""
    files = render(make_plan(slos), {}, None, ("rules", "tests"))
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    results = [run_file(str(path)) for path in sorted((folder / "tests").iterdir())]
    assert sum(len(result.tests) for result in results) >= 6
    return [failure for result in results for test in result.tests for failure in test.failures]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_good_and_bad_series_give_values_on_either_side_of_the_bound(form):
    """The engine reads off the solved series what was wanted, a tenth of the bound away from it."""
    slo = slo_of(SPEC % (*form, "1m"))
    feed = value_feed(slo.indicator.value, slo.indicator.op, slo.indicator.bound, slo.indicator.slice, ())
    story = Timeline((Stretch(1800), Stretch(1800, share=Decimal(1))))
    series = {item.series: item.values for item in feed.series(story, 15)}
    done = run(slo, series, "1h", interval="15s")
    bound = float(slo.indicator.bound)
    good, bad = (done.value("slo:slice_value:current", at) for at in ("25m", "55m"))

    assert sorted((good, bad)) == [pytest.approx(bound * 0.9), pytest.approx(bound * 1.1)]
    assert (good < bad) == (form[1] in ("<", "<="))


@pytest.mark.parametrize(
    ("form", "length"),
    sampled(
        [
            *((form, length) for form in FORMS[::2] for length in ("1m", "5m")),
            # Samples of these slices do not meet every evaluation, so that a clock is a little older then.
            *((("time() - max(last_success_seconds)", "<", "600"), length) for length in ("3m", "12m", "15m")),
        ],
        every=12,
        first=1,
    ),
    ids=str,
)
def test_their_proofs_hold(form, length, tmp_path):
    loaded = slos_from_text("spec.yaml", SPEC % (*form, length))
    assert loaded.problems == ()

    assert failures(loaded.slos, tmp_path) == []


GROUPED = [
    ('time() - b_ts{dataset="billing"}', "26h", "dataset", 1),
    ('max by (g) (lag{g=~"o-.+"})', "100", "g", 2),
    ('sum by (g) (lag{g=~"a|b"})', "100", "g", 2),
    ('max by (g) (lag{g=~"shard-\\\\d+"})', "100", "g", 2),
    ('max by (g) (lag{g=~"o-[a-z]{2,3}",g!="o-aa"}) + 5', "100", "g", 1),
    ('sum by (g) (used{g="x"}) / sum by (g) (size{g="x"})', "80%", "g", 1),
]


@pytest.mark.parametrize(("query", "bound", "by", "groups"), sampled(GROUPED, every=3), ids=str)
def test_groups_are_values_that_the_matchers_let_pass(query, bound, by, groups, tmp_path):
    text = (SPEC % (query, "<", bound, "5m")).replace("slice: 5m", f"slice: 5m, by: {by}")
    loaded = slos_from_text("spec.yaml", text)

    assert list(unproved(loaded.slos)) == []
    assert len(groups_of(loaded.slos[0])) == groups
    assert failures(loaded.slos, tmp_path) == []


@pytest.mark.parametrize(
    ("query", "op"),
    [
        ("min(up)", "=="),
        ("a * b", "<"),
        ("a / b / c", "<"),
        ("sum(a) / b", "<"),
        ('a{x="1"} / a{x="2"}', "<"),
        ("quantile(0.9, a)", "<"),
        ("sum(a) / sum(rate(b[5m])) and c", "<"),
        ("deriv(a[5m])", "<"),
        ("time() - sum(a)", "<"),
        ("sum(up) / count(other)", "<"),
    ],
)
def test_what_is_no_part_or_quotient_has_no_series(query, op):
    """Nothing is guessed: other means may solve these, or the SLO is said to be unproved."""
    assert value_feed(Query(query, is_selector=False), op, Decimal(1), duration("1m"), ()) is None


def test_all_forms_are_proved():
    for form in FORMS:
        assert list(unproved([slo_of(SPEC % (*form, "1m"))])) == []

"""What is written measures the same as what was read: compared through the engine, on random series, to 1e-9."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from importing import of_raw, of_sloth

from burnproof.importers.result_groups import result_groups
from burnproof.model.quantities import Duration, duration
from burnproof.model.slo import Query
from burnproof.rules import selectors
from places import sampled
from promrules.columns.series import Series, Storage
from promrules.engine import evaluate
from promrules.syntax.labels import labels_of
from promrules.syntax.parse import parse
from simulated import run

W = "[{{.window}}]"
REQUESTS = 'http_requests_total{job="api"}'
FAILED = 'http_requests_total{job="api",code=~"5.."}'
GOOD = 'http_requests_total{job="api",code!~"5.."}'
COUNT = 'latency_seconds_count{job="api"}'
BUCKET = 'latency_seconds_bucket{job="api",le="0.25"}'
BY_REGEX = 'latency_seconds_bucket{job="api",le=~"0.25|0.250"}'
INF = 'latency_seconds_bucket{job="api",le="+Inf"}'


def rate(selector, by=""):
    return f"sum{by}(rate({selector}{W}))"


# What it becomes, and the two queries.
EVENTS = {
    "bare selectors": ("ratio", rate(FAILED), rate(REQUESTS)),
    "increase": ("ratio", rate(FAILED).replace("rate", "increase"), rate(REQUESTS).replace("rate", "increase")),
    "groups": ("ratio", rate(FAILED, " by (zone) "), rate(REQUESTS, " by (zone) ")),
    "all but the good": ("ratio", f"{rate(REQUESTS)} - {rate(GOOD)}", rate(REQUESTS)),
    "filled with zeros": ("ratio", f"{rate(FAILED)} OR on() vector(0)", rate(REQUESTS)),
    "zero times all": ("ratio", f"({rate(FAILED)} or 0 * {rate(REQUESTS)})", rate(REQUESTS)),
    "idle hidden": ("ratio", rate(FAILED), f"({rate(REQUESTS)} > 0)"),
    "brackets": ("ratio", f"(({rate(FAILED)}))", f"({rate(REQUESTS)})"),
    "two kinds of errors": (
        "ratio",
        rate('http_requests_total{job="api",code="500"}') + " + " + rate('http_requests_total{job="api",code="404"}'),
        rate(REQUESTS),
    ),
    "a bucket": ("latency", f"{rate(COUNT)} - {rate(BUCKET)}", rate(COUNT)),
    "of the last bucket": ("latency", f"{rate(INF)} - {rate(BUCKET)}", rate(INF)),
    "both alls": ("latency", f"{rate(INF)} - {rate(BUCKET)}", rate(COUNT)),
    "a bucket by regex": (
        "latency",
        f"{rate(COUNT)} - {rate(BY_REGEX)}",
        rate(COUNT),
    ),
    "bad below": ("floor", rate(BUCKET), rate(COUNT)),
    "another factor": ("ratio", f"{rate(FAILED)} * 2", rate(REQUESTS)),
    "label_replace": (
        "ratio",
        f'sum(label_replace(rate({FAILED}{W}), "c", "$1", "code", "(.).*"))',
        rate(REQUESTS),
    ),
    "clamp_min": ("ratio", rate(FAILED), f"clamp_min({rate(REQUESTS)}, 0.1)"),
    "a join": (
        "ratio",
        f"sum(rate({FAILED}{W}) * on (zone) group_left () max by (zone) (zone_up))",
        f"sum(rate({REQUESTS}{W}))",
    ),
    "a probe": (
        "ratio",
        f"sum(count_over_time(zone_up{W})) - sum(sum_over_time(zone_up{W}))",
        f"sum(count_over_time(zone_up{W}))",
    ),
    "a subquery": (
        "ratio",
        f"sum_over_time((count(zone_up < 1)){W[:-1]}:]) or vector(0)",
        f"sum_over_time((count(zone_up)){W[:-1]}:])",
    ),
}
RAW = {
    "a quotient": ("ratio", f"{rate(FAILED)} / {rate(REQUESTS)}"),
    "1 - a quotient": ("ratio", f"1 - ({rate(GOOD)} / {rate(REQUESTS)})"),
    "1 - above": ("ratio", f"1 - (1 - {rate(FAILED)} / {rate(REQUESTS)})"),
    "1 - a bucket": ("latency", f"1 - ({rate(BUCKET)} / {rate(COUNT)})"),
    "a difference above": ("ratio", f"({rate(REQUESTS)} - {rate(GOOD)}) / {rate(REQUESTS)}"),
    "a mean of series": ("ratio", f"avg(1 - avg_over_time(zone_up{W}))"),
    "1 - a mean of series": ("ratio", f"1 - avg(avg_over_time(zone_up{W}))"),
    "of one gauge": ("ratio", f'1 - avg_over_time(zone_up{{zone="a"}}{W})'),
    "sums of a gauge": ("ratio", f"1 - sum(sum_over_time(zone_up{W})) / sum(count_over_time(zone_up{W}))"),
    "no quotient": ("ratio", f"clamp_max({rate(FAILED)} / {rate(REQUESTS)}, 0.5)"),
}
MINUTES = 7 * 60


def random_series(seed):
    """Give counters with pauses and resets, a histogram, and a gauge of 0 and 1; a sample a minute."""
    chance = np.random.default_rng(seed)
    storage = Storage()
    times = np.arange(MINUTES + 1, dtype=np.int64) * 60_000

    def add(name, values, **labels):
        storage.add(Series(labels_of({"__name__": name, **labels}), times, values.astype(float)))

    for code, zone in itertools.product(("200", "404", "500"), ("a", "b")):
        growth = chance.integers(0, 400 if code == "200" else 40, MINUTES + 1) * (chance.random(MINUTES + 1) < 0.9)
        values = np.cumsum(growth)
        at = int(chance.integers(60, MINUTES))
        values[at:] -= values[at - 1]
        add("http_requests_total", values, job="api", code=code, zone=zone)
        add("http_requests_total", np.cumsum(growth * 3), job="other", code=code, zone=zone)
    slow, quick = (np.cumsum(chance.integers(0, 100, MINUTES + 1)) for _ in range(2))
    for le, values in (("0.25", quick), ("1", quick + slow // 2), ("+Inf", quick + slow)):
        add("latency_seconds_bucket", values, job="api", le=le)
    add("latency_seconds_count", quick + slow, job="api")
    for zone in ("a", "b"):
        add("zone_up", (chance.random(MINUTES + 1) < 0.8).astype(float), zone=zone)
    return storage


def value(text, storage, at):
    found = evaluate(parse(text), storage, np.array([at], dtype=np.int64)).value
    return {
        dict(labels).get("zone", ""): float(cell)
        for labels, row, there in zip(found.labels, found.values, found.present, strict=True)
        if there[0]
        for cell in [row[0]]
    }


def compare(slo, was, seed):
    """Run the rules over random series, and compare each ratio with the old query at many times."""
    storage = random_series(seed)
    raw = random_series(seed)
    done = run(slo, storage, f"{MINUTES}m")
    compared = 0
    for window, at in itertools.product(("5m", "30m", "1h", "6h"), range(6 * 60 + 10, MINUTES, 7)):
        ranged = selectors.with_window(Query(was, is_selector=False), duration(window), Duration(60_000))
        old = value(ranged, raw, at * 60_000)
        new = value(f'slo:sli_error:ratio_rate{window}{{slo_id="{slo.id}"}}', done.evaluation.storage, at * 60_000)
        old = {zone: ratio for zone, ratio in old.items() if not np.isnan(ratio)}
        if window in ("2h", "6h"):
            continue  # recorded every few minutes
        if slo.by == () and len(old) == 1:
            old = {"": next(iter(old.values()))}  # of one series, all of them are that one
        assert new.keys() == old.keys(), (window, at)
        for zone, ratio in old.items():
            assert new[zone] == pytest.approx(ratio, rel=1e-9, abs=1e-9), (window, at)
            compared += 1
    assert compared > 20


def old_text(text):
    return text.replace("{{.window}}", "$window")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("kind", "bad", "total"), sampled(list(EVENTS.values()), 5, 1), ids=EVENTS)
def test_two_queries_keep_their_meaning(tmp_path, kind, bad, total, seed):
    made = of_sloth(tmp_path, bad, total)

    assert list(made.slo["sli"]) == [kind], made.messages
    compare(made.slos[0], f"({old_text(bad)}) / ({old_text(total)})", seed)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("kind", "ratio"), sampled(list(RAW.values()), 5, 1), ids=RAW)
def test_one_query_keeps_its_meaning(tmp_path, kind, ratio, seed):
    made = of_raw(tmp_path, ratio)

    assert list(made.slo["sli"]) == [kind], made.messages
    compare(made.slos[0], old_text(ratio), seed)


def test_the_comparison_can_fail(tmp_path):
    made = of_sloth(tmp_path, rate(FAILED), rate(REQUESTS))

    with pytest.raises(AssertionError):
        compare(made.slos[0], old_text(f"{rate(GOOD)} / {rate(REQUESTS)}"), 1)


SIMPLE = {
    "bare selectors": {"ratio": {"total": REQUESTS.replace(",", ", "), "bad": FAILED.replace(",", ", ")}},
    "groups": {"ratio": {"total": REQUESTS, "bad": FAILED.replace(",", ", "), "by": ["zone"]}},
    "all but the good": {"ratio": {"total": REQUESTS, "good": GOOD.replace(",", ", ")}},
    "a bucket": {"latency": {"histogram": 'latency_seconds{job="api"}', "at_most": "250ms"}},
    "bad below": {"floor": {"histogram": 'latency_seconds{job="api"}', "more_than": "250ms"}},
}


@pytest.mark.parametrize(("name", "sli"), SIMPLE.items(), ids=SIMPLE)
def test_the_simplest_form_is_written(tmp_path, name, sli):
    _, bad, total = EVENTS[name]

    assert of_sloth(tmp_path, bad, total).slo["sli"] == sli


def test_a_query_that_fits_no_pattern_stays_as_it_was_written(tmp_path):
    bad = f"sum(label_replace(rate({FAILED}{W}), 'c',   '$1', 'code', '(.).*'))"

    assert of_sloth(tmp_path, bad, rate(REQUESTS)).slo["sli"]["ratio"]["bad"] == old_text(bad)


def test_the_mean_of_up_is_a_probe(tmp_path):
    assert of_raw(tmp_path, f'1 - avg_over_time(up{{job="x"}}{W})').slo["sli"] == {"probe": {"gauge": 'up{job="x"}'}}


def test_sides_that_never_match_are_refused(tmp_path):
    made = of_sloth(tmp_path, rate(FAILED, " by (a) "), rate(REQUESTS, " by (b) "))

    assert made.files == {}
    assert "summed by (a) and by (b), so they never match" in made.messages


def test_a_rate_out_of_an_increase_is_refused(tmp_path):
    made = of_sloth(tmp_path, rate(FAILED), rate(REQUESTS).replace("rate", "increase"))

    assert made.files == {}
    assert "[mixed-functions]" in made.messages


def test_series_that_were_ratios_of_their_own_are_named(tmp_path):
    made = of_sloth(tmp_path, f"rate({FAILED}{W})", f"rate({REQUESTS}{W})")

    assert made.codes == ["carried-otherwise"]
    assert "each series was a ratio of its own" in made.messages


GROUPS = {
    "sum by (a) (rate(x[5m]))": ("a",),
    "sum(rate(x[5m]))": (),
    "rate(x[5m])": None,
    "histogram_quantile(0.9, sum by (le, a) (rate(x_bucket[5m])))": ("a",),
    "sum by (a) (x) / on (a) group_left () y": ("a",),
    "x / on (b) y": ("b",),
    "count_over_time((sum by (a) (x))[5m:])": ("a",),
    'label_replace(sum(x), "a", "$1", "b", "(.*)")': None,
    "topk by (a) (1, x)": None,
    "vector(1)": (),
    "clamp_min(sum by (a) (x), 1)": ("a",),
    "2 * sum by (a) (x)": ("a",),
}


@pytest.mark.parametrize(("expr", "labels"), GROUPS.items(), ids=GROUPS)
def test_labels_of_results(expr, labels):
    assert result_groups(parse(expr)) == labels

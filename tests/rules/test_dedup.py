"""Replicas of one scrape are taken out of every read, and a proof fails where they are not."""

from __future__ import annotations

import re

import pytest

from burnproof.compile.plan import make_plan, rule_groups
from burnproof.model import naming
from burnproof.output.render import render
from burnproof.proofs import unproved
from burnproof.proofs.series.replicas import late
from burnproof.specs.resolve import slos_from_text
from places import sampled
from promrules.rule_tests.run import run_file
from promrules.syntax.dedup import deduplicated
from promrules.syntax.nodes import Aggregate, MatrixSelector, VectorSelector, children
from promrules.syntax.parse import parse
from simulated import run, slo_of

HEAD = """
version: burnproof/v1
service: shop
scrape_interval: 30s
window: 3d
policies:
  - {name: own, tiers: [{factor: 10, long: 1h, short: 5m, severity: page}, {factor: 2, long: 1d, severity: ticket}]}
alerting: {policy: own}
slos:
"""
RATIO = "ratio: {total: a_total, bad: 'a_total{code=~\"5..\"}'"
KINDS = {
    "ratio": RATIO,
    "expression": "ratio: {total: 'sum(rate(a_total[$window]))', good: 'sum(rate(a_total{code!~\"5..\"}[$window]))'",
    "increase": "ratio: {total: 'sum(increase(a_total[$window]))', bad: 'sum(increase(b_total[$window]))'",
    "latency": "latency: {histogram: h_seconds, at_most: 300ms",
    "native": "latency: {histogram: h_seconds, at_most: 300ms, native: true",
    "floor": "floor: {histogram: h_seconds, at_least: 300ms",
    "quantile": "quantile: {histogram: h_seconds, quantile: p95, at_most: 300ms, slice: 5m, min_events: 10",
    "compare": "compare: {left: o_total, op: '>=', right: i_total, tolerance: 5%, slice: 5m",
    "threshold": "threshold: {value: 'sum(queue) + sum(avg_over_time(size[$window]))', op: '<', bound: 10, slice: 5m",
    "probe": "probe: {gauge: up",
    "count": "count: {counter: c_total, fewer_than: 3, per: 1d",
}
WRAPPED = re.compile(r"(?:max|min) without \(replica\)")


def spec(kind, dedup=", dedup: [replica]"):
    """Write a spec of one SLO of a kind."""
    own = "alerting: {policy: count}" if kind == "count" else "objective: 99%"
    return f"{HEAD}  - {{name: x, {own}, sli: {{{KINDS[kind]}{dedup}}}}}}}\n"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_raw_is_read_without_taking_replicas_out(kind):
    slo = slo_of(spec(kind))
    reads = 0
    for group in rule_groups(slo):
        for rule in group.rules:
            for inside, selector in _reads(parse(rule.expr)):
                raw = not (selector.name or "").startswith("slo:") and not _asks_for_presence(rule)
                reads += raw
                assert inside or not raw, rule.expr
    assert reads >= 4


def _asks_for_presence(rule):
    """Tell whether a rule asks whether series are there: one replica of each is enough, and two are no harm."""
    return getattr(rule, "record", "") in (naming.MISSING, naming.LASTING)


def _reads(node, inside=False):
    """Yield each selector, and whether replicas are taken out directly around the function that reads it."""
    if isinstance(node, VectorSelector):
        yield inside, node
        return
    taken = isinstance(node, Aggregate) and (
        # Counting series asks whether there are any: a second replica of each is no harm.
        (node.without and node.grouping == ("replica",))
        or (node.op == "count" and isinstance(node.expr, VectorSelector))
    )
    for child in children(node):
        yield from _reads(child, taken or (inside and not isinstance(node, Aggregate)))


def files(text):
    """Compile a spec to its rules and proofs."""
    loaded = slos_from_text("spec.yaml", text)
    assert loaded.ok, loaded.problems
    return render(make_plan(loaded.slos), {}, None, ("rules", "tests"))


def held(rules, proofs, folder):
    """Run proofs over rules; tell of each whether it holds."""
    for name, texts in (("rules", rules), ("tests", proofs)):
        for path, text in texts.items():
            if path.startswith(name):
                (folder / path).parent.mkdir(exist_ok=True, parents=True)
                (folder / path).write_text(text)
    results = [run_file(str(path)) for path in sorted((folder / "tests").iterdir())]
    return {test.name: not test.failures for result in results for test in result.tests}


# Where both sides of a share are read twice alike, it stays what it is: there each read is left out alone, below.
@pytest.mark.parametrize("kind", sampled([kind for kind in KINDS if kind not in ("native", "probe")], every=4))
def test_a_proof_fails_where_replicas_stay_in(kind, tmp_path):
    made = files(spec(kind))
    before = held(made, made, tmp_path / "with")
    after = held(files(spec(kind, "")), made, tmp_path / "without")

    assert [name for name in before if before[name] and not after[name]] != []


@pytest.mark.parametrize("kind", sampled(["count", "ratio", "probe"], every=3))
def test_each_read_counts(kind, tmp_path):
    made = files(spec(kind))
    (path,) = (path for path in made if path.startswith("rules/"))
    before = held(made, made, tmp_path / "as it is")
    unnoticed = []
    for found in WRAPPED.finditer(made[path]):
        text = made[path][: found.start()] + "sum" + made[path][found.end() :]
        after = held({path: text}, made, tmp_path / str(found.start()))
        if not any(before[name] and not after[name] for name in before):
            unnoticed.append(made[path][: found.start()].rpartition("record: ")[2].partition("\n")[0])

    # An hour is recorded once more for gaps of the rules, of which no proof tells.
    # The looks of a probe double on both sides.
    untold = ("_again", "tile5m") if kind == "probe" else ("_again",)
    assert [name for name in unnoticed if not name.endswith(untold)] == []


def test_what_the_author_takes_out_is_proved(tmp_path):
    by_hand = KINDS["expression"].replace("rate(", "max without (replica) (rate(").replace("])", "]))")
    text = spec("ratio", "").replace(RATIO, by_hand)
    made = files(text)
    rules = {path: text.replace("max without (replica)", "") for path, text in made.items()}

    assert list(unproved(slos_from_text("spec.yaml", text).slos)) == []
    assert not all(held(rules, made, tmp_path).values())


def test_a_replica_that_died_leaves_the_ratio_as_it_is():
    """The second server sees the first hour, in which nothing fails; then a tenth fails for an hour."""
    slo = slo_of(spec("ratio").replace("long: 1d", "long: 2h"))
    good, bad = "0+300x120 36270+270x120", "0x120 30+30x120"
    series = {
        'a_total{code="200",replica="a"}': good,
        'a_total{code="500",replica="a"}': bad,
        'a_total{code="200",replica="b"}': "0+300x119 stale",
        'a_total{code="500",replica="b"}': "0x119 stale",
    }

    assert run(slo, series, "2h", interval="30s").value("slo:sli_error:ratio_rate2h", "2h") == pytest.approx(
        0.05, rel=0.01
    )


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("sum(rate(x[5m])) / sum(y )", "sum(R(rate(x[5m]))) / sum(R(y) )"),
        ("max_over_time(rate(x[1m])[5m:1m])", "max_over_time(R(rate(x[1m]))[5m:1m])"),
        ("time() - max(timestamp(x))", "time() - max(R(timestamp(x)))"),
        ('x{a="b"} offset 5m > 0', 'R(x{a="b"} offset 5m) > 0'),
        ("quantile_over_time(0.9, x[5m])", "R(quantile_over_time(0.9, x[5m]))"),
        ("sum(histogram_count(rate(x[5m])))", "sum(R(histogram_count(rate(x[5m]))))"),
        ("absent(x) or y", "absent(x) or R(y)"),
        ("max without (replica, zone) (rate(x[5m])) + y", "max without (replica, zone) (rate(x[5m])) + R(y)"),
    ],
)
def test_expressions_are_rewritten_where_they_read(text, made):
    wanted = made.replace("R(", "max without (replica) (")

    assert deduplicated(text, ("replica",)) == wanted
    assert any(isinstance(node, VectorSelector | MatrixSelector) or children(node) for node in (parse(wanted),))


@pytest.mark.parametrize(
    ("values", "missing", "wanted"),
    [
        ("10 20+5x9", 4, "_x4 35+5x6"),
        ("10 20+5x9 stale _x3", 2, "_x2 25+5x8 stale _x3"),
        ("10 20-5x2 1", 3, "_x3 10 1"),
        ("3x4 5", 2, "_x2 3+0x2 5"),
        ("1 2", 0, "1 2"),
        ("{{schema:0 count:1}} {{schema:0 count:2}}x4", 2, "{{schema:0 count:1}} {{schema:0 count:2}}x4"),
    ],
)
def test_the_second_replica_begins_late(values, missing, wanted):
    assert late(values, missing) == wanted

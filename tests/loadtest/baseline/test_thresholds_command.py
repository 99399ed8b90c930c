"""``baseline thresholds`` refuses what cannot be meant, with what to write, and prints nothing then."""

from __future__ import annotations

import subprocess

import pytest
import yaml

from burnproof.loadtest.baseline.threshold_tests import failures, proofs, series_of
from burnproof.loadtest.baseline.thresholds import alert_rules, rules_text, thresholds
from burnproof.model.measured import quantity
from places import PATIENCE

P95 = ("--target", "p95=500ms")
REFUSED = [
    (("--target", "p95=200%"), "200% is a ratio; write a time, 5000ms"),
    (("--target", "rps=5ms"), "5 ms is a time; write a rate, 5rps"),
    (("--target", "p95=-5ms"), "a target of -5 ms can never be kept"),
    (("--target", "p95=0ms"), "a target of 0 ms can never be kept"),
    (("--target", "p95=5000"), "a time needs its unit; write 5000ms or 5000s"),
    (("--target", "errors=5"), "more than 100 % cannot fail; write 5% if that is meant"),
    (("--target", "errors=101%"), "more than 100 % cannot fail"),
    (("--target", "errors=96%"), "critical at 101% is never exceeded; give a smaller --target or --distance"),
    (("--target", "rps=5", "--target", "rps=6"), "rps is given twice"),
    ((*P95, "--distance", "rps=150%,200%"), "nothing lies 200% below; write less than 100%"),
    ((*P95, "--distance", "rps=20%,10%"), "critical, 10%, must lie beyond warning, 20%: swap the two"),
    ((*P95, "--distance", "p95=10%,10%"), "must lie beyond warning"),
    ((*P95, "--distance", "p95=5pp,10pp"), "percentage points are for error ratios; write 25%,50%"),
    ((*P95, "--distance", "errors=5%,10pp"), "write both in % or both in pp"),
    ((*P95, "--alert", "p95=this is ((not promql"), "no PromQL: "),
    ((*P95, "--alert", "p95=up[5m]"), "it gives a range vector; an alert needs an instant vector"),
    ((*P95, "--alert", "p95=5"), "it gives a scalar"),
    ((*P95, "--alert", "errors=up"), "the alert on errors has no threshold: give --target errors=…"),
]


@pytest.mark.parametrize(("arguments", "says"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_a_remedy(burnproof, arguments, says):
    done = burnproof("baseline", "thresholds", *arguments, check=2, env={"COLUMNS": "300"})

    assert says in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("target", "critical"),
    [("p95=0.5s", "750 ms"), ("rps=300rpm", "4 rps"), ("rps=5", "4 rps"), ("errors=0.05", "10%"), ("errors=0%", "5%")],
)
def test_targets_are_read_in_their_unit(burnproof, target, critical):
    assert burnproof("baseline", "thresholds", "--target", target, check=0).stdout.rstrip().endswith(critical)


def test_an_alert_has_its_query_and_its_threshold(burnproof):
    done = burnproof("baseline", "thresholds", *P95, "--alert", 'p95=job:p95:5m{service="a"}', check=0)

    rules = yaml.safe_load(done.stdout)["groups"][0]["rules"]
    assert [rule["expr"] for rule in rules] == [
        '(job:p95:5m{service="a"}) > 0.625', '(job:p95:5m{service="a"}) > 0.75',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "series"),
    [
        ("job:p95:5m", ("job:p95:5m{}", {})),
        ('(up{b="x\\"y", a="1"})', ('up{a="1", b="x\\"y"}', {"a": "1", "b": 'x"y'})),
        ('sum(q{a="1"})', ('q{a="1"}', {})), ("rate(x[5m])", None), ('up{a=~"1|2"}', None), ('up{a=""}', None),
        ("up offset 5m", None), ("up @ 0", None), ("sum by (a) (up)", None), ("up / 2", None), ('{a="1"}', None),
    ],
)  # fmt: skip
def test_only_what_a_constant_series_fixes_can_be_proved(query, series):
    assert series_of(query) == series


ALERTS = ("--target", "p95=500ms", "--target", "rps=5", "--target", "errors=0%")
QUERIES = (
    "--alert",
    'p95=job:p95:5m{service="a"}',
    "--alert",
    "rps=sum(job:rps:5m)",
    "--alert",
    "errors=job:errors:5m",
)


def test_alerts_come_with_their_proofs(burnproof, promtool, tmp_path):
    files = ("--rules", "out/rules.yaml", "--tests", "out/tests/alerts.yaml")

    done = burnproof("baseline", "thresholds", *ALERTS, *QUERIES, *files, check=0)

    assert "14 rule tests passed." in done.stderr
    assert done.stdout == ""
    tests = tmp_path / "out" / "tests" / "alerts.yaml"
    assert yaml.safe_load(tests.read_text())["rule_files"] == ["../rules.yaml"]
    burnproof("test", tests, check=0)
    judged = subprocess.run(
        [promtool, "test", "rules", tests], check=False, capture_output=True, text=True, timeout=PATIENCE
    )
    assert judged.returncode == 0, judged.stderr


@pytest.mark.parametrize(("written", "instead"), [(" > ", " >= "), (" > ", " < "), ("5m", "3m"), (" and ", " or ")])
def test_proofs_notice_what_is_wrong(written, instead):
    queries = {"requests_per_second": "rps", "response_time_p95": "p95"}
    made = thresholds({"requests_per_second": quantity("5rps"), "response_time_p95": quantity("1s")})
    document = alert_rules("x", made, queries)
    tests, unproved = proofs(document["groups"][0]["rules"], made, queries)
    text = rules_text(document)

    assert (failures(text, tests), unproved) == ((), [])
    assert failures(text.replace(written, instead), tests)


def test_what_cannot_be_proved_is_said(burnproof):
    query = "errors=sum(rate(x[5m])) / sum(rate(y[5m]))"

    done = burnproof("baseline", "thresholds", *ALERTS, *QUERIES[:2], "--alert", query, check=0)

    assert "Unproved: BaselineErrorRateWarning, BaselineErrorRateCritical. The query" in done.stderr
    assert "4 rule tests passed." in done.stderr
    assert len(yaml.safe_load(done.stdout)["groups"][0]["rules"]) == 4


@pytest.mark.parametrize("options", [(*P95, "--rules", "r"), (*P95, "--alert", "p95=up", "--tests", "t")])
def test_files_without_what_belongs_into_them_are_refused(burnproof, options):
    assert burnproof("baseline", "thresholds", *options, check=2).stdout == ""

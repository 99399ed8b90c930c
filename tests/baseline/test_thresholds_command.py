"""``baseline thresholds`` refuses what cannot be meant, with what to write, and prints nothing then."""

from __future__ import annotations

import pytest
import yaml

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

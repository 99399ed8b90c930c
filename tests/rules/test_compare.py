"""Comparisons: which windows they read, and what `check` says of ones that cannot tell a loss from noise."""

from __future__ import annotations

import pytest

from burnproof.model.quantities import duration
from burnproof.rules.kinds.compare import verdict
from burnproof.rules.measure import HOUR, least_slices, slice_pair
from burnproof.specs.resolve import slos_from_text

SPEC = """
version: burnproof/v1
service: shop
scrape_interval: {scrape}
slos:
  - name: lag
    objective: 99%
    {rate}
    sli:
      compare: {{left: a_total, op: ">=", right: b_total, tolerance: {tolerance}, slice: {slice}{more}}}
    alerting: {{runbook: "https://runbooks.example.org/lag"}}
"""


def loaded(tolerance="5%", length="1m", scrape="30s", rate="", more=""):
    return slos_from_text(
        "shop.yaml", SPEC.format(tolerance=tolerance, slice=length, scrape=scrape, rate=rate, more=more)
    )


@pytest.mark.parametrize(
    ("tolerance", "length", "scrape", "over"),
    [("5%", "1m", "30s", "8m"), ("5%", "2m", "1m", "16m"), ("10%", "1m", "15s", "2m"), ("5%", "1h", "30s", "1h")],
)
def test_the_tolerance_is_most_of_a_scrape_in_the_window(tolerance, length, scrape, over):
    (slo,) = loaded(tolerance, length, scrape).slos
    assert str(slo.indicator.judged_over(slo.scrape)) == over


@pytest.mark.parametrize(("length", "more", "late"), [("1m", "", "3m"), ("2m", "", "4m"), ("1m", ", lag: 90s", "2m")])
def test_slices_are_judged_whole_slices_after_their_end(length, more, late):
    (slo,) = loaded(length=length, more=more).slos
    assert str(slo.indicator.judged_after(slo.scrape)) == late


def test_a_slice_as_long_as_its_window_is_read_once():
    for length, halves in (("1m", 1), ("1h", 0)):
        (slo,) = loaded(length=length).slos
        expr = verdict(slo, slo.indicator)
        assert expr.count("0.975 *") == halves
        assert expr.count("0.95 *") == 1


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, None),
        ({"more": ", over: 30s"}, "compare-window"),
        ({"more": ", over: 20m"}, "compare-window"),
        ({"more": ", over: 5m"}, "compare-noise"),
        ({"rate": "expected_rate: 0.1/s"}, "compare-noise"),
        ({"rate": "expected_rate: 10/s"}, None),
    ],
)
def test_windows_that_cannot_tell_a_loss_are_told(told, code):
    codes = [problem.code for problem in loaded(**told).problems]
    assert codes == ([code] if code else [])


@pytest.mark.parametrize(
    ("length", "window", "least"),
    [("1m", "5m", 3), ("1m", "1h", 30), ("1m", "3d", 30), ("5m", "5m", 1), ("1h", "2h", 2), ("1h", "3d", 3)],
)
def test_half_of_the_slices_make_a_ratio(length, window, least):
    assert least_slices(slice_pair(duration(length), HOUR), duration(window)) == least

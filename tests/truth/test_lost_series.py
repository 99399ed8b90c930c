"""What tells a series that is missing from one that has no events yet: restarts, renamed labels, lost buckets."""

from __future__ import annotations

import numpy as np
import pytest
from judge import STALE, Plan, Series, World, judge
from rulefiles import compiled

EPOCH = 1_767_225_600.0
GONE, END = 4.0, 8.0  # hours
SPEC = """\
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: paid
    objective: 99%
    sli: {{{sli}}}
"""
SAME = """ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}"""
OTHER = """ratio: {total: 'requests_total{job="shop"}', bad: 'errors_total{job="shop"}'}"""
LATENCY = """latency: {histogram: 'request_seconds{job="shop"}', at_most: 250ms}"""


def series(name, pod, start, end, rate, resets=None, **labels):
    """A counter from one hour to another, with a marker at its end; it starts anew after `resets` hours."""
    ts = np.arange(EPOCH + start * 3600 + 7 * ord(pod[0]) % 30, EPOCH + end * 3600, 30.0)
    born = ts[0] - 600 if resets is None else np.where(ts < EPOCH + resets * 3600 + 60, ts[0] - 600, ts[0] * 0 + 1)
    since = ts - born if resets is None else np.where(born > 1, ts - born, ts - EPOCH - resets * 3600 - 60)
    values = np.floor(rate * since)
    return Series(
        {"__name__": name, "job": "shop", "instance": pod, **labels},
        np.append(ts, ts[-1] + 30),
        np.append(values, STALE),
    )


def alerts(sli, made):
    plan = Plan(compiled(SPEC.format(sli=sli)), [World(made)], EPOCH + 1800, EPOCH + (END - 0.1) * 3600)
    verdict = judge(plan)
    assert not verdict.errors
    return {fired.labels["alertname"]: ((fired.start - EPOCH) / 3600, fired.end) for fired in verdict.firings()}


@pytest.mark.slow
def test_a_restart_in_place_and_a_deployment_lose_error_series_and_that_is_no_fault():
    restarted = [series("requests_total", pod, 0, END, 10, resets=GONE) for pod in "abc"]
    deployed = [series("requests_total", pod, 0, GONE, 10) for pod in "abc"]
    deployed += [series("requests_total", pod + "2", GONE + 0.02, END, 10) for pod in "abc"]
    errors = [series("errors_total", pod, 0, GONE, 0.02) for pod in "abc"]

    assert alerts(OTHER, [*restarted, *errors]) == {}
    assert alerts(OTHER, [*deployed, *errors]) == {}


@pytest.mark.slow
def test_a_label_that_all_series_had_is_missed_and_a_value_is_not():
    old = [series("requests_total", pod, 0, GONE, 10, code="200") for pod in "abc"]
    old += [series("requests_total", pod, 0, GONE, 0.02, code="500") for pod in "abc"]
    same = [series("requests_total", pod + "2", GONE + 0.02, END, 10, code="200") for pod in "abc"]
    renamed = [series("requests_total", pod + "2", GONE + 0.02, END, 10, status="500") for pod in "abc"]

    assert alerts(SAME, [*old, *same]) == {}
    found = alerts(SAME, [*old, *renamed])
    assert list(found) == ["ShopPaidMissingSeries"]
    start, end = found["ShopPaidMissingSeries"]
    assert GONE + 0.25 <= start <= GONE + 0.5
    assert end is None


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["abc", "a"])
def test_a_lost_bucket_is_no_data_with_a_reason_and_never_an_outage(lost):
    made = [series("request_seconds_count", pod, 0, END, 10) for pod in "abc"]
    made += [series("request_seconds_bucket", pod, 0, GONE if pod in lost else END, 9.99, le="0.25") for pod in "abc"]

    assert set(alerts(LATENCY, made)) == {"ShopPaidMissingSeries", "ShopPaidNoData"}

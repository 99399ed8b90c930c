"""Every kind of SLI and every built-in policy: figures and alerts are those of what happened."""

from __future__ import annotations

import numpy as np
import pytest
from cases import BAD, GOOD, Case, check, spec
from events import Traffic, failing, hours, steady
from judge import Series
from scrapes import HISTOGRAM, Scrape
from test_bursts import SHORT

from truth import POLICIES

UNTIL = hours(17)
LATENCY = """latency:
        histogram: http_request_duration_seconds{job="shop"}
        at_most: 250ms
        buckets: [0.25, 1.0]"""
PROBE = "probe: {gauge: 'probe_success{job=\"shop\"}'}"
THRESHOLD = 'threshold: {value: \'pool_used{job="shop"}\', op: "<", bound: 80%, slice: 1m}'


def kind(text: str) -> str:
    """Give the shop's spec with another SLI."""
    head, _, tail = spec(BAD, 30).partition("ratio:")
    return head + text + "\n" + tail[tail.index("    alerting:") :]


def errors() -> Traffic:
    """2 % of all requests fail from 8 h to 14 h."""
    return failing(steady(UNTIL), [(hours(8), hours(14))], 0.02)


def looks(apart: float = 30.0) -> Traffic:
    """A look at a target every 30 s; 36 s of every half hour it is down from 8 h to 14 h, one look of sixty."""
    t = np.arange(7.0, UNTIL, apart)
    down = (t >= hours(8)) & (t < hours(14)) & (np.arange(len(t)) % 60 == 11)
    return Traffic(t, (~down).astype(float), down.astype(float))


def gauge(name: str, events: Traffic, up: float, down: float) -> list[Series]:
    """Give the samples of a gauge that was looked at."""
    return [Series({"__name__": name, "job": "shop"}, events.t, np.where(events.bad > 0, down, up))]


def slices() -> Traffic:
    """A pool that is full for six minutes of each hour, from 8 h to 14 h, as the minutes see it."""
    t = np.arange(30.0, UNTIL, 60.0)
    bad = (t >= hours(8)) & (t < hours(14)) & (t % 3600 < 360)
    return Traffic(t, (~bad).astype(float), bad.astype(float))


def pool() -> list[Series]:
    """Give the gauge behind these slices, every 15 s."""
    t = np.arange(4.0, UNTIL, 15.0)
    full = (t >= hours(8)) & (t < hours(14)) & (t % 3600 < 360)
    return [Series({"__name__": "pool_used", "job": "shop"}, t, np.where(full, 0.95, 0.5))]


CASES = [
    Case("good requests are counted", errors, UNTIL, spec=spec(GOOD, 30), compare=SHORT),
    Case("requests within 250 ms", errors, UNTIL, spec=kind(LATENCY), columns=HISTOGRAM, compare=SHORT),
    Case(
        "a probe",
        looks,
        UNTIL,
        spec=kind(PROBE),
        columns=(),
        more=lambda: gauge("probe_success", looks(), 1, 0),
        compare=SHORT,
    ),
    # A slice may be judged bad for a minute more or less at each end of an incident.
    Case(
        "a pool that is full",
        slices,
        UNTIL,
        spec=kind(THRESHOLD),
        columns=(),
        more=pool,
        tolerance=0.2,
        scrape=Scrape(60),
        compare={"1h": hours(2), "2h": hours(3), "6h": hours(7)},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_figures_and_alerts_of_every_kind_stand(case):
    check(case)


BEGINS = {
    300.0: ("5m", 1),
    1800.0: ("30m", 1),
    3600.0: ("1h", 2),
    7200.0: ("2h", 3),
    21_600.0: ("6h", 13),
    86_400.0: ("1d", 27),
}
"""From which hour on a window is compared: it is full, and its tier has waited for it to be covered."""


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0009, 0.004, 0.0075, 0.02], ids="{:.2%}".format)
@pytest.mark.parametrize("policy", POLICIES)
def test_every_tier_of_every_policy_fires_when_the_arithmetic_says_so(policy, share):
    until = hours(48)
    tiers = POLICIES[policy]
    windows = {window for tier in tiers for window in (tier.long, tier.short)} & BEGINS.keys()
    check(
        Case(
            f"{policy}, {share:.2%} fail for ten hours",
            lambda: failing(steady(until), [(hours(30), hours(40))], share),
            until,
            spec=spec(BAD, 30).replace("policy: google", f"policy: {policy}"),
            tiers=tiers,
            compare={"30d": hours(27), **{BEGINS[window][0]: hours(BEGINS[window][1]) for window in sorted(windows)}},
        )
    )

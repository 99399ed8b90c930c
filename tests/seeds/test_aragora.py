"""Aragora's target and critical levels, and its seven alerting metrics (traps T2.1 to T2.16)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from seedlab import WARM, histogram, load, play, rising, steady

from burnproof.model import naming

SPEC = load("aragora")
DURATION = "aragora_request_duration_seconds"


@pytest.mark.parametrize(
    ("name", "target", "critical"),
    [
        ("p50-latency", "0.1", "0.2"),
        ("p99-latency", "0.5", "2"),
        ("ws-connect", "0.2", "0.5"),
        ("round-time", "30", "60"),
    ],
)
def test_target_and_critical_bounds_are_the_tables(name, target, critical):
    assert SPEC[name].indicator.bound == Decimal(target)
    assert SPEC[f"{name}-critical"].indicator.bound == Decimal(critical)


def test_availability_and_error_rate_are_one_promise_at_the_target_and_two_beyond():
    """T2.1: 99.9% is an error rate of 0.1%; the critical levels 99.5% and 1% differ."""
    assert SPEC["availability"].objective == Decimal("0.999")
    assert SPEC["availability-critical"].objective == Decimal("0.995")
    assert SPEC["error-rate"].indicator.bound == Decimal("0.01")


def test_every_threshold_can_be_reached():
    """T2.6: at 50% no burn above 2 exists, so the p50 is judged in slices; no tier of any level is dead."""
    for slo in SPEC.values():
        for tier in slo.policy.tiers if slo.objective else ():
            assert tier.factor * (1 - slo.objective) < 1


def test_only_critical_levels_page():
    severities = {
        name: {tier.severity for tier in slo.policy.tiers} for name, slo in SPEC.items() if "alert" not in name
    }

    assert {name for name, found in severities.items() if name.endswith("-critical") and found != {"page"}} == set()
    assert all(severities[name.removesuffix("-critical")] == {"ticket"} for name in severities if "-critical" in name)


@pytest.mark.parametrize(("p50", "target", "critical"), [(0.05, False, False), (0.15, True, False), (0.4, True, True)])
def test_half_of_the_requests(p50, target, critical):
    """The p50 is that of all instances together, in stretches of five minutes."""
    series = histogram(DURATION, (None, WARM), (p50, 7 * 60))
    firing = play(SPEC["p50-latency"], series, "8h").spans(), play(SPEC["p50-latency-critical"], series, "8h").spans()

    assert tuple(map(bool, firing)) == (target, critical)


def test_one_slow_instance_is_not_the_p99_of_the_service():
    """T2.2: without a sum, a quantile per series pages for an instance with a thousandth of the traffic."""
    fast = histogram(f'{DURATION}{{instance="a"}}', (None, 180), rate=60_000)
    slow = histogram(f'{DURATION}{{instance="b"}}', (5, 180), rate=60)

    assert play(SPEC["p99-alert"], fast | slow, "3h").spans() == {}
    assert "30m" in play(SPEC["p99-alert"], histogram(DURATION, (None, WARM), (5, 60)), "2h").spans()


def test_a_bound_of_two_seconds_is_a_bucket():
    """T2.7: 2 is none of the default buckets, where the count could not be read."""
    assert Decimal(2) in SPEC["p99-latency-critical"].indicator.buckets
    assert {Decimal(30), Decimal(60)} <= set(SPEC["round-time"].indicator.buckets)


def test_errors_by_level():
    """0.7% of errors for two days spend the target's budget and the critical one's slowly: a ticket, no page."""
    series = {
        'aragora_request_total{status="200"}': rising((993, 2880)),
        'aragora_request_total{status="500"}': rising((7, 2880)),
    }

    assert "6h" in play(SPEC["availability"], series, "2d", evaluation="5m").spans()
    assert play(SPEC["availability-critical"], series, "2d", evaluation="5m").spans() == {}
    assert play(SPEC["error-rate"], series, "4h").spans() == {}


def test_rate_limited_clients_are_no_server_errors():
    """T2.11: 429s are the client's."""
    series = {
        'aragora_request_total{status="200"}': rising((500, 120)),
        'aragora_request_total{status="429"}': rising((500, 120)),
    }

    assert play(SPEC["availability"], series, "2h").value(naming.CURRENT_BURN_RATE, "2h") == 0


MEMORY = ("aragora_memory_bytes", "aragora_memory_limit_bytes")
METRICS = [
    ("active-debates", "aragora_active_debates", 100, 101),
    ("db-connections", "aragora_db_connections", 24, 25),
    ("memory", MEMORY, 0.8, 0.81),
    ("cpu", "aragora_cpu_usage", 0.8, 0.81),
    ("ws-connections", "aragora_ws_connections", 899, 900),
]


def gauge(level, minutes=90):
    return steady((0, WARM), (level, minutes))


@pytest.mark.parametrize(("name", "metric", "good", "bad"), METRICS, ids=str)
def test_gauges_alert_beyond_their_bound_and_not_at_its_good_side(name, metric, good, bad):
    """T2.3, T2.4, T2.9: more than 24 of 30 connections, than 80% of the limit as a ratio; 900 of 1000 sockets."""
    for level, fires in ((good, False), (bad, True)):
        if isinstance(metric, tuple):
            series = {metric[0]: gauge(level * 1000), metric[1]: steady((1000, 200))}
        else:
            series = {f'{metric}{{instance="a"}}': gauge(level), f'{metric}{{instance="b"}}': steady((0, 200))}
        done = play(SPEC[name], series, "2h30m")
        assert ("30m" in done.spans()) == fires, level


def test_a_minute_at_the_bound_is_not_sustained():
    """T2.10: where the autoscaler holds memory at the bound, a minute beyond it pages nobody."""
    flapping = ((0.81, 3), (0.7, 7)) * 15
    done = play(SPEC["cpu"], {"aragora_cpu_usage": steady((0.5, WARM), *flapping)}, "3h30m")

    assert done.spans() == {}


def test_capacity_is_said_to_be_short_long_before_it_is():
    """T2.8: at 20 debates the own benchmark misses its promises; the alert at 100 alone would come too late."""
    series = {"aragora_active_debates": steady((5, 6 * 60), (20, 8 * 60))}

    assert play(SPEC["active-debates"], series, "14h").spans() == {}
    assert "6h" in play(SPEC["active-debates-early"], series, "14h").spans()


@pytest.mark.parametrize(("errors", "fires"), [(9, False), (11, True)])
def test_the_error_rate_alerts_above_one_percent(errors, fires):
    series = {
        'aragora_request_total{status="200"}': rising((1000 - errors, 180)),
        'aragora_request_total{status="500"}': rising((errors, 180)),
    }

    assert ("30m" in play(SPEC["error-rate"], series, "3h").spans()) == fires

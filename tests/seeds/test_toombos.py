"""Toombos' promises and its twelve alert thresholds (traps T4.1 to T4.18)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from seedlab import WARM, histogram, load, play, rising

from burnproof.model import naming

SPEC = load("toombos")
PATHS = {"content": "/api/v2/content/generate", "health": "/health"}
DURATION = 'http_request_duration_seconds{job="toombos",handler="%s"}'
REQUESTS = 'http_requests_total{job="toombos",handler="%s",status="%s"}'
SECONDS = 'http_request_duration_seconds_sum{job="toombos",handler="%s"}'


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("generate-latency", "5"), ("health-latency", "0.1"), ("batch-latency", "30"), ("validation-latency", "1")],
)
def test_bounds_are_the_tables_in_seconds(name, seconds):
    """T4.6: milliseconds, seconds and percent of the page are one unit each after reading."""
    assert SPEC[name].indicator.bound == Decimal(seconds)
    assert SPEC[name].objective == Decimal("0.95")


# Operation, metric, level -> the bound, as the table of alert thresholds has it.
CELLS = {
    ("content", "p95", ""): "6.25",
    ("content", "p95", "-critical"): "7.5",
    ("content", "rps", ""): "4.5",
    ("content", "rps", "-critical"): "4.0",
    ("content", "errors", ""): "0.06",
    ("content", "errors", "-critical"): "0.10",
    ("health", "p95", ""): "0.125",
    ("health", "p95", "-critical"): "0.15",
    ("health", "rps", ""): "45",
    ("health", "rps", "-critical"): "40",
    ("health", "errors", ""): "0.002",
    ("health", "errors", "-critical"): "0.005",
}


def story(operation, metric, value):
    """Give an hour of health and one in which the metric has the value."""
    path = PATHS[operation]
    if metric == "p95":
        return histogram(DURATION % path, (None, WARM), (value, 60))
    if metric == "rps":
        return {REQUESTS % (path, 200): rising((6000, WARM), (value * 60, 60)), SECONDS % path: rising((60 * 20, 150))}
    bad = 10_000 * value
    return {
        REQUESTS % (path, 200): rising((10_000, WARM), (10_000 - bad, 60)),
        REQUESTS % (path, 500): rising((0, WARM), (bad, 60)),
    }


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
@pytest.mark.parametrize("beyond", [False, True], ids=["within", "beyond"])
def test_each_of_the_twelve_cells_alerts_beyond_its_bound_and_not_within(cell, beyond):
    """T4.5: error rates are percentage points, throughputs are 10% and 20% below, latencies 25% and 50% above."""
    operation, metric, level = cell
    slo = SPEC[f"{operation}-{metric}{level}"]
    assert slo.indicator.bound == Decimal(CELLS[cell])
    worse = (
        (Decimal("0.98"), Decimal("1.02"))[beyond] if metric != "rps" else (Decimal("1.02"), Decimal("0.98"))[beyond]
    )
    # A latency histogram sees its buckets only, so there the neighbours of the bound are taken.
    value = (
        float(slo.indicator.bound * worse) if metric != "p95" else float(slo.indicator.bound) * (2 if beyond else 0.5)
    )

    spans = play(slo, story(operation, metric, value), "2h10m").spans()

    assert bool(spans) == beyond
    assert {tier.severity for tier in slo.policy.tiers} == {"page" if level else "ticket"}


@pytest.mark.parametrize("name", ["throughput", "content-rps", "content-rps-critical", "health-rps"])
def test_a_quiet_night_is_no_lack_of_capacity(name):
    """T4.10: without users at work nothing is judged; with them, the same throughput alerts."""
    path = PATHS["health" if "health" in name else "content"]
    few = {REQUESTS % (path, 200): rising((6, 180))}

    assert play(SPEC[name], few | {SECONDS % path: rising((0, 180))}, "3h").spans() == {}
    users = 10 if name == "throughput" else 5
    assert play(SPEC[name], few | {SECONDS % path: rising((60 * (users - 1), 180))}, "3h").spans() == {}
    assert play(SPEC[name], few | {SECONDS % path: rising((60 * (users + 1), 180))}, "3h").spans() != {}


@pytest.mark.parametrize(("rps", "kept"), [(10.5, True), (9.5, False)])
def test_throughput_is_above_ten_requests_per_second(rps, kept):
    """T4.3: of the whole service, and strictly more than ten."""
    path = PATHS["content"]
    series = {REQUESTS % (path, 200): rising((rps * 60, 180)), SECONDS % path: rising((60 * 20, 180))}

    assert (play(SPEC["throughput"], series, "3h").spans() == {}) == kept
    assert SPEC["throughput"].indicator.op == ">"


@pytest.mark.parametrize(("minutes", "fires"), [(4, False), (8, True)])
def test_recovery_takes_less_than_five_minutes(minutes, fires):
    """T4.17: an outage is a run of bad minutes; five of them in a row page."""
    path = PATHS["content"]
    series = {
        REQUESTS % (path, 200): rising((100, WARM), (0, minutes), (100, 30)),
        REQUESTS % (path, 500): rising((0, WARM), (100, minutes), (0, 30)),
    }
    spans = play(SPEC["recovery"], series, f"{WARM + minutes + 20}m").spans()

    assert bool(spans) == fires


def test_a_slow_batch_does_not_hide_among_fast_generations():
    """T4.4: each operation has its own histogram selection; one P95 over all of them would hide the batch."""
    fast = histogram(DURATION % PATHS["content"], (None, 120), rate=60_000)
    batch = histogram(DURATION % "/api/v1/content/batch", (60, 120), rate=60)

    assert play(SPEC["batch-latency"], fast | batch, "2h").value(naming.CURRENT_BURN_RATE, "2h") == pytest.approx(20)
    assert play(SPEC["generate-latency"], fast | batch, "2h").value(naming.CURRENT_BURN_RATE, "2h") == 0


@pytest.mark.parametrize(("status", "burning"), [("500", True), ("404", False), ("429", False)])
def test_availability_counts_server_errors_only(status, burning):
    """T4.2, T4.18: availability is 0.1% of server errors, however many a load profile allows itself."""
    series = {
        REQUESTS % (PATHS["content"], 200): rising((990, 120)),
        REQUESTS % (PATHS["content"], status): rising((10, 120)),
    }

    assert (play(SPEC["availability"], series, "2h").value(naming.CURRENT_BURN_RATE, "2h") > 1) == burning


def test_scrapes_of_metrics_are_no_requests():
    """T4.16: thousands of good scrapes do not dilute an outage."""
    series = {REQUESTS % ("/metrics", 200): rising((60000, 120)), REQUESTS % (PATHS["content"], 500): rising((60, 120))}

    assert "1h" in play(SPEC["availability"], series, "2h").firing("1h30m")
    assert play(SPEC["recovery"], series, "2h").spans() != {}
    assert play(SPEC["throughput"], series | {SECONDS % PATHS["content"]: rising((60 * 10, 120))}, "2h").spans() != {}

"""tunix-rt's 18 endpoints, its conditions of degradation and its pool (traps T1.1 to T1.17)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from seedlab import WARM, histogram, load, play, rising, steady

from burnproof.loadtest.run.reading import load_profile
from burnproof.model import naming
from burnproof.rules import selectors

SPEC = load("tunix-rt")
# Endpoint -> target of its p95 in seconds, in the order of the table.
TARGETS = {
    "health": "0.05",
    "redi-health-uncached": "0.1",
    "redi-health-cached": "0.001",
    "trace-create": "0.15",
    "trace-batch-100": "0.5",
    "trace-batch-1000": "3",
    "trace-get": "0.1",
    "trace-list": "0.2",
    "trace-score": "0.25",
    "trace-compare": "0.3",
    "dataset-build-100": "1",
    "dataset-build-1000": "5",
    "dataset-export-100": "2",
    "dataset-export-1000": "10",
    "ungar-status": "0.05",
    "ungar-generate-10": "2",
    "ungar-generate-100": "15",
    "ungar-export-100": "3",
}


def base(name):
    """Give the histogram of an endpoint with example labels, such as its real exporter has them."""
    return selectors.text(selectors.read(SPEC[name].indicator.histogram)).replace('status=~"2.."', 'status="200"')


@pytest.mark.parametrize("name", TARGETS)
def test_bounds_are_the_tables(name):
    """T1.8: both degraded bounds are multiples of the target of the p95."""
    target = Decimal(TARGETS[name])

    assert SPEC[name].indicator.bound == target
    assert SPEC[name].objective == Decimal("0.95")
    for quantile, factor in (("p95", Decimal("1.5")), ("p99", Decimal(2))):
        degraded = SPEC[f"{name}-{quantile}-degraded"].indicator
        assert degraded.bound == target * factor
        assert degraded.quantile == Decimal(quantile[1:]) / 100


@pytest.mark.parametrize("name", sorted(SPEC))
def test_every_bound_is_a_bucket_and_below_the_top(name):
    """T1.3, T1.4: nine of the targets are no default buckets, and 15, 22.5 and 30 s lie above the default top."""
    indicator = SPEC[name].indicator
    if hasattr(indicator, "buckets"):
        assert indicator.bound in indicator.buckets[:-1]


def test_no_two_endpoints_share_their_series():
    """T1.2: sizes and cache hits are labels, so one route may have several promises."""
    assert len({base(name) for name in TARGETS}) == 18


def test_exports_are_promised_by_their_own_row_and_not_by_the_goal_for_reads():
    """T1.13: a goal of a second for all reads would break the exports that the table itself allows 2 to 10 s."""
    slow = {name for name in TARGETS if "export" in name and SPEC[name].indicator.bound > 1}

    assert slow
    assert all(SPEC[name].indicator.bound == Decimal(TARGETS[name]) for name in slow)


def test_scenarios_have_the_users_of_the_table_and_none_the_fifty_of_an_example():
    """T1.15: normal, spike and soak run 10, 100 and 20 users."""
    profiles = {name: load_profile(f"traces-{name}").profile for name in ("normal", "spike", "soak")}
    found = {name: each.users or max(s.users for s in each.stages) for name, each in profiles.items()}

    assert found == {"normal": 10, "spike": 100, "soak": 20}


def test_a_healthy_cache_is_not_a_breach():
    """T1.5: with a lowest bucket of 5 ms, answers of less than one would read as 4.75 ms."""
    series = histogram(base("redi-health-cached"), (None, 120))
    done = play(SPEC["redi-health-cached"], series, "2h")

    assert done.value(naming.CURRENT_BURN_RATE, "2h") == 0
    assert play(SPEC["redi-health-cached-p95-degraded"], series, "2h").spans() == {}


DEGRADED = [("p95", "1.6", 20, True), ("p95", "1.6", 3, False), ("p95", "1.4", 60, False), ("p99", "2.2", 20, True)]


@pytest.mark.parametrize(("quantile", "times", "minutes", "fires"), [*DEGRADED, ("p99", "1.9", 60, False)])
@pytest.mark.parametrize(
    "name", ["health", "trace-create", "dataset-build-1000", "dataset-export-1000", "ungar-generate-100"]
)
def test_degradation_takes_five_consecutive_minutes(name, quantile, times, minutes, fires):
    """T1.4, T1.9: also for targets of 5, 10 and 15 s, whose multiples no default histogram can see."""
    value = float(Decimal(TARGETS[name]) * Decimal(times))
    series = histogram(base(name), (None, WARM), (value, minutes), (None, 20))
    spans = play(SPEC[f"{name}-{quantile}-degraded"], series, f"{WARM + minutes + 20}m").spans()

    assert bool(spans) == fires
    if fires:
        assert 4 <= spans["5m"][0][0] / 60_000 - WARM <= 7


def test_failed_requests_are_neither_fast_nor_slow():
    """T1.7: only answers of 2xx have a latency; a flood of fast 500s or 501s changes no percentile."""
    slow = histogram(base("ungar-generate-10"), (60, 120))
    failing = {
        name.replace('status="200"', 'status="501"'): values
        for name, values in histogram(base("ungar-generate-10"), (None, 120), rate=60_000).items()
    }

    assert play(SPEC["ungar-generate-10"], slow | failing, "2h").value(naming.CURRENT_BURN_RATE, "2h") == 20


REQUESTS = 'tunix_rt_http_requests_total{route="%s",status="%s"}'


def test_a_deployment_without_ungar_has_no_errors():
    """T1.6: 501 says that UNGAR is not installed; where nothing else fails, the error ratio is 0 and not unknown."""
    series = {
        REQUESTS % ("/api/ungar/status", 501): rising((100, 120)),
        REQUESTS % ("/api/health", 200): rising((100, 120)),
    }
    done = play(SPEC["errors"], series, "2h")

    assert done.value(naming.CURRENT_BURN_RATE, "2h") == 0
    assert done.spans() == {}


@pytest.mark.parametrize(
    ("status", "percent", "fires"), [(500, 2, True), (503, 1.5, True), (500, 0.9, False), (501, 50, False)]
)
def test_server_errors_above_one_percent_alert(status, percent, fires):
    """T1.11: within minutes, and a day of it is the promise's budget gone."""
    series = {
        REQUESTS % ("/api/traces", status): rising((0, WARM), (percent * 10, 20)),
        REQUESTS % ("/api/traces", 200): rising((1000, WARM), (1000 - percent * 10, 20)),
    }
    spans = play(SPEC["errors-degraded"], series, f"{WARM + 20}m").spans()

    assert bool(spans) == fires
    if fires:
        assert 4 <= spans["5m"][0][0] / 60_000 - WARM <= 7


def test_two_percent_of_errors_for_days_spend_the_budget_and_alert():
    series = {REQUESTS % ("/api/traces", 500): rising((2, 6000)), REQUESTS % ("/api/traces", 200): rising((98, 6000))}

    assert play(SPEC["errors"], series, "4d", evaluation="5m").firing("4d") == "3d"


@pytest.mark.parametrize("name", ["dataset-export-1000", "ungar-generate-100"])
@pytest.mark.parametrize("quantile", ["p95", "p99"])
def test_slow_endpoints_degrade_at_the_traffic_that_they_have(name, quantile):
    """T1.9: ten users whose every request takes a minute make ten requests a minute."""
    series = histogram(base(name), (None, WARM), (59, 30), rate=10)

    assert "5m" in play(SPEC[f"{name}-{quantile}-degraded"], series, f"{WARM + 30}m").spans()


def test_one_slow_request_is_no_degradation():
    """T1.9: it spoils the minute in which it ends."""
    series = histogram(base("ungar-generate-100"), (None, WARM), (59, 1), (None, 30), rate=10, slow=0.1)

    assert play(SPEC["ungar-generate-100-p99-degraded"], series, f"{WARM + 31}m").spans() == {}


@pytest.mark.parametrize(("used", "fires"), [(12, False), (13, True), (15, True)])
def test_eighty_percent_of_the_pool_are_twelve_of_fifteen(used, fires):
    """T1.10: more than 12 of pool 5 and overflow 10; the 50 requests of the same page are no connections."""
    done = play(SPEC["db-pool"], {"tunix_rt_db_pool_checked_out": steady((3, WARM), (used, 30))}, f"{WARM + 30}m")

    assert ("5m" in done.spans()) == fires


def test_the_first_exhausted_pool_is_one_too_many():
    done = play(SPEC["db-pool-exhausted"], {"tunix_rt_db_pool_limit_exceeded_total": steady((0, 60), (1, 60))}, "2h")

    assert done.firing("59m") == ""
    assert done.firing("1h5m") == "1d"

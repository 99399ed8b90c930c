"""Many SLOs take few queries, and no query asks for more points than servers give."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import history
import pytest

from burnproof.report.periods import before

KINDS = (
    "ratio: {total: 'a_total{x=\"%d\"}', bad: 'b_total{x=\"%d\"}'}",
    "latency: {histogram: 'l_seconds{x=\"%d\"}', at_most: 250ms, buckets: [0.1, 0.25, 0.5]}",
    "threshold: {value: 'max(g{x=\"%d\"})', op: '<', bound: 5, slice: 1m}",
    "threshold: {value: 'max(h{x=\"%d\"})', op: '<', bound: 5, slice: 5m}",
    "quantile: {histogram: 'q_seconds{x=\"%d\"}', quantile: 0.95, at_most: 250ms, slice: 1h, buckets: [0.25, 0.5]}",
    "compare: {left: 'l_total{x=\"%d\"}', op: '>=', right: 'r_total{x=\"%d\"}', slice: 1m}",
)


def spec(count):
    slow = "{name: slow, tiers: [{factor: 3, long: 1d, short: 2h, severity: ticket}]}"
    lines = ["version: burnproof/v1", "service: big", "scrape_interval: 15s", f"policies: [{slow}]", "slos:"]
    for number in range(count):
        kind = KINDS[number % len(KINDS)].replace("%d", str(number))
        policy = ", alerting: {policy: slow}" if "slice: 1h" in kind else ""
        lines.append(f"  - {{name: slo-{number}, objective: 9{5 + number % 5}.5%, sli: {{{kind}}}{policy}}}")
    return "\n".join([*lines, "  - {name: c, sli: {count: {counter: c_total, fewer_than: 3, per: 24h}}}", ""])


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({"period": "30d"}, 30),
        ({"period": "1d"}, 30),
        ({"period": "400d"}, 60),
        ({"span": before("month", history.END, ZoneInfo("UTC")), "unit": "month"}, 40),
    ],
)
def test_a_hundred_slos_take_few_queries(report, api, options, most):
    """The bar is 100 queries; the server refuses one for more than 11,000 points, which would be a trouble."""
    made = report(slos=history.slos(spec(99)), **options)

    assert len(made.lines) == 100
    assert made.troubles == ()
    assert len(api.asked) == made.queries <= most
    assert max(len(form["query"]) for form in api.asked) < 16_000


@pytest.mark.parametrize("services", [100, 250])
def test_services_share_queries_until_a_query_grows_too_long(report, api, services):
    slo = "  - {{name: s, objective: 99%, sli: {{ratio: {{total: a, bad: b}}}}}}"
    text = f"version: burnproof/v1\nservice: {{name}}\nslos:\n{slo}\n"
    slos = [
        slo
        for number in range(services)
        for slo in history.slos(text.format(name=f"a-service-of-the-shop-{number:03}"))
    ]

    made = report(slos=slos)

    assert len(made.lines) == services
    assert made.queries <= 100
    assert max(len(form["query"]) for form in api.asked) < 16_000


def test_no_query_reads_what_is_recorded_every_20_minutes(report, api):
    """An instant finds a series for five minutes after it was recorded, so a report would mostly miss these."""
    groups = [group for group in history.rules() if group.name.startswith("slo-history-")]
    rare = {rule.name for group in groups for rule in group.rules}

    report("30d", slos=history.slos())

    assert "slo:sli_errors:settled30d" in rare
    assert api.asked
    assert {name for name in rare for form in api.asked if name in form["query"]} == set()

"""A month of a service with incidents, a gap and an idle night, recorded by the generated rules themselves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.specs.resolve import slos_from_text
from promrules.columns.series import Series, Storage
from promrules.rule_tests.evaluation import evaluate_rules
from promrules.rule_tests.rule_file import RuleGroup, load_rules
from promrules.syntax.labels import NAME

MINUTE, HOUR, DAY = 60, 3600, 86_400
END = 1_796_083_200  # 2026-12-01 00:00 UTC
DAYS = 36
START = END - DAYS * DAY

SPEC = """
version: burnproof/v1
service: shop
owner: {team: checkout, contact: "#checkout"}
window: 30d
scrape_interval: 1m
journeys: {buy: Buy something}
reports:
  - {every: day, title: Status, to: Engineering}
  - {every: week, title: Review, to: team@example.org}
  - {every: month, title: SLO summary vs SLA, to: Stakeholders}
budget_policy:
  - {below: 50%, do: review risky changes}
  - {below: 0%, do: freeze releases}
slos:
  - name: availability
    description: Requests are answered.
    journey: buy
    objective: 99%
    sli: {ratio: {total: 'http_requests_total{job="shop"}', bad: 'http_requests_total{job="shop",code=~"5.."}'}}
    alerting: {runbook: "https://runbooks.example.org/shop"}
    remediation: Roll back the last release, then add replicas
  - name: by-route
    objective: 95%
    sli:
      ratio:
        total: 'http_requests_total{job="shop"}'
        bad: 'http_requests_total{job="shop",code=~"5.."}'
        by: [route]
    remediation: Look at the route's own dashboard
  - name: pool
    objective: 99%
    sli: {threshold: {value: 'max(pool_use{job="shop"})', op: "<", bound: 80%, slice: 5m}}
    remediation: Enlarge the pool
  - name: queue-hours
    objective: 99%
    sli: {threshold: {value: 'max(queue_length{job="shop"})', op: "<", bound: 100, slice: 1h}}
    alerting:
      policy:
        name: slow
        tiers:
          - {factor: 3, long: 1d, short: 2h, severity: ticket}
          - {factor: 1, long: 3d, short: 6h, severity: ticket}
  - name: restarts
    sli: {count: {counter: 'pod_restarts_total{job="shop"}', fewer_than: 3, per: 24h}}
    remediation: Look for memory leaks
  - name: nothing
    objective: 99.9%
    sli: {ratio: {total: 'absent_requests_total', bad: 'absent_requests_total{code="500"}'}}
  - name: idle
    objective: 99.9%
    sli: {ratio: {total: 'idle_requests_total', bad: 'idle_requests_total{code="500"}'}}
"""


def counter(per_second: np.ndarray, step: int = MINUTE) -> np.ndarray:
    """Give a counter of what happened so often a second."""
    return np.concatenate([[0.0], np.cumsum(per_second[1:] * step)])


def _raw(times: np.ndarray, *, with_gap: bool) -> Storage:
    """Give the scraped series."""
    since = times - END
    busy = np.where((since // HOUR) % 24 < 6, 1.0, 20.0)  # quiet nights
    outage = (since > -10 * DAY) & (since <= -10 * DAY + 90 * MINUTE)
    spike = (since > -3 * DAY + 12 * HOUR) & (since <= -3 * DAY + 12 * HOUR + 20 * MINUTE)
    leak = (since > -6 * DAY) & (since <= -5 * DAY)
    share = np.where(outage, 0.9, np.where(spike, 0.4, np.where(leak, 0.02, 0.0005)))
    gap = with_gap & (since > -15 * DAY) & (since <= -15 * DAY + 5 * HOUR)
    storage = Storage()

    def add(name: str, values: np.ndarray, **labels: str) -> None:
        pairs = tuple(sorted({NAME: name, "job": "shop", **labels}.items()))
        storage.add(Series(pairs, times[~gap] * 1000, values[~gap].astype(np.float64)))

    for route, part in (("/cart", 0.7), ("/pay", 0.3)):
        wrong = share if route == "/pay" else share * 0.8
        add("http_requests_total", counter(busy * part * (1 - wrong)), code="200", route=route)
        add("http_requests_total", counter(busy * part * wrong), code="500", route=route)
    add("pool_use", np.where(outage | (since % (7 * DAY) < 2 * HOUR), 0.95, 0.4))
    add("queue_length", np.where(leak & (since % DAY < 4 * HOUR), 500.0, 3.0))
    add("pod_restarts_total", np.cumsum(np.isin(since, [-10 * DAY + m * MINUTE for m in (5, 15, 25, 35)])) * 1.0)
    add("idle_requests_total", np.zeros(len(times)), code="200")
    return storage


def slos(spec: str = SPEC):
    """Read the spec."""
    loaded = slos_from_text("shop.yaml", spec)
    assert loaded.ok, loaded.problems
    return loaded.slos


def rules(spec: str = SPEC) -> list[RuleGroup]:
    """Compile the spec's rules; those of a service may be more than one file holds."""
    files = render(make_plan(slos(spec), proofs=False), {}, None, ("rules",))
    return [group for file, text in files.items() for group in load_rules(text, file=file).groups]


@lru_cache(maxsize=2)
def recorded(*, with_gap: bool = True) -> Storage:
    """Run the rules over the month, every five minutes."""
    times = np.arange(START, END + 1, MINUTE, dtype=np.int64)
    made = evaluate_rules(rules(), _raw(times, with_gap=with_gap), START * 1000, END * 1000, 5 * MINUTE * 1000)
    assert not made.failures, made.failures
    return made.storage


@lru_cache(maxsize=2)
def _scraped(*, with_gap: bool) -> dict[tuple[str, str, str], tuple[np.ndarray, np.ndarray]]:
    """Give times and values of the raw series, by name, route and code."""
    found = {}
    for series in _raw(np.arange(START, END + 1, MINUTE, dtype=np.int64), with_gap=with_gap):
        labels = dict(series.labels)
        key = labels[NAME], labels.get("route", ""), labels.get("code", "")
        found[key] = series.times // 1000, series.values
    return found


def happened(name: str, start: int, end: int, *, with_gap: bool = True) -> tuple[float, float]:
    """Count what was bad and what there was after a start and up to an end, from what was scraped and by no rule.

    Events are what counters grew by between scrapes a minute apart; slices are judged by the value at their end.
    """
    scraped = _scraped(with_gap=with_gap)
    length, metric, bound = {"pool": (300, "pool_use", 0.8), "queue-hours": (HOUR, "queue_length", 100)}.get(
        name, (0, "", 0)
    )
    if length:
        times, values = scraped[metric, "", ""]
        judged = (times > start) & (times <= end) & (times % length == 0)
        return float((values[judged] >= bound).sum()), float(judged.sum())
    sums = {"200": 0.0, "500": 0.0}
    wanted = name.partition("route=")[2].rstrip("}")
    for (metric, route, code), (times, values) in scraped.items():
        if metric == "http_requests_total" and wanted in ("", route):
            grown = (times[1:] > start) & (times[1:] <= end) & (np.diff(times) == MINUTE)
            sums[code] += float(np.diff(values)[grown].sum())
    return sums["500"], sums["200"] + sums["500"]


def line_of(made, name):
    """Give the line of an SLO."""
    return next(line for line in made.lines if line.name == f"shop/{name}")

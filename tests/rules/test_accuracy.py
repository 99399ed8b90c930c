"""The 30-day error ratio of written rules is that of the events, within 0.1%, whatever the traffic does.

The truth is arithmetic on the raw counters: errors and total that happened in the 30 days, counted one by one.
What remains of an error is what no rule can know: what a counter had when it was first scraped, and what lies beside
scrapes that failed. A long window is made of whole hours, so its far end is that of one: it is looked at ten minutes
after traffic ends on a full hour, when it holds 30 days and no more, and in the middle of an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml
from rulecases import EMBEDDED, counter, engines, on_engine, rules_of

from places import drawn, sampled
from promrules.columns.series import Series, Storage
from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.promtool import run_promtool
from promrules.rule_tests.rule_file import load_rules
from promrules.syntax.labels import NAME, labels_of
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR, DAY = 3600, 86_400
PERIOD = 30 * DAY
AFTER = 600
BAR = 0.001
SPEC = """
version: burnproof/v1
service: shop
scrape_interval: SCRAPEs
slos:
  - name: api
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        FORM
"""
FORMS = {
    "bad": 'bad: http_requests_total{job="shop",code="500"}',
    "good": 'good: http_requests_total{job="shop",code="200"}',
}
RATIO = "slo:sli_error:ratio_rate30d"


@dataclass(frozen=True)
class Stretch:
    """Traffic over some seconds: how many, requests per second, share of errors."""

    seconds: int
    rate: float
    errors: float


# A month each, after a day before it that no rule may count.
PATTERNS = {
    "quiet nights with 10% errors, busy days with 0.017%": (Stretch(8 * HOUR, 1, 0.1), Stretch(16 * HOUR, 100, 0.00017))
    * 31,
    "a peak hour a day with 1% errors, else calm": (
        Stretch(12 * HOUR, 10, 0),
        Stretch(HOUR, 1000, 0.01),
        Stretch(11 * HOUR, 10, 0),
    )
    * 31,
    "no traffic at night, 0.1% errors by day": (Stretch(8 * HOUR, 0, 0), Stretch(16 * HOUR, 50, 0.001)) * 31,
    "the first error on the last day": (Stretch(30 * DAY, 100, 0), Stretch(DAY, 100, 0.01)),
}
TRUTHS = dict(zip(PATTERNS, (0.000666331, 0.008130081, 0.001, 0.000333333), strict=True))


@dataclass(frozen=True)
class Scraping:
    """How counters are seen: every so many seconds, so long after the minute, shaken by up to so much."""

    every: int
    offset: int = 0
    jitter: float = 0.0

    def __str__(self) -> str:
        return f"{self.every}s"


SCRAPINGS = [Scraping(60), Scraping(30, 11), Scraping(15, 4, 2.0)]


def expected_events(pattern: tuple[Stretch, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give errors and total per second of a pattern."""
    total = np.concatenate([np.full(stretch.seconds, float(stretch.rate)) for stretch in pattern])
    errors = np.concatenate([np.full(stretch.seconds, stretch.rate * stretch.errors) for stretch in pattern])
    return errors, total


def then_idle(events: NDArray[np.float64]) -> NDArray[np.float64]:
    """Append ten minutes without traffic: by their end the last hour is closed."""
    return np.concatenate([events, np.zeros(AFTER)])


def counters(errors: NDArray[np.float64], good: NDArray[np.float64], scraping: Scraping, seed: int = 0) -> Storage:
    """Scrape two counters over the events per second; the error counter appears with its first error."""
    end = len(errors)
    moments = np.arange(scraping.offset + 1.0, end + 1, scraping.every) - 1
    shaken = moments + np.random.default_rng(seed).uniform(0, scraping.jitter, len(moments)).round(3)
    shaken = shaken[shaken <= end]
    seen = shaken.astype(np.int64)
    storage = Storage()
    for code, events in (("200", good), ("500", errors)):
        level = np.concatenate([[0.0], np.cumsum(events)])[seen]
        there = level > 0 if code == "500" else np.full(len(level), True)
        labels = labels_of({NAME: "http_requests_total", "job": "shop", "code": code})
        times = (shaken * 1000).round().astype(np.int64)[there]
        storage.add(Series(labels, times, level[there]))
    return storage


def measured(storage: Storage, form: str, every: int, offset: float = 0.0, end: int = 31 * DAY + AFTER) -> float:
    """Evaluate the written rules from the second day on, `offset` seconds past the minute, and read the last 30d ratio.

    Each group is evaluated as often as the rule file says.
    """
    spec = SPEC.replace("FORM", FORMS[form]).replace("SCRAPE", str(every))
    groups = load_rules(rules_of("api", spec), file="shop.yaml").groups
    first, last = (int((seconds + offset) * 1000) for seconds in (DAY, end))
    evaluation = evaluate_rules(groups, storage, first, last, 60_000, EvalOptions(honour_intervals=True))
    assert not evaluation.failures, evaluation.failures
    series = next(series for series in evaluation.storage if dict(series.labels)[NAME] == RATIO)
    assert int(series.times[-1]) == last
    return float(series.values[-1])


def truth(errors: NDArray[np.float64], total: NDArray[np.float64]) -> float:
    """Divide the errors of the last 30 days by their total, of which the idle time after the last event is a part."""
    seen = PERIOD - AFTER
    return float(errors[-seen:].sum() / total[-seen:].sum())


def unknowable(errors: NDArray[np.float64], scraping: Scraping) -> float:
    """Give the share of errors that are lost with the birth of their counter, 0 where that was before the 30 days.

    A counter that is there with its first error is scraped up to one interval later, and nobody can say when what it
    has then was counted. And a range is divided by all of its length, of which `rate` extrapolates half an interval.
    """
    born = int(np.flatnonzero(errors)[0])
    if born < len(errors) - PERIOD:
        return 0.0
    return float(errors[born : born + scraping.every * 3 // 2].sum() / errors[-PERIOD:].sum())


def assert_exact(found: float, errors: NDArray[np.float64], total: NDArray[np.float64], scraping: Scraping) -> None:
    """Compare with the truth: within 0.1%, or lower by what is unknowable."""
    wanted = truth(errors, total)
    assert wanted * (1 - BAR - unknowable(errors, scraping)) <= found <= wanted * (1 + BAR)


@pytest.mark.parametrize("name", PATTERNS)
def test_the_truth_is_the_known_one(name):
    """The patterns have the ratios that arithmetic by hand gives them."""
    errors, total = expected_events(PATTERNS[name])
    assert len(total) == 31 * DAY
    assert truth(errors, total) == pytest.approx(TRUTHS[name], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "form", "scraping"), sampled([*product(PATTERNS, FORMS, SCRAPINGS)], every=13), ids=str
)
def test_smooth_traffic(name, form, scraping):
    """Traffic without chance in it: the rules' figure is the truth within 0.1%."""
    errors, total = expected_events(PATTERNS[name])
    storage = counters(then_idle(errors), then_idle(total - errors), scraping)
    assert_exact(measured(storage, form, scraping.every), errors, total, scraping)


@pytest.mark.parametrize(
    ("name", "scraping", "offset"), sampled([*product(PATTERNS, SCRAPINGS, [0.0, 17.345])], every=13), ids=str
)
def test_random_arrivals(name, scraping, offset):
    """Requests and errors come one by one and by chance, and rules run between the scrapes: still within 0.1%."""
    bad, good = by_chance(PATTERNS[name], seed=20260801)
    storage = counters(then_idle(bad), then_idle(good), scraping)
    assert_exact(measured(storage, "bad", scraping.every, offset), bad, bad + good, scraping)


@pytest.mark.parametrize("name", sampled(PATTERNS, every=4))
def test_the_middle_of_an_hour(name):
    """Within an hour the window begins with the first of 721, and ends with the last five minutes: within 0.1%."""
    bad, good = by_chance(PATTERNS[name], seed=20260802)
    end = 31 * DAY - HOUR // 2
    found = measured(counters(bad, good, SCRAPINGS[1]), "bad", SCRAPINGS[1].every, end=end)
    begin = end - HOUR // 2 - PERIOD
    assert found == pytest.approx(float(bad[begin:end].sum() / (bad + good)[begin:end].sum()), rel=BAR)


def by_chance(pattern: tuple[Stretch, ...], seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw bad and good events of each second."""
    chance = np.random.default_rng(seed)
    errors, total = expected_events(pattern)
    return chance.poisson(errors).astype(float), chance.poisson(total - errors).astype(float)


def test_pods_churn_and_scrapes_fail():
    """New pods every six hours, whose counters start anew, and twenty minutes a day without scrapes: within 0.1%."""
    bad, good = by_chance(PATTERNS["quiet nights with 10% errors, busy days with 0.017%"], seed=7)
    storage = Storage()
    moments = np.arange(11, len(bad) + AFTER, 30)
    moments = moments[(moments % DAY < 15 * HOUR) | (moments % DAY > 15 * HOUR + 1200)]
    for code, events in (("200", then_idle(good)), ("500", then_idle(bad))):
        level = np.concatenate([[0.0], np.cumsum(events)])
        for pod, born in enumerate(range(0, len(bad), 6 * HOUR)):
            seen = moments[(moments >= born) & (moments < born + 6 * HOUR)]
            labels = labels_of({NAME: "http_requests_total", "job": "shop", "code": code, "pod": f"shop-{pod}"})
            storage.add(Series(labels, seen.astype(np.int64) * 1000, level[seen] - level[born]))
    assert measured(storage, "bad", 30, 17.345) == pytest.approx(truth(bad, bad + good), rel=BAR)


def read_by(name: str, rules: list[dict[str, object]]) -> set[str]:
    """Give the names of the recorded series that one of them is computed from, itself included."""
    known, before = {name}, set()
    while known != before:
        before = set(known)
        for rule in rules:
            if rule.get("record") in before:
                known |= {selector.name or "" for selector in selectors(parse(str(rule["expr"])))}
    return known


def in_minutes(pattern: tuple[Stretch, ...], share: str) -> str:
    """Write a pattern's good or bad requests as a counter of one-minute samples."""
    wanted = {"good": lambda stretch: 1 - stretch.errors, "bad": lambda stretch: stretch.errors}[share]
    return counter(*((60 * stretch.rate * wanted(stretch), stretch.seconds // 60) for stretch in pattern), (0, 40))


@pytest.mark.slow
@pytest.mark.promtool
@pytest.mark.parametrize(
    ("tool", "name"),
    drawn([on_engine(tool, name) for tool in engines() if tool.id != EMBEDDED for name in PATTERNS], 2),
)
def test_smooth_traffic_on_promtool(name, tool, tmp_path):
    """A real Prometheus engine finds the same, on the rules that the ratio needs, evaluated every half hour."""
    # Samples are a minute apart; a range that is half a scrape longer holds as many in either way to close it.
    rules = yaml.safe_load(rules_of("api", SPEC.replace("FORM", FORMS["bad"]).replace("SCRAPE", "30")))
    ordered = [rule for group in rules["groups"] for rule in group["rules"]]
    needed = read_by(RATIO, ordered)
    group = {"name": "needed", "rules": [rule for rule in ordered if rule.get("record") in needed]}
    errors, total = expected_events(PATTERNS[name])
    # Half past the hour: the last one is closed, and of the idle time since nothing counts.
    check = {
        "expr": f"abs({RATIO} / {truth(errors, total)!r} - 1) < bool {BAR}",
        "eval_time": "744h30m",
        "exp_samples": [{"labels": '{slo="api", slo_id="shop-api", slo_service="shop"}', "value": 1}],
    }
    series = [
        {"series": f'http_requests_total{{job="shop",code="{code}"}}', "values": in_minutes(PATTERNS[name], share)}
        for code, share in (("200", "good"), ("500", "bad"))
    ]
    test = {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": [check]}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [group]}), encoding="utf-8")
    path = tmp_path / "case.yaml"
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": "30m", "tests": [test]}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    verdict = run_promtool(tool, str(path))
    assert verdict.passed, verdict.output

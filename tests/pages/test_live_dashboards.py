"""On a real Prometheus with a day of data, every panel's query finds something, or says why it may not."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pagecases import SPEC, panel, panels_of

from burnproof.compile import compile_specs
from burnproof.compile.plan import make_plan
from burnproof.specs.resolve import read_slos
from promrules.columns.series import Storage
from promrules.prometheus_scripts.series_notation import parse_series
from promrules.rule_tests.evaluation import evaluate_rules
from promrules.rule_tests.rule_file import load_rules

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
from livehistory import Growth, openmetrics
from liveservers import import_blocks, program, prometheus

from places import eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]
DAY, INCIDENT = 24, 2  # hours
VARIABLES = re.compile(r"\$\{?(?!__)\w+\}?")
OWN = ("up", "aragora_")  # what boards read and nothing here exports


def histogram(name, labels, bounds, good, bad):
    """Counters of a histogram; ``good`` and ``bad`` give the observations per second up to each bound."""
    series = {
        f'{name}_bucket{{{labels},le="{bound}"}}': Growth(well, ill)
        for bound, well, ill in zip((*bounds, "+Inf"), good, bad, strict=True)
    }
    return {**series, f"{name}_count{{{labels}}}": Growth(good[-1], bad[-1])}


SERIES = {
    'http_requests_total{job="shop",route="/buy",status="200"}': Growth(20, 10),
    'http_requests_total{job="shop",route="/buy",status="500"}': Growth(0.02, 10),
    'http_requests_total{job="shop",route="/look",status="200"}': Growth(50, 50),
    **histogram(
        "http_request_duration_seconds", 'job="shop"', ("0.1", "0.25", "0.5"), (60, 69, 70, 70), (5, 10, 60, 70)
    ),
    **histogram("messages_per_second", 'job="shop"', ("5.0", "10.0", "20.0"), (0, 0.1, 5, 10), (4, 8, 9, 10)),
    "app_processed_total": Growth(50, 20),
    "app_produced_total": Growth(50, 50),
    "db_in_use": Growth(0.001, 0.001),  # grows to 86 within the day
    "db_size": Growth(0.002, 0.002),
    'restarts_total{namespace="shop",pod="a"}': Growth(0, 3 / 3600),
}


def recorded(rules, end):
    """Give what the rules would have recorded each minute of the day, as the engine computes it, as OpenMetrics."""
    start, turn = end - DAY * 3600, end - INCIDENT * 3600
    times = np.arange(start, end + 1, 30, dtype=np.int64)
    storage = Storage()
    for text, growth in SERIES.items():
        labels, _ = parse_series(f"{text} 0")
        values = growth.well * (np.minimum(times, turn) - start) + growth.ill * np.maximum(0, times - turn)
        storage.append(labels, times * 1000, np.floor(values))
    evaluation = evaluate_rules(load_rules(rules).groups, storage, start * 1000, end * 1000, 60_000)
    assert not evaluation.failures
    lines = []
    for series in sorted(evaluation.storage, key=lambda series: dict(series.labels)["__name__"]):
        name = dict(series.labels)["__name__"]
        if name.startswith("slo:"):
            pairs = ",".join(f'{label}="{value}"' for label, value in series.labels if label != "__name__")
            samples = zip(series.times, series.values, strict=True)
            lines += [
                f"{name}{{{pairs}}} {float(value)!r} {at / 1000:.3f}\n" for at, value in samples if not np.isnan(value)
            ]
    return "".join(lines)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    for name in ("prometheus", "promtool"):
        program(name)
    folder = tmp_path_factory.mktemp("live")
    rules = folder / "shop.yaml"
    # A long service has its rules in several files.
    first, *others = (text for _, text in sorted(compile_specs([str(SPEC)], kinds=("rules",)).files.items()))
    text = first + "".join(other.split("groups:\n", 1)[1] for other in others)
    rules.write_text(re.sub(r"\n    interval: .*", "", text))  # the server's own, which is a second here
    end = int(time.time())
    raw = openmetrics(SERIES, end, DAY, INCIDENT)
    import_blocks(folder, raw.removesuffix("# EOF\n") + recorded(rules, end) + "# EOF\n")
    with prometheus(folder, [rules], every="1s") as running:
        eventually(lambda: bool(running.query('ALERTS{alertstate="firing",slo="availability"}')))
        eventually(lambda: len(running.query("slo:period_error_budget_remaining:ratio")) >= 7)
        time.sleep(3)  # what is read in the same group stands in the next evaluation
        yield running


def filled(expr):
    """Put in what Grafana would for "All", and a length of time."""
    return VARIABLES.sub(".*", re.sub(r"\$\{?__\w+\}?", "5m", expr))


def found(server, target):
    """Give how many series a query has, asked as the panel asks it."""
    if target.instant:
        return len(server.query(filled(target.expr)))
    now = time.time()
    data = server.get("/api/v1/query_range", query=filled(target.expr), start=now - 60, end=now, step=5)
    return len(data["data"]["result"])


def test_every_panel_has_data_or_says_why_not(server):
    loaded = read_slos([str(SPEC)])
    silent, surprising = [], []
    for board in make_plan(loaded.slos, loaded.boards, kinds=("dashboards",)).dashboards:
        for one in board.all_panels():
            for target in one.targets:
                if found(server, target) or (target.foreign and any(name in target.expr for name in OWN)):
                    continue
                said = bool(target.empty) and target.empty in one.description
                (silent if said else surprising).append((board.name, one.title, target.expr if not said else ""))

    assert surprising == []
    assert silent == [("_overview", "SLOs without data", ""), ("shop", "SLOs without data", "")]


def test_every_variable_has_values(server):
    made = compile_specs([str(SPEC)], kinds=("dashboards",))
    for text in (text for path, text in made.files.items() if path.endswith(("shop.json", "overview.json"))):
        for variable in json.loads(text)["templating"]["list"]:
            if variable["type"] != "query":
                continue
            series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            values = server.get(f"/api/v1/label/{label}/values", **{"match[]": series})["data"]
            if label != "team" or values:
                assert values, variable["query"]


def test_table_and_panels_agree_to_the_last_digit(server):
    """What is attained reads the same in the overview, on the service's page and from the recorded rules."""
    files = compile_specs([str(SPEC)], kinds=("dashboards",)).files
    overview, shop = (json.loads(files[f"dashboards/{name}.json"]) for name in ("_overview", "shop"))
    at = time.time() - 1
    table = panel(overview, "Error budgets, worst first")["targets"][2]["expr"]
    own = panel(shop, "Attained", "fast")["targets"][0]["expr"]
    rows = {row["metric"]["slo"]: float(row["value"][1]) for row in server.query(filled(table), time=at)}
    recorded = server.query('slo:sli_error:ratio_rate30d{slo_id="shop-fast"}', time=at)
    (attained,) = server.query(filled(own), time=at)

    assert rows["fast"] == pytest.approx(float(attained["value"][1]), abs=1e-9)
    assert rows["fast"] == pytest.approx(1 - float(recorded[0]["value"][1]), abs=1e-9)
    assert "restarts" not in rows, "a count attains nothing"


def test_without_rules_nothing_is_well(tmp_path):
    """A Prometheus that knows nothing shows nothing: no panel has a figure."""
    (tmp_path / "data").mkdir()
    boards = make_plan(read_slos([str(SPEC)]).slos, kinds=("dashboards",)).dashboards
    with prometheus(tmp_path) as empty:
        shown = [
            (board.name, one.title)
            for board in boards
            for one in board.all_panels()
            for target in one.targets
            if found(empty, target)
        ]

    assert shown == []


def test_the_dashboards_have_panels_at_all():
    files = compile_specs([str(SPEC)], kinds=("dashboards",)).files

    assert sum(len(list(panels_of(json.loads(text)))) for path, text in files.items() if path.endswith(".json")) > 90

"""Calendar periods: the clock of a zone in PromQL, what a unit sums up, and the proofs on every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rulecases import EMBEDDED, engines, on_engine

from burnproof.compile.plan import make_plan
from burnproof.model import naming
from burnproof.model.time_zones import END_YEAR, FIRST_YEAR, zone_of
from burnproof.output.render import render
from burnproof.rules.kinds import measure_of
from burnproof.rules.measure import BASE, HOUR
from burnproof.rules.recording import metadata_rules, recording_rules
from burnproof.specs.resolve import slos_from_text
from places import drawn, sampled
from promrules.rule_tests.promtool import run_promtool
from promrules.rule_tests.promtool_program import Promtool
from promrules.rule_tests.run import RunOptions, run_file

if TYPE_CHECKING:
    from pathlib import Path

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/Havana",  # goes back from 01:00 to 00:00
    "America/Santiago",  # goes forward at 24:00, and back at 24:00
    "Africa/Cairo",  # goes forward at 00:00 on a Friday, and back at 24:00
    "Africa/Casablanca",  # changes with Ramadan
    "Pacific/Auckland",
)
YEARS = (FIRST_YEAR, END_YEAR - 1)
UNITS = ("week", "month", "quarter")
IDENTITY = '{slo="availability", slo_id="shop-availability", slo_service="shop"}'
RATIO = 'ratio: {total: \'http_requests_total{job="shop"}\', bad: \'http_requests_total{job="shop",code=~"5.."}\'}'
ENGINES = engines()


def slo_of(unit, zone, sli=RATIO, more="", objective="99.9%"):
    spec = f"""
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: availability
    objective: {objective}
    window: {{calendar: {unit}, timezone: {zone}}}
    sli:
      {sli}
{more}
"""
    loaded = slos_from_text("shop.yaml", spec)
    assert loaded.ok, loaded.problems
    return loaded.slos[0]


def unit_of(unit, zone, moment):
    """Give the first moment of the unit around a moment, and of the next unit, from the calendar's own dates."""
    local = datetime.fromtimestamp(moment, ZoneInfo(zone)).date()
    if unit == "week":
        first = local - timedelta(days=local.weekday())
        after = first + timedelta(days=7)
    elif unit == "month":
        first = local.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    else:
        first = local.replace(month=(local.month - 1) // 3 * 3 + 1, day=1)
        after = (first + timedelta(days=92)).replace(day=1)
    return first_moment(first, zone), first_moment(after, zone)


def first_moment(day, zone):
    """Find the first second whose local date is a day, by looking at each minute around its midnight in UTC."""
    zone = ZoneInfo(zone)
    middle = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return next(
        at
        for at in range(middle - 16 * 3600, middle + 16 * 3600, 900)
        if datetime.fromtimestamp(at, zone).date() >= day
    )


def moments(zone):
    """Times around the beginnings of units, the changes of the clock, and between."""
    found = {int(datetime(2026, month, 1, 12, tzinfo=UTC).timestamp()) for month in range(1, 13)}
    for unit in UNITS:
        start, after = unit_of(unit, zone, int(datetime(2028, 2, 29, tzinfo=UTC).timestamp()))
        found |= {start, start + 60, after, after + 60, after - 3600}
    for each in zone_of(zone).transitions[:6]:
        found |= {each.at, each.at + 60, each.at - 3600, each.at + 3660, each.at + 4 * 86_400}
        start, after = unit_of("month", zone, each.at)
        found |= {start + 60, after, after + 60}
    return sorted(found)


def judge(engine, folder, rules, tests, evaluation="1m"):
    """Run rule tests on an engine and fail with what it says."""
    if isinstance(rules, dict):
        rules = yaml.safe_dump(rules, sort_keys=False)
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    path = folder / "test.yaml"
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": evaluation, "tests": tests}
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    _run(engine, path)


def _run(engine, path):
    if isinstance(engine, Promtool):
        verdict = run_promtool(engine, str(path))
        assert verdict.passed, verdict.output
        return
    for compat in (3, 2):
        result = run_file(str(path), RunOptions(compat=compat))
        assert not result.problems, result.problems
        failures = [failure for test in result.tests for failure in test.failures]
        assert not failures, f"semantics of Prometheus {compat}: {failures}"


def needs_dates(engine):
    """Skip a promtool whose tests all begin in 1970."""
    if isinstance(engine, Promtool) and engine.version and (2, 0) < engine.version[:2] < (3, 9):
        pytest.skip("this promtool knows no start_timestamp")


def calendar_group(slo):
    """Give the rules of the calendar alone, which read the recorded tiles; and metadata, which tell of their age."""
    rules = [
        {"record": rule.record, "expr": rule.expr, "labels": dict(rule.labels)}
        for rule in (*metadata_rules(slo), *recording_rules(slo, measure_of(slo)))
        if "http_requests_total" not in rule.expr
    ]
    return {"groups": [{"name": "calendar", "rules": rules}]}


def tiles(side, *stretches):
    """Give the tiles of one side as they are recorded every five minutes: (events per second, hours) one by one.

    At each full hour the tile of five minutes and that of the hour are those that end there, and the one "again" is of
    the hour before. What is recorded before the first has ended is 0.
    """
    told = " ".join(f"{rate}x{12 * hours - 1}" for rate, hours in stretches)
    names = (naming.tile(side, BASE), naming.tile(side, HOUR), naming.tile(side, HOUR, again=True))
    return [
        {"series": name + IDENTITY, "values": f"0x{before} {told}"}
        for name, before in zip(names, (0, 11, 23), strict=True)
    ]


def check(at, expr, value):
    samples = [] if value is None else [{"labels": IDENTITY, "value": value}]
    return {"eval_time": at, "expr": f"{expr} + 0", "exp_samples": samples}


@given(st.sampled_from(ZONES), st.integers(*(int(datetime(y, 1, 2, tzinfo=UTC).timestamp()) for y in YEARS)))
def test_offsets_are_those_of_the_zone(zone, at):
    moment = datetime.fromtimestamp(at, ZoneInfo(zone))

    assert moment.utcoffset() == timedelta(seconds=zone_of(zone).offset(at))


@pytest.mark.parametrize(
    ("engine", "zone", "unit"),
    sampled([on_engine(engine, zone, unit) for engine in ENGINES for zone in ZONES for unit in UNITS], every=13),
)
def test_units_begin_at_local_midnight(zone, unit, engine, tmp_path):
    """Clock, beginning and length are right to the second around each change of the clock, and midnight ends a unit."""
    needs_dates(engine)
    slo = slo_of(unit, zone)
    tests = []
    for moment in moments(zone):
        start, after = unit_of(unit, zone, moment - 1)
        checks = [check("1m", naming.selector(naming.PERIOD_START, slo.id), start)]
        changes = [each.at for each in zone_of(zone).transitions if start < each.at <= after]
        if all(moment > change for change in changes):  # before it, the hour that is lost or won is not yet known
            checks.append(check("1m", naming.selector(naming.PERIOD_LENGTH, slo.id), after - start))
        begin = datetime.fromtimestamp(moment - 60, UTC).isoformat().replace("+00:00", "Z")
        tests.append({"name": begin, "interval": "1m", "start_timestamp": begin, "promql_expr_test": checks})

    judge(engine, tmp_path, calendar_group(slo), tests)


@pytest.mark.parametrize("engine", sampled(ENGINES, every=len(ENGINES)))
def test_a_month_with_a_changed_clock_counts_each_hour_once(engine, tmp_path):
    """March 2026 in Berlin has 743 hours; its last ends at 22:00 UTC, and what was bad in it is March's."""
    needs_dates(engine)
    slo = slo_of("month", "Europe/Berlin")
    month = naming.selector(naming.calendar_ratio("month"), slo.id)
    seen = naming.selector(naming.PERIOD_SEEN, slo.id)
    # The test begins on 26 February 00:00 UTC; the last hour of March is the one that ends on 31 March 22:00.
    last = 33 * 24 + 22
    first = 2 * 24 + 23  # 28 February 23:00 UTC, where March begins in Berlin
    tests = [
        {
            "interval": "5m",
            "start_timestamp": "2026-02-26T00:00:00Z",
            "input_series": [
                *tiles("errors", (0, last - 1), (743, 1), (8, 1), (0, 10)),
                *tiles("total", (10, last + 11)),
            ],
            "promql_expr_test": [
                check(f"{first}h", month, 0),
                check(f"{last}h", month, 0.1),
                check(f"{last}h", seen, (743 * 3600 - 1) / (743 * 3600)),  # the second of midnight is April's
                check(f"{last + 1}h", month, 0.8),
                check(f"{last + 1}h", seen, (3600 - 1) / (720 * 3600)),
                check(f"{last + 2}h", month, 0.4),
            ],
        }
    ]

    judge(engine, tmp_path, calendar_group(slo), tests, "1h")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_new_unit_has_its_whole_budget_and_idle_time_spends_none(engine, tmp_path):
    """Where nothing happened yet the ratio is 0, and not the 0/0 that would leave the budget unknown."""
    slo = slo_of("week", "UTC")
    ratio = naming.selector(naming.calendar_ratio("week"), slo.id)
    left = naming.selector(naming.BUDGET_REMAINING, slo.id)
    tests = [
        {
            "interval": "5m",
            "input_series": [*tiles("errors", (5, 96), (0, 10)), *tiles("total", (10, 96), (0, 10))],
            "promql_expr_test": [
                check("96h", ratio, 0.5),
                *(check(at, ratio, 0) for at in ("97h", "99h")),
                *(check(at, left, 1) for at in ("97h", "99h")),
            ],
        }
    ]

    judge(engine, tmp_path, calendar_group(slo), tests, "1h")


SLIS = {
    "events": RATIO,
    "grouped": RATIO.replace("{total", "{by: route, total"),
    "slices": "threshold: {value: db_pool, op: '<', bound: 80%, slice: 1m}",
    "hours": "threshold: {value: db_pool, op: '<', bound: 80%, slice: 1h}",
    "quarters of a day": "threshold: {value: db_pool, op: '<', bound: 80%, slice: 6h}",
}
POLICY = "    budget_policy: [{below: 25%, do: slow down}, {below: 0%, do: freeze releases}]"
PROOFS = (
    ("month", "Europe/Berlin", "events", "99.9%"),
    ("month", "America/New_York", "slices", "99%"),
    ("month", "Asia/Kathmandu", "events", "95%"),
    ("week", "Asia/Kolkata", "slices", "99%"),
    ("week", "America/New_York", "grouped", "99.9%"),
    ("week", "UTC", "hours", "90%"),
    ("quarter", "Pacific/Auckland", "events", "99.5%"),
    ("quarter", "UTC", "quarters of a day", "95%"),
)


@lru_cache(maxsize=16)
def files_of(unit, zone, kind, objective, *, calendar_only):
    """Compile an SLO; with ``calendar_only`` keep the proofs that cross midnight, which are few but long."""
    plan = make_plan([slo_of(unit, zone, SLIS[kind], POLICY, objective)], kinds=("rules", "tests"))
    if calendar_only:
        kept = [
            replace(file, proofs=tuple(p for p in file.proofs if "begins anew" in p.name or "budget:" in p.name))
            for file in plan.proofs
        ]
        plan = replace(plan, proofs=tuple(file for file in kept if file.proofs))
    return render(plan, kinds=("rules", "tests"))


@pytest.mark.parametrize("case", sampled([pytest.param(case, id=" ".join(case)) for case in PROOFS], every=5))
def test_proofs_hold_on_the_embedded_engine(case, tmp_path):
    names = _written(tmp_path, files_of(*case, calendar_only=False))
    assert any("begins anew" in (tmp_path / name).read_text() for name in names)

    for name in names:
        _run(EMBEDDED, tmp_path / name)


@pytest.mark.parametrize(
    ("engine", "case"),
    drawn([on_engine(engine, case, id=" ".join(case)) for engine in ENGINES[1:] for case in PROOFS], 2),
)
def test_proofs_hold_on_promtool(case, engine, tmp_path):
    for name in _written(tmp_path, files_of(*case, calendar_only=True)):
        _run(engine, tmp_path / name)


def _written(folder: Path, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return [path for path in files if path.startswith("tests/")]


@pytest.mark.parametrize("epoch", ["0", "1800000000"])
def test_the_day_of_the_compilation_leaves_no_trace(epoch, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    case = ("month", "Europe/Berlin", "events", "99.9%")
    files_of.cache_clear()
    before = files_of(*case, calendar_only=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2000000000")
    files_of.cache_clear()

    assert before == files_of(*case, calendar_only=True)


def test_the_table_of_changed_clocks_is_far_from_its_end():
    """A release whose table ends in three years would warn its users too soon: move both years on."""
    assert datetime.now(UTC).year <= END_YEAR - 4

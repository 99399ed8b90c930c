"""CA3's SLOs do what its numbers demand, and fall into none of its traps (T3.1 to T3.21): on every engine there is."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rulecases import EMBEDDED, Case, counter, engines, load, on_engine, pick, rules_of, run

from burnproof.compile.plan import make_plan
from burnproof.model import naming
from burnproof.rules.types import AlertingRule, RecordingRule
from burnproof.specs.resolve import slos_from_text
from places import sampled
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse

WRITTEN = 'starlette_requests_total{job="processor",status="%s"}'
REQUESTS = 'starlette_requests_total{job="processor",path="%s",status_code="%s"}'
OK, FAILED = REQUESTS % ("/gpu/info", "200"), REQUESTS % ("/gpu/info", "500")
BUCKET = 'starlette_request_duration_seconds_bucket{job="processor",path="/gpu/info",le="%s"}'
STORED = 'app_end_to_end_seconds_%s{job="processor"%s}'
PRODUCED, PROCESSED = "app_produced_messages_total", "app_processed_messages_total"
POD = 'kube_pod_container_status_restarts_total{namespace="app",pod="processor-%s"}'


def value(record: str) -> str:
    """Ask for a recorded series without its labels."""
    return f"sum({record})"


def latency(*growths: tuple[float, float, float, int]) -> dict[str, str]:
    """Give the buckets 0.1, 0.2 and the rest, each growing by so much for so many intervals."""
    bounds = {"0.1": 0, "0.2": 1, "0.25": 2, "+Inf": 2}
    return {
        BUCKET % le: counter(*((stretch[place], int(stretch[3])) for stretch in growths))
        for le, place in bounds.items()
    }


def hours(bad: int) -> dict[str, str]:
    """Give 720 hours of ten-minute samples: `bad` of them, spread over the month, have every request slow."""
    gap = 720 // (bad + 1)
    stretches: list[tuple[float, float, float, int]] = []
    for _ in range(bad):
        stretches += [(100, 100, 100, (gap - 1) * 6), (0, 0, 100, 6)]
    return latency(*stretches, (100, 100, 100, (720 - bad * gap) * 6))


def outage(after: int, minutes: int, then: int) -> tuple[str, str]:
    """Give good and bad requests, 100 a minute: all bad for some minutes, after so many good ones and before others."""
    return (
        counter((100, after), (0, minutes), (100, then)),
        counter((0, after), (100, minutes), (0, then)),
    )


SPIKE = outage(60, 4, 30)
SHORT = dict(zip((OK, FAILED), outage(370, 4, 30), strict=True))  # when six hours are full
LONG = dict(zip((OK, FAILED), outage(370, 15, 60), strict=True))

NUMBERS = [
    Case(
        "92/8 good/bad per minute: 14.4x fires by 12m and not at 5m",
        "availability-as-written",
        {WRITTEN % 200: "0+92x20", WRITTEN % 500: "0+8x20"},
        {"5m": "", "12m": "5m 1h", "20m": "5m 1h"},
    ),
    Case(
        "93/7 good/bad per minute: 14.4x never, 6x and 1x fire",
        "availability-as-written",
        {WRITTEN % 200: "0+93x1500", WRITTEN % 500: "0+7x1500"},
        {"10m": "1h", "1h": "1h", "22h": "1h", "22h5m": "1h 1d"},
        evaluation="5m",
    ),
    Case(
        "two restarts a day are allowed",
        "restarts",
        {POD % "a": counter((0, 72), (1, 1), (0, 250)), POD % "b": counter((0, 144), (1, 1), (0, 180))},
        {"13h": "", "23h": ""},
        {("23h", value("slo:sli_errors:increase1d")): (("{}", 2),)},
        interval="5m",
        evaluation="1h",
    ),
    Case(
        "three restarts a day break it",
        "restarts",
        {
            POD % "a": counter((0, 72), (1, 1), (0, 130), (1, 1), (0, 120)),
            POD % "b": counter((0, 144), (1, 1), (0, 180)),
        },
        {"16h": "", "17h": "1d", "23h": "1d"},
        {("23h", value("slo:sli_errors:increase1d")): (("{}", 3),)},
        interval="5m",
        evaluation="1h",
    ),
    Case(
        "nothing processed in 2 of 100 minutes is 98%, and 2 of the 432 bad minutes of a month are spent",
        "keeps-up",
        {
            PRODUCED: "_x40 0+50x200",
            PROCESSED: "_x40 " + counter((50, 40), (0, 3), (50, 157)),
        },
        None,
        {
            ("2h", value("round(1 - slo:sli_error:ratio_rate30d, 0.01)")): (("{}", 0.98),),
            ("2h", value("round(432 * (1 - slo:period_error_budget_remaining:ratio))")): (("{}", 2),),
        },
        interval="30s",
    ),
    Case(
        "8 bad hours of 720 break 99%",
        "latency-p95",
        hours(8),
        None,
        {
            ("720h", value("slo:sli_error:ratio_rate30d")): (("{}", round(8 / 720, 12)),),
            ("720h", value("slo:period_error_budget_remaining:ratio < bool 0")): (("{}", 1),),
        },
        interval="10m",
        evaluation="1h",
    ),
    Case(
        "7 bad hours of 720 do not",
        "latency-p95",
        hours(7),
        None,
        {
            ("720h", value("slo:sli_error:ratio_rate30d")): (("{}", round(7 / 720, 12)),),
            ("720h", value("slo:period_error_budget_remaining:ratio < bool 0")): (("{}", 0),),
        },
        interval="10m",
        evaluation="1h",
    ),
]

REQUEST_TRAPS = [
    Case(
        "T3.2 metrics under another exporter prefix feed nothing, and that is said",
        "availability",
        {'http_requests_total{job="processor",path="/gpu/info",status_code="200"}': "0+60x30"},
        {"9m": "", "15m": "NoData"},
    ),
    Case(
        "T3.3 the exporter's own label is read: half of the requests failing pages",
        "availability",
        {OK: "0+30x30", FAILED: "0+30x30"},
        {"10m": "1h 6h"},
    ),
    Case(
        "T3.4 scrapes of /metrics do not dilute an outage",
        "availability",
        {OK: "0+92x30", FAILED: "0+8x30", REQUESTS % ("/metrics", "200"): "0+10000x30"},
        {"10m": "1h 6h"},
        {("30m", value("round(slo:sli_error:ratio_rate1h, 0.001)")): (("{}", 0.08),)},
    ),
    Case(
        "T3.5 redirects and 304 are answers",
        "availability",
        {OK: "0+90x30", REQUESTS % ("/gpu/info", "304"): "0+10x30"},
        {"10m": "", "30m": ""},
        {("30m", value("slo:sli_error:ratio_rate5m")): (("{}", 0),)},
    ),
    Case(
        "T3.6 a total outage without any 2xx series ever seen pages",
        "availability",
        {FAILED: "0+60x30"},
        {"5m": "1h 6h", "30m": "1h 6h"},
        {("30m", value("slo:sli_error:ratio_rate1h")): (("{}", 1),)},
    ),
    Case(
        "T3.6 good series that vanish in an outage read as all bad",
        "availability",
        {OK: "0+60x60 _x40", FAILED: "0x60 60+60x40"},
        {"60m": "", "70m": "1h 6h", "90m": "1h 6h"},
        {("70m", value("round(slo:sli_error:ratio_rate5m, 0.01)")): (("{}", 1),)},
    ),
    Case(
        "T3.6 idle traffic is neither an error nor NaN nor missing data",
        "availability",
        {OK: "100x60"},
        {"15m": "", "1h": ""},
        {("1h", "slo:sli_error:ratio_rate1h"): (), ("1h", value("slo:sli_total:rate5m")): (("{}", 0),)},
    ),
    Case(
        "T3.6 a process that is down raises the no-data alert, and that alone",
        "availability",
        {OK: "0+60x20", FAILED: "0x20"},
        {"20m": "", "30m": "", "40m": "NoData", "2h": "NoData"},
    ),
    Case(
        "T3.7 the 30-day figure weighs events, not minutes",
        "availability",
        {OK: counter((1000, 60), (0, 120)), FAILED: counter((0, 60), (1, 120))},
        None,
        {
            ("3h", value(f"abs(slo:sli_error:ratio_rate30d / {120 / 60120!r} - 1) < bool 0.05")): (("{}", 1),),
            ("3h", value("slo:sli_error:ratio_rate5m")): (("{}", 1),),
        },
    ),
    Case(
        "T3.8 the draft's 5m window pages on four bad minutes, 2% of the month's budget",
        "availability-as-written",
        {WRITTEN % 200: SPIKE[0], WRITTEN % 500: SPIKE[1]},
        {"60m": "", "66m": "5m"},
    ),
    Case(
        "T3.8 two windows a tier leave the same four minutes alone",
        "availability",
        SHORT,
        {f"{minute}m": "" for minute in range(370, 400)},
    ),
    Case(
        "T3.8 a service exactly at its objective does not flap at 1x",
        "availability-as-written",
        {WRITTEN % 200: "0+995x1700", WRITTEN % 500: "0+5x1700"},
        {f"{hour}h": "" for hour in range(1, 29)},
        evaluation="5m",
    ),
    Case(
        "T3.8 just below its objective 1x fires",
        "availability-as-written",
        {WRITTEN % 200: "0+9949x1700", WRITTEN % 500: "0+51x1700"},
        {"22h": "", "22h5m": "1d", "28h": "1d"},
        evaluation="5m",
    ),
    Case(
        "T3.9 without `for`, an outage pages in its fifth minute and resets ten minutes after its end",
        "availability",
        LONG,
        # 5 of 60 minutes are more than 7.2%, 11 of 360 more than 3%. The short windows forget after 5 and 30 minutes,
        # and each tier fires for 5 more.
        {
            "374m": "",
            "375m": "1h",
            "380m": "1h",
            "381m": "1h 6h",
            "394m": "1h 6h",
            "395m": "6h",
            "419m": "6h",
            "420m": "",
        },
    ),
    Case(
        "T3.10 errors of 7%, which the draft's one rule slept through, ring in two other tiers",
        "availability-as-written",
        {WRITTEN % 200: "0+93x30", WRITTEN % 500: "0+7x30"},
        {"5m": "", "20m": "1h"},
    ),
]

SLICE_TRAPS = [
    Case(
        "T3.11 with a bucket at the bound, requests of 110 ms are no breach",
        "latency-p95",
        latency((0, 100, 100, 130)),
        {"2h": ""},
        {
            ("2h", value("round(slo:slice_value:current * 1000)")): (("{}", 195),),
            ("2h", value("slo:slice_errors:bool")): (("{}", 0),),
        },
    ),
    Case(
        "T3.11 with a bucket at the bound, 6% of requests at 240 ms are one",
        "latency-p95",
        latency((94, 94, 100, 130)),
        None,
        {("2h", value("slo:slice_errors:bool")): (("{}", 1),)},
    ),
    Case(
        "T3.13 an idle hour has no quantile and is no bad hour",
        "latency-p95",
        latency((0, 0, 0, 200)),
        {"3h": ""},
        {
            ("3h", "slo:slice_errors:bool"): (),
            ("3h", "slo:slice_total:bool"): (),
            ("3h", "slo:sli_error:ratio_rate30d"): (),
        },
    ),
    Case(
        "T3.14 the lag counts what was stored too late",
        "end-to-end",
        {
            STORED % ("bucket", ',le="10"'): "0+98x60",
            STORED % ("bucket", ',le="+Inf"'): "0+100x60",
            STORED % ("count", ""): "0+100x60",
        },
        {"1h": ""},
        {("1h", value("round(slo:sli_error:ratio_rate1h, 0.0001)")): (("{}", 0.02),)},
    ),
    Case(
        "T3.14 bounds written as 10.0 are the same bucket",
        "end-to-end",
        {STORED % ("bucket", ',le="10.0"'): "0+80x60", STORED % ("count", ""): "0+100x60"},
        {"1h": "1h 6h"},
    ),
    Case(
        "T3.15 noise of 3% between two counters is no lag",
        "keeps-up",
        {PRODUCED: "0+100x240", PROCESSED: counter(*([(97, 2), (103, 2)] * 60))},
        {"2h": ""},
        {("2h", value("slo:sli_error:ratio_rate30d")): (("{}", 0),)},
        interval="30s",
    ),
    Case(
        "T3.16 nothing produced divides nothing and is no bad minute",
        "keeps-up",
        {PRODUCED: "0x240", PROCESSED: "0x240"},
        {"2h": ""},
        {("2h", "slo:slice_total:bool"): (), ("2h", "slo:sli_error:ratio_rate30d"): ()},
        interval="30s",
    ),
    Case(
        "T3.16 a missing producer series is missing data",
        "keeps-up",
        {PROCESSED: "0+50x60"},
        {"9m": "", "20m": "NoData"},
        interval="30s",
    ),
    Case(
        "T3.16 a processor that died before its first message keeps up with nothing",
        "keeps-up",
        {PRODUCED: "0+50x240"},
        {"70m": "1h"},
        {("70m", value("slo:slice_errors:bool")): (("{}", 1),)},
        interval="30s",
    ),
    Case(
        "T3.17 restarts are summed over pods and stay whole while pods churn",
        "restarts",
        {
            POD % "a": "0x35 1x35 _x300",
            POD % "b": "_x72 0x35 1x35 _x250",
            POD % "c": "_x144 0x35 1x200",
        },
        {"14h": "", "16h": "1d"},
        {("20h", value("slo:sli_errors:increase1d")): (("{}", 3),)},
        interval="5m",
        evaluation="1h",
    ),
    Case(
        "T3.17 a rollout gives new pods that start at 0, and counts nothing",
        "restarts",
        {POD % "a": "5x72 _x200", POD % "b": "_x72 0x200", POD % "c": "_x80 0x200"},
        {"20h": ""},
        {("20h", value("slo:sli_errors:increase1d")): (("{}", 0),)},
        interval="5m",
        evaluation="1h",
    ),
    Case(
        "T3.17 restarts before the first scrape are not known, and nothing is made up for them",
        "restarts",
        {POD % "a": "2x200"},
        {"12h": ""},
        {("12h", value("slo:sli_errors:increase1d")): (("{}", 0),)},
        interval="5m",
        evaluation="1h",
    ),
]

COLD_START = [
    Case(
        "on the day of deployment raw counters tell of six hours, and longer windows wait until they are covered",
        "availability",
        {OK: "0+50x1600", FAILED: "0+50x1600"},
        {"5m": "1h 6h", "21h55m": "1h 6h", "22h": "1h 6h 1d", "26h": "1h 6h 1d"},
        # The outage fills the windows of days long before: nothing but coverage holds their tiers back.
        {("1h", value(f"slo:sli_error:ratio_rate{days}d > bool 0.015")): (("{}", 1),) for days in (1, 3)},
        evaluation="5m",
    ),
    Case(
        "coverage outlives a gap in the data, as the rules went on running",
        "availability",
        {OK: "0+50x60 _x200 13000+50x1100", FAILED: "0+50x60 _x200 13000+50x1100"},
        {"1h": "1h 6h", "3h": "NoData", "5h": "1h 6h", "21h55m": "1h 6h", "22h": "1h 6h 1d"},
        evaluation="5m",
    ),
    Case(
        "slices wait in every tier, as none of them reads raw counters",
        "keeps-up",
        {PRODUCED: "0+50x800", PROCESSED: "0+10x800"},
        {"50m": "", "55m": "1h", "5h25m": "1h", "5h30m": "1h 6h"},
        interval="30s",
        evaluation="1m",
    ),
]

CASES = [*NUMBERS, *COLD_START, *REQUEST_TRAPS, *SLICE_TRAPS]


@pytest.mark.parametrize(
    ("engine", "case"),
    [
        made
        for number, engine in enumerate(engines())
        for made in sampled([on_engine(engine, case, id=case.name) for case in CASES], every=12 if number else 1)
    ],
)
def test_case(case, engine, tmp_path):
    """The alerts that fire are exactly those expected, and recorded series have the expected values."""
    run(case, engine, tmp_path)


def test_a_case_can_fail(tmp_path):
    """A wrong expectation is not passed over."""
    wrong = Case("wrong", "availability", {FAILED: "0+60x30"}, {"5m": ""})
    with pytest.raises(AssertionError):
        run(wrong, EMBEDDED, tmp_path)


def test_t3_1_every_name_that_a_rule_reads_is_recorded_by_a_rule():
    """T3.1: no rule hopes for a series that nothing records."""
    rules = [rule for file in make_plan(load(), proofs=False).rules for group in file.groups for rule in group.rules]
    recorded = {rule.record for rule in rules if isinstance(rule, RecordingRule)}
    read = {node.name for rule in rules for node in selectors(parse(rule.expr)) if ":" in (node.name or "")}
    assert read
    assert read <= recorded


def test_t3_1_an_assignment_is_refused_at_its_place():
    """T3.1: `name = expr` is no PromQL, and the problem points into the text."""
    loaded = slos_from_text("ca3.yaml", SPEC.format(total="api_success_ratio = sum(rate(x_total[$window]))"))
    assert not loaded.ok
    assert any(found.span and found.span.line == TOTAL_LINE for found in loaded.problems), loaded.problems


def test_t3_12_a_window_shorter_than_its_slice_is_refused():
    """T3.12: five minutes hold no whole hour."""
    text = """
version: burnproof/v1
service: processor
slos:
  - name: latency-p95
    objective: 99%
    sli: {quantile: {histogram: x_seconds, quantile: 0.95, at_most: 200ms, slice: 1h, buckets: [0.1, 0.2, 0.5]}}
    alerting: {policy: single-window}
"""
    loaded = slos_from_text("ca3.yaml", text)
    assert not loaded.ok
    assert any("slice" in found.message for found in loaded.problems), loaded.problems


def test_t3_18_every_row_of_the_burn_table_has_its_severity():
    """T3.18: 14.4x and 6x page, 1x is a ticket."""
    slo = pick("availability-as-written")
    assert [(tier.factor, tier.severity) for tier in slo.policy.tiers] == [
        (Decimal("14.4"), "page"),
        (Decimal(6), "page"),
        (Decimal(1), "ticket"),
    ]


@pytest.mark.parametrize("factor", ["14.4×", "14.4x", "14.4"])  # noqa: RUF001  # the sign is the point
def test_t3_19_factors_may_carry_a_times_sign(factor):
    """T3.19: the table's own writing is understood."""
    policy = (
        f"\n    alerting: {{policy: {{name: own, tiers: [{{factor: {factor}, long: 1h, short: 5m, severity: page}}]}}}}"
    )
    loaded = slos_from_text("ca3.yaml", SPEC.format(total="x_total") + policy)
    assert loaded.ok, loaded.problems
    assert loaded.slos[0].policy.tiers[0].factor == Decimal("14.4")


def test_t3_20_every_alert_says_whose_it_is_and_what_to_do():
    """T3.20: remediation and owner stand on the alert itself, not in a table beside it."""
    for slo in load():
        rules = [rule for file in make_plan([slo], proofs=False).rules for group in file.groups for rule in group.rules]
        alerts = [rule for rule in rules if isinstance(rule, AlertingRule)]
        assert alerts
        for alert in alerts:
            annotations = dict(alert.annotations)
            assert annotations["remediation"] == slo.remediation
            assert slo.owner.team
            assert slo.owner.team in annotations["owner"]
            assert dict(alert.labels)[naming.TEAM] == slo.owner.team


@pytest.mark.parametrize("engine", engines())
def test_t3_21_a_trailing_by_is_accepted(engine, tmp_path):
    """T3.21: `sum(…) by (job)` is PromQL like any other."""
    spec = SPEC.format(total="sum(rate(x_total[$window])) by (job)")
    case = Case(
        "T3.21",
        "a",
        {'x_total{job="p",code="500"}': "0+10x20", 'x_total{job="p",code="200"}': "0+10x20"},
        {"10m": "1h 6h"},
        spec=spec,
    )
    run(case, engine, tmp_path)


SPEC = """
version: burnproof/v1
service: processor
slos:
  - name: a
    objective: 99.5%
    sli:
      ratio:
        total: "{total}"
        bad: 'x_total{{code=~"5.."}}'"""
TOTAL_LINE = 1 + SPEC[: SPEC.index("total:")].count("\n")


def test_every_slo_of_the_spec_is_exercised():
    """No SLO of CA3 goes without a case, and each compiles."""
    assert {case.slo for case in CASES} == {slo.name for slo in load()}
    assert all(rules_of(slo.name) for slo in load())

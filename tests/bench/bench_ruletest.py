"""Times `burnproof test` beside the promtool of this machine on rule files of several sizes; prints medians and ratios.

`python tests/bench/bench_ruletest.py [--only NAME] [--runs N] [--no-promtool]`; nothing is written into the repository.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from processes import BURNPROOF, HEADER, ROOT, measure, shown

from promrules.rule_tests.promtool import find_promtools

if TYPE_CHECKING:
    from collections.abc import Callable

    from promrules.rule_tests.promtool_program import Promtool

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
LONG = "30d"
_HOUR = 60


def rules(slos: int, long_window: str = LONG) -> str:
    """Give a rule file in the shape Sloth generates: 8 SLI windows, 7 meta rules and 2 alerts for each SLO."""
    groups = "\n".join(_groups(f"svc{number}", long_window) for number in range(slos))
    return f"groups:\n{groups}\n"


def _groups(service: str, long_window: str) -> str:
    labels = f"{{sloth_id: {service}-availability, sloth_service: {service}, sloth_slo: availability}}"
    ids = f'sloth_id="{service}-availability", sloth_service="{service}", sloth_slo="availability"'
    sli = [
        f"""    - record: slo:sli_error:ratio_rate{window}
      expr: |
        (sum(rate(http_requests_total{{job="{service}",code=~"(5..|429)"}}[{window}])))
        /
        (sum(rate(http_requests_total{{job="{service}"}}[{window}])))
      labels: {{sloth_window: {window}, {labels[1:-1]}}}"""
        for window in WINDOWS
    ]
    sli.append(
        f"""    - record: slo:sli_error:ratio_rate{long_window}
      expr: |
        sum_over_time(slo:sli_error:ratio_rate5m{{{ids}}}[{long_window}])
        / ignoring (sloth_window)
        count_over_time(slo:sli_error:ratio_rate5m{{{ids}}}[{long_window}])
      labels: {{sloth_window: {long_window}, {labels[1:-1]}}}"""
    )
    ratio = "slo:error_budget:ratio{" + ids + "}"
    meta = {
        "slo:objective:ratio": "vector(0.999)",
        "slo:error_budget:ratio": "vector(1-0.999)",
        "slo:time_period:days": "vector(30)",
        "slo:current_burn_rate:ratio": (
            f"slo:sli_error:ratio_rate5m{{{ids}}} / on(sloth_id, sloth_slo, sloth_service) group_left {ratio}"
        ),
        "slo:period_burn_rate:ratio": (
            f"slo:sli_error:ratio_rate{long_window}{{{ids}}}"
            f" / on(sloth_id, sloth_slo, sloth_service) group_left {ratio}"
        ),
        "slo:period_error_budget_remaining:ratio": f"1 - slo:period_burn_rate:ratio{{{ids}}}",
        "sloth_slo_info": "vector(1)",
    }
    recorded = [f"    - record: {name}\n      expr: '{expr}'\n      labels: {labels}" for name, expr in meta.items()]
    alerts = [
        _alert(service, ids, "page", (("5m", "1h", 14.4), ("30m", "6h", 6))),
        _alert(service, ids, "ticket", (("2h", "1d", 3), ("6h", "3d", 1))),
    ]
    return "\n".join(
        f"  - name: sloth-{kind}-{service}\n    rules:\n" + "\n".join(body)
        for kind, body in (("sli", sli), ("meta", recorded), ("alerts", alerts))
    )


def _alert(service: str, ids: str, severity: str, pairs: tuple[tuple[str, str, float], ...]) -> str:
    def above(window: str, factor: float) -> str:
        return f"(slo:sli_error:ratio_rate{window}{{{ids}}} > ({factor} * 0.001))"

    sides = " or ".join(
        f"(max({above(short, factor)}) without (sloth_window) and max({above(long, factor)}) without (sloth_window))"
        for short, long, factor in pairs
    )
    return f"""    - alert: {service.capitalize()}HighErrors
      expr: '{sides}'
      labels: {{severity: {severity}}}
      annotations:
        summary: '{{{{$labels.sloth_service}}}} burns too fast'
        title: '({severity}) {{{{$labels.sloth_service}}}} {{{{$labels.sloth_slo}}}} budget burns too fast.'"""


def sloth_test(slos: int, minutes: int) -> str:
    """Give a test of `slos` services over some minutes: steady traffic, an outage in the last third, one check each."""
    begin = minutes * 2 // 3
    series = "\n".join(
        f"""      - series: 'http_requests_total{{job="svc{number}",code="{code}"}}'
        values: '{values}'"""
        for number in range(slos)
        for code, values in (
            ("200", f"0+600x{minutes}"),
            ("500", f"0+0x{begin} 0+120x{minutes - begin}"),
            ("404", f"0+3x{minutes}"),
        )
    )
    checks = "\n".join(
        f"""      - expr: 'slo:sli_error:ratio_rate5m{{sloth_service="svc{number}"}} > bool 2'
        eval_time: {minutes}m
        exp_samples:
          - labels: '{{sloth_id="svc{number}-availability", sloth_service="svc{number}",
              sloth_slo="availability", sloth_window="5m"}}'
            value: 0"""
        for number in range(min(slos, 1))
    )
    order = ", ".join(f"sloth-{kind}-svc{number}" for number in range(slos) for kind in ("sli", "meta", "alerts"))
    return f"""rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [{order}]
tests:
  - interval: 1m
    input_series:
{series}
    promql_expr_test:
{checks}
"""


def tiny_tests(count: int) -> str:
    """Give a file of many small tests."""
    tests = "\n".join(
        f"""  - name: tiny {number}
    input_series: [{{series: 'up{{job="a"}}', values: '0x{number % 5 + 5}'}}]
    alert_rule_test:
      - eval_time: 5m
        alertname: Down
        exp_alerts: [{{exp_labels: {{job: a, severity: page}}, exp_annotations: {{summary: a is down}}}}]
    promql_expr_test: [{{expr: 'sum(up)', eval_time: 5m, exp_samples: [{{labels: '{{}}', value: 0}}]}}]"""
        for number in range(count)
    )
    return f"rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n{tests}\n"


TINY_RULES = """groups:
  - name: g
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: up == 0
        for: 2m
        labels: {severity: page}
        annotations: {summary: '{{ $labels.job }} is down'}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its files, the goal, and how long promtool may take in seconds (0: not run)."""

    name: str
    rules: Callable[[], str]
    test: Callable[[], str]
    goal: str
    patience: int


CASES = (
    Case("one tiny test", lambda: TINY_RULES, lambda: tiny_tests(1), "< 0.3 s", 60),
    Case("100 tiny tests", lambda: TINY_RULES, lambda: tiny_tests(100), "no slower", 60),
    Case("1 SLO, 6 h", lambda: rules(1), lambda: sloth_test(1, 6 * _HOUR), "", 60),
    Case("20 SLOs, 6 h", lambda: rules(20), lambda: sloth_test(20, 6 * _HOUR), ">= 20 x", 120),
    Case("1 SLO, 3 d", lambda: rules(1), lambda: sloth_test(1, 72 * _HOUR), "", 120),
    Case("20 SLOs, 3 d", lambda: rules(20), lambda: sloth_test(20, 72 * _HOUR), ">= 100 x", 900),
    Case("1 SLO, 30 d at 1m, 30d window", lambda: rules(1), lambda: sloth_test(1, 720 * _HOUR), "< 3 s", 0),
)


LONG_RUN = 600
"""A promtool that may take longer is run with `--long` alone."""


def run_case(case: Case, tools: list[Promtool], runs: int) -> None:
    """Time one case on the embedded engine and the promtools, and print a line for each."""
    with tempfile.TemporaryDirectory(prefix="burnproof-bench-") as name:
        folder = Path(name)
        (folder / "rules.yml").write_text(case.rules(), encoding="utf-8")
        (folder / "tests.yml").write_text(case.test(), encoding="utf-8")
        ours = measure([*BURNPROOF, "test", "tests.yml"], folder, runs=runs)
        shown(case.name, "burnproof", ours, f"goal {case.goal}" if case.goal else "")
        for tool in tools if case.patience else ():
            often = 1 if case.patience > 100 else runs
            command = [tool.path, "test", "rules", "tests.yml"]
            theirs = measure(command, folder, runs=often, patience=case.patience)
            faster = f"burnproof is {theirs.elapsed / ours.elapsed:.1f} x as fast" if theirs and ours else ""
            shown("", tool.name.split(" (")[0], theirs, faster)


def main() -> None:
    """Time all cases, or those whose name contains `--only`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-promtool", action="store_true")
    parser.add_argument("--long", action="store_true", help="wait minutes for promtool too")
    arguments = parser.parse_args()
    tools = [] if arguments.no_promtool else find_promtools(start=ROOT)
    sys.stdout.write(HEADER)
    measure([*BURNPROOF, "test", "absent"], ROOT, runs=1)  # so that modules are compiled
    for case in CASES:
        if arguments.only in case.name:
            waits = arguments.long or case.patience < LONG_RUN
            run_case(case, tools if waits else [], arguments.runs)


if __name__ == "__main__":
    main()

"""What rules gave on the embedded engine, read out completely and written as a test that promtool can check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # pytest reads it

import yaml
from random_rules import RECORDED, Sample

from promrules.go_templates.durations import format_duration
from promrules.rule_tests.promtool_messages import promtool_text
from promrules.rule_tests.run import RunOptions, run_file
from promrules.rule_tests.verdicts import AlertMismatch, ExprMismatch, RuleError

TIMES = ("0", "1m", "5m", "11m30s", "20m")
ALERT_NAMES = ("A1", "A2")
PROBES = (
    *(f"{name} == {name}" for name in (*RECORDED, "ALERTS", "ALERTS_FOR_STATE")),
    *(f"count({name} != {name})" for name in RECORDED),
    *(f"count_over_time({name}[30m])" for name in (*RECORDED, "ALERTS")),
    'sum by (__name__) (sum_over_time({__name__=~"r.|ALERTS"}[30m])) > -Inf',
)
"""Expressions that show all that was recorded; NaN, which equals nothing, is counted."""


@dataclass(frozen=True)
class Reading:
    """All that came of a sample: failures of a test that expects nothing right, so that each shows what there is."""

    failures: tuple

    @property
    def rule_errors(self) -> list[str]:
        """The errors of rules in promtool's words."""
        return [promtool_text(failure, "").strip() for failure in self.failures if isinstance(failure, RuleError)]

    def comparable(self) -> list[tuple]:
        """What two runs must agree on."""
        names = ("eval_ms", "got", "message", "time_ms", "rule")
        return [(type(item).__name__, *(getattr(item, name, None) for name in names)) for item in self.failures]


def read_out(folder: Path, sample: Sample, options: RunOptions) -> Reading:
    """Run a sample on the embedded engine and read out everything."""
    alerts = [
        {"eval_time": time, "alertname": name, "exp_alerts": [{"exp_labels": {"impossible": "1"}}]}
        for time in TIMES
        for name in ALERT_NAMES
    ]
    impossible = [{"labels": 'impossible{x="1"}', "value": 1}]
    exprs = [{"expr": expr, "eval_time": time, "exp_samples": impossible} for expr in PROBES for time in TIMES]
    (folder / "rules.yml").write_text(sample.rules_text())
    (folder / "probe.yml").write_text(sample.test_text(alerts, exprs))
    result = run_file(str(folder / "probe.yml"), options)
    assert not result.problems, result.problems
    return Reading(result.tests[0].failures)


def as_test(sample: Sample, reading: Reading) -> str:
    """Write what was read out as a test that must pass."""
    alerts = [{"eval_time": TIMES[-1], "alertname": "nothing"}]  # keeps the test as long as it was
    exprs = []
    for item in reading.failures:
        if isinstance(item, AlertMismatch):
            got = [
                {
                    "exp_labels": {name: value for name, value in alert.labels if name != "alertname"},
                    "exp_annotations": dict(alert.annotations),
                }
                for alert in item.got
            ]
            alerts.append({"eval_time": format_duration(item.eval_ms), "alertname": item.alertname, "exp_alerts": got})
        elif isinstance(item, ExprMismatch):
            got = [{"labels": _labels(found.labels), "value": float(found.value)} for found in item.got]
            exprs.append({"expr": item.expr, "eval_time": format_duration(item.eval_ms), "exp_samples": got})
    return sample.test_text(alerts, exprs)


def _labels(pairs: tuple[tuple[str, str], ...]) -> str:
    quoted = (f"{name}={yaml.safe_dump(value, default_style=chr(34), width=10**6).strip()}" for name, value in pairs)
    return "{" + ",".join(quoted) + "}"

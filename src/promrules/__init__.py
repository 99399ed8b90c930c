"""PromQL evaluated and Prometheus rules tested in Python, with the answers of Prometheus 3 and promtool.

>>> import promrules
>>> promrules.evaluate("sum(rate(errors_total[5m]))", {"errors_total{job='a'}": "0+30x10"}, at="10m")
[Sample(labels={}, value=0.5)]

Importing this package loads next to nothing; each name below loads what it needs when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from promrules.api import Sample, evaluate, mutate, run_tests
    from promrules.columns.values import EvaluationError
    from promrules.mutation.run import Score, Survivor
    from promrules.problem import Problem, Severity, Span
    from promrules.rule_tests.rule_file import AlertingRule, RecordingRule, RuleFile, RuleGroup, load_rules
    from promrules.rule_tests.run import RunOptions
    from promrules.rule_tests.verdicts import FileResult, TestResult
    from promrules.rule_tests.yaml_reader import FileProblems
    from promrules.syntax.parse import parse
    from promrules.syntax.printer import to_text
    from promrules.syntax.tokens import PromqlSyntaxError

_HOMES = {
    "promrules.api": ("Sample", "evaluate", "mutate", "run_tests"),
    "promrules.columns.values": ("EvaluationError",),
    "promrules.mutation.run": ("Score", "Survivor"),
    "promrules.problem": ("Problem", "Severity", "Span"),
    "promrules.rule_tests.rule_file": ("AlertingRule", "RecordingRule", "RuleFile", "RuleGroup", "load_rules"),
    "promrules.rule_tests.run": ("RunOptions",),
    "promrules.rule_tests.verdicts": ("FileResult", "TestResult"),
    "promrules.rule_tests.yaml_reader": ("FileProblems",),
    "promrules.syntax.parse": ("parse",),
    "promrules.syntax.printer": ("to_text",),
    "promrules.syntax.tokens": ("PromqlSyntaxError",),
}

__all__ = [
    "AlertingRule", "EvaluationError", "FileProblems", "FileResult", "Problem", "PromqlSyntaxError", "RecordingRule",
    "RuleFile", "RuleGroup", "RunOptions", "Sample", "Score", "Severity", "Span", "Survivor", "TestResult", "evaluate",
    "load_rules", "mutate", "parse", "run_tests", "to_text",
]  # fmt: skip


__getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)

"""Write rule tests for alerts on thresholds: constant series at the threshold and beyond it.

Only a query whose value a constant series fixes can be proved so: a selector, or a sum, mean, highest or lowest of one.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from burnproof.model.decimals import plain
from promrules.rule_tests.run import run_file
from promrules.syntax.labels import format_labels
from promrules.syntax.nodes import Aggregate, MatchOp, RangeMode, VectorSelector, unwrapped
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from burnproof.loadtest.baseline.thresholds import Threshold
    from promrules.syntax.nodes import Node

_FOLDS: Final = frozenset({"sum", "avg", "max", "min"})
_BEYOND: Final = 100
"""What lies beyond a threshold lies a hundredth of it beyond."""
_PENDING, _HELD, _LONG = "4m", "5m", "10m"
"""Times of the tests; the alerts hold for five minutes."""


def series_of(query: str) -> tuple[str, dict[str, str]] | None:
    """Give a series that the query selects, and the labels that its result has; None where the query does more."""
    node: Node = unwrapped(parse(query))
    folded = isinstance(node, Aggregate) and node.op in _FOLDS and not node.grouping and not node.without
    if folded and isinstance(node, Aggregate):
        node = unwrapped(node.expr)
    if not isinstance(node, VectorSelector) or node.offset or node.at is not None or node.mode is not RangeMode.PLAIN:
        return None
    labels = {matcher.name: matcher.value for matcher in node.matchers if matcher.op is MatchOp.EQUAL and matcher.value}
    if len(labels) != len(node.matchers) or node.name is None or "alertname" in labels:
        return None
    own = {name: value for name, value in labels.items() if name != "__name__"}
    return node.name + format_labels(tuple(sorted(own.items()))), {} if folded else own


def proofs(
    rules: Sequence[Mapping[str, Any]], made: Iterable[Threshold], queries: Mapping[str, str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the rule tests of alerts, and the names of those that have none.

    Args:
        rules: the alerts, in the order of their thresholds.
        made: the thresholds.
        queries: what gives each metric now.
    """
    tests: list[dict[str, Any]] = []
    unproved = []
    for rule, threshold in zip(rules, (one for one in made if one.metric in queries), strict=True):
        found = series_of(queries[threshold.metric])
        if found is None:
            unproved.append(rule["alert"])
        else:
            tests += _tests(rule, threshold, *found)
    return tests, unproved


def _tests(rule: Mapping[str, Any], threshold: Threshold, series: str, labels: Mapping[str, str]) -> list[Any]:
    """Test an alert at its threshold, beyond it, and where it is about throughput without any."""
    limit = threshold.limit.canonical
    beyond = limit + (limit if threshold.is_ceiling else -limit) / _BEYOND
    fires = {"exp_labels": {**labels, **rule["labels"]}, "exp_annotations": dict(rule["annotations"])}
    alert = rule["alert"]
    tests = [
        _test(f"{alert}: silent at the threshold itself", series, limit, [_case(_LONG, alert)]),
        _test(f"{alert}: fires beyond it", series, beyond, [_case(_PENDING, alert), _case(_HELD, alert, fires)]),
    ]
    if not threshold.is_ceiling:
        tests.append(_test(f"{alert}: silent without demand", series, limit - limit, [_case(_LONG, alert)]))
    return tests


def _test(name: str, series: str, value: Decimal, cases: list[Any]) -> dict[str, Any]:
    inputs = [{"series": series, "values": f"{plain(value)}x10"}]
    return {"name": name, "interval": "1m", "input_series": inputs, "alert_rule_test": cases}


def _case(time: str, alert: str, *fires: Mapping[str, Any]) -> dict[str, Any]:
    return {"eval_time": time, "alertname": alert, "exp_alerts": list(fires)}


def tests_text(tests: Sequence[Mapping[str, Any]], rule_file: str) -> str:
    """Write a test file for ``promtool test rules`` and ``burnproof test``."""
    document = {"rule_files": [rule_file], "evaluation_interval": "1m", "tests": list(tests)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def failures(rules: str, tests: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Run the tests of rules on the embedded engine; gives the names of those that fail, or what is wrong with both."""
    with tempfile.TemporaryDirectory(prefix="burnproof-") as name:
        folder = Path(name)
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
        (folder / "tests.yaml").write_text(tests_text(tests, "rules.yaml"), encoding="utf-8")
        found = run_file(os.fspath(folder / "tests.yaml"))
    return (
        *(problem.message for problem in found.problems),
        *(test.name for test in found.tests if not test.passed),
    )

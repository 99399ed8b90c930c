"""Rule unit-test files: text in, typed tests out, or every problem with its line.

The format is that of `promtool test rules`; every field of it is read, unknown ones are refused.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promrules.go_templates.literals import parse_float
from promrules.rule_tests.yaml_reader import Decoder, compose, span_of

if TYPE_CHECKING:
    import yaml

    from promrules.problem import Span

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
DEFAULT_INTERVAL_MS = 60_000


@dataclass(frozen=True, slots=True)
class InputSeries:
    """One input series in promtool's notation: `series` the metric, `values` such as `0+10x60`."""

    series: str
    values: str
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """An alert that must be firing: all its labels but `alertname`, and all its annotations."""

    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlertCase:
    """What must be firing under a name at a time (milliseconds from the start)."""

    eval_ms: int
    alertname: str
    expected: tuple[ExpectedAlert, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ExpectedSample:
    """A sample an expression must give: labels as text, and a value or a histogram in series notation."""

    labels: str
    value: float
    histogram: str


@dataclass(frozen=True, slots=True)
class ExprCase:
    """What an expression must give at a time (milliseconds from the start)."""

    expr: str
    eval_ms: int
    expected: tuple[ExpectedSample, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test: input series, and what must come of the rules.

    Attributes:
        name: its name, may be empty.
        index: its place in the file, from 0.
        interval_ms: gap between input samples.
        start_ms: time of the first sample and evaluation, Unix milliseconds.
        input_series: in the order of the file.
        alert_cases: checks on firing alerts.
        expr_cases: checks on expressions, made after all evaluations.
        external_labels: what templates see as `$externalLabels`.
        external_url: what templates see as `$externalURL`.
        span: where the test stands.
    """

    name: str
    index: int
    interval_ms: int
    start_ms: int
    input_series: tuple[InputSeries, ...]
    alert_cases: tuple[AlertCase, ...]
    expr_cases: tuple[ExprCase, ...]
    external_labels: tuple[tuple[str, str], ...]
    external_url: str
    span: Span

    @property
    def title(self) -> str:
        """The name, or promtool's name for a test without one."""
        return self.name or f"unnamed#{self.index}"

    @property
    def duration_ms(self) -> int:
        """From the start to the last check."""
        return max([0, *(case.eval_ms for case in self.alert_cases), *(case.eval_ms for case in self.expr_cases)])


@dataclass(frozen=True, slots=True)
class TestFile:
    """A whole unit-test file; `rule_files` are patterns as written."""

    __test__ = False  # pytest takes the name for a test class

    path: str
    rule_files: tuple[str, ...]
    interval_ms: int
    group_order: tuple[str, ...]
    fuzzy: bool
    tests: tuple[RuleTest, ...]


_FILE_FIELDS = frozenset({"rule_files", "evaluation_interval", "group_eval_order", "fuzzy_compare", "tests"})
_TEST_FIELDS = frozenset({
    "interval", "input_series", "alert_rule_test", "promql_expr_test", "external_labels", "external_url", "name",
    "start_timestamp",
})  # fmt: skip


def load_tests(source: str | Path, *, file: str = "") -> TestFile:
    """Read a unit-test file from a path, or from YAML text named `file` in problems.

    Raises:
        FileProblems: everything that is wrong with the file.
        OSError: the file cannot be read.
    """
    name = file or (str(source) if isinstance(source, Path) else "<tests>")
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    decoder = Decoder(name)
    found = decoder.fields(compose(text, name), "the test file", _FILE_FIELDS)
    interval = decoder.duration(found.get("evaluation_interval"), "evaluation_interval") or DEFAULT_INTERVAL_MS
    order = [
        decoder.text(node, "group_eval_order")
        for node in decoder.items(found.get("group_eval_order"), "group_eval_order")
    ]
    for place, group in enumerate(order):
        if group in order[:place]:
            decoder.fail(found["group_eval_order"], f"group name repeated in evaluation order: {group}")
    tests = [
        _test(decoder, node, index, interval) for index, node in enumerate(decoder.items(found.get("tests"), "tests"))
    ]
    rule_files = tuple(
        decoder.text(node, "rule_files") for node in decoder.items(found.get("rule_files"), "rule_files")
    )
    fuzzy = decoder.flag(found.get("fuzzy_compare"), "fuzzy_compare")
    decoder.check()
    return TestFile(name, rule_files, interval, tuple(order), fuzzy, tuple(tests))


def _test(decoder: Decoder, node: yaml.Node, index: int, default_interval: int) -> RuleTest:
    found = decoder.fields(node, "a test", _TEST_FIELDS)
    return RuleTest(
        name=decoder.text(found.get("name"), "name"),
        index=index,
        interval_ms=decoder.duration(found.get("interval"), "interval") or default_interval,
        start_ms=_start(decoder, found.get("start_timestamp")),
        input_series=tuple(_series(decoder, item) for item in decoder.items(found.get("input_series"), "input_series")),
        alert_cases=tuple(
            _alert_case(decoder, item) for item in decoder.items(found.get("alert_rule_test"), "alert_rule_test")
        ),
        expr_cases=tuple(
            _expr_case(decoder, item) for item in decoder.items(found.get("promql_expr_test"), "promql_expr_test")
        ),
        external_labels=tuple(sorted(decoder.texts(found.get("external_labels"), "external_labels").items())),
        external_url=decoder.text(found.get("external_url"), "external_url"),
        span=span_of(decoder.file, node),
    )


def _start(decoder: Decoder, node: yaml.Node | None) -> int:
    """Read a start time, Unix seconds or RFC 3339, into milliseconds."""
    text = decoder.text(node, "start_timestamp")
    if node is None or not text:
        return 0
    seconds = parse_float(text, underscores=False)
    if seconds is not None and math.isfinite(seconds) and abs(seconds) < 2**63 / 1e9:
        return math.floor(seconds * 1000)
    try:
        moment = datetime.fromisoformat(text) if _RFC3339.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        hint = "Unix seconds, or RFC 3339 such as 2026-01-01T00:00:00Z"
        decoder.fail(node, f'cannot parse "{text}" to a valid timestamp', hint)
        return 0
    return math.floor((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def _series(decoder: Decoder, node: yaml.Node) -> InputSeries:
    found = decoder.fields(node, "an input series", {"series", "values"})
    return InputSeries(
        decoder.text(found.get("series"), "series"),
        decoder.text(found.get("values"), "values"),
        span_of(decoder.file, node),
    )


def _alert_case(decoder: Decoder, node: yaml.Node) -> AlertCase:
    found = decoder.fields(node, "an alert test", {"eval_time", "alertname", "exp_alerts"})
    eval_ms = decoder.duration(found.get("eval_time"), "eval_time")
    name = decoder.text(found.get("alertname"), "alertname")
    expected = []
    for item in decoder.items(found.get("exp_alerts"), "exp_alerts"):
        parts = decoder.fields(item, "an expected alert", {"exp_labels", "exp_annotations"})
        labels = {**decoder.texts(parts.get("exp_labels"), "exp_labels"), "alertname": name}
        annotations = decoder.texts(parts.get("exp_annotations"), "exp_annotations")
        expected.append(ExpectedAlert(tuple(sorted(labels.items())), tuple(sorted(annotations.items()))))
    return AlertCase(eval_ms, name, tuple(expected), span_of(decoder.file, node))


def _expr_case(decoder: Decoder, node: yaml.Node) -> ExprCase:
    found = decoder.fields(node, "an expression test", {"expr", "eval_time", "exp_samples"})
    samples = []
    for item in decoder.items(found.get("exp_samples"), "exp_samples"):
        parts = decoder.fields(item, "an expected sample", {"labels", "value", "histogram"})
        samples.append(
            ExpectedSample(
                decoder.text(parts.get("labels"), "labels"),
                decoder.number(parts.get("value"), "value"),
                decoder.text(parts.get("histogram"), "histogram"),
            )
        )
    return ExprCase(
        decoder.text(found.get("expr"), "expr"),
        decoder.duration(found.get("eval_time"), "eval_time"),
        tuple(samples),
        span_of(decoder.file, node),
    )

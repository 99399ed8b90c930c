"""Rule-test files in, verdicts out: `run_file(path, options)`, and `run_test` for one test on loaded rules."""

from __future__ import annotations

import glob
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import re2

from promrules.engine import Options
from promrules.go_templates.durations import format_duration
from promrules.histograms.notation import notation
from promrules.problem import Problem, Span
from promrules.rule_tests.evaluation import EvalOptions, Evaluation, TooManyStepsError, evaluate_rules
from promrules.rule_tests.inputs import InputError, expected_sample, input_storage
from promrules.rule_tests.promtool_messages import exponent_text
from promrules.rule_tests.result_columns import vector
from promrules.rule_tests.rule_file import RuleFile, load_rules
from promrules.rule_tests.schedule import Schedule, order_groups, schedule
from promrules.rule_tests.test_file import AlertCase, ExpectedSample, ExprCase, RuleTest, TestFile, load_tests
from promrules.rule_tests.unreachable_rules import fed
from promrules.rule_tests.verdicts import (
    AlertMismatch,
    ExprError,
    ExprMismatch,
    Failure,
    FileResult,
    FiringAlert,
    RuleError,
    SampleText,
    TestError,
    TestResult,
)
from promrules.rule_tests.yaml_reader import FileProblems
from promrules.syntax.bounded import parse_bounded
from promrules.syntax.labels import Labels
from promrules.syntax.parse import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.columns.series import Storage
    from promrules.histograms.value import Histogram


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How tests are run.

    Attributes:
        compat: 3 for the semantics of Prometheus 3.x, 2 for 2.x.
        delayed_name_removal: as Prometheus' feature flag.
        ignore_unknown_fields: skip unknown fields of rule files (never of test files).
        run: RE2 patterns; only tests whose name one of them matches anywhere are run. None: all.
        step_by_step: never evaluate in columns.
    """

    compat: int = 3
    delayed_name_removal: bool = False
    ignore_unknown_fields: bool = False
    run: tuple[str, ...] | None = None
    step_by_step: bool = False


@dataclass(slots=True)
class RuleCache:
    """Rule files already read, by path, and schedules already made."""

    files: dict[str, RuleFile | FileProblems] = field(default_factory=dict)
    schedules: dict[tuple[tuple[str, ...], tuple[str, ...]], Schedule] = field(default_factory=dict)

    def load(self, path: str, options: RunOptions) -> RuleFile | FileProblems:
        """Read a rule file once."""
        if path not in self.files:
            try:
                self.files[path] = load_rules(
                    Path(path), ignore_unknown=options.ignore_unknown_fields, compat=options.compat
                )
            except FileProblems as problems:
                self.files[path] = problems
            except (OSError, UnicodeDecodeError) as error:
                self.files[path] = FileProblems([Problem("io", f"{path}: {_reason(error)}", None)])
        return self.files[path]

    def schedule(self, paths: Sequence[str], order: tuple[str, ...], options: RunOptions) -> Schedule:
        """Give the schedule of the rules in some files.

        Raises:
            FileProblems: those of all the files.
        """
        key = tuple(paths), order
        if key not in self.schedules:
            loaded = [self.load(path, options) for path in paths]
            broken = [problem for found in loaded if isinstance(found, FileProblems) for problem in found.problems]
            if broken:
                raise FileProblems(broken)
            groups = [group for found in loaded if isinstance(found, RuleFile) for group in found.groups]
            self.schedules[key] = schedule(order_groups(groups, order))
        return self.schedules[key]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error.strerror or error)


def run_file(path: str, options: RunOptions | None = None, cache: RuleCache | None = None) -> FileResult:
    """Run the tests of one file.

    Raises:
        OSError: the test file cannot be read.
    """
    options, cache = options or RunOptions(), cache or RuleCache()
    began = time.perf_counter()
    try:
        tests = load_tests(Path(path), file=path)
    except FileProblems as found:
        return FileResult(path, problems=found.problems, seconds=time.perf_counter() - began)
    except UnicodeDecodeError:
        return FileResult(path, problems=(Problem("io", f"{path}: is not UTF-8 text", None),))
    wanted = [test for test in tests.tests if selected(test.name, options.run)]
    paths, warnings = find_rule_files(path, tests.rule_files)
    try:
        plan = cache.schedule(paths, tests.group_order, options) if wanted else None
    except FileProblems as found:
        seconds = time.perf_counter() - began
        return FileResult(path, problems=found.problems, warnings=warnings, seconds=seconds)
    results = tuple(run_test(plan, test, tests, options) for test in wanted) if plan is not None else ()
    return FileResult(path, results, warnings=warnings, seconds=time.perf_counter() - began)


def selected(name: str, patterns: Sequence[str] | None) -> bool:
    """Tell whether a test of this name is to be run: one of the patterns matches anywhere in it."""
    return patterns is None or re2.search("|".join(patterns), name) is not None


def find_rule_files(path: str, patterns: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Resolve the patterns of `rule_files` beside the test file; a pattern without match is a warning only."""
    found: list[str] = []
    warnings: list[str] = []
    for pattern in patterns:
        full = str(Path(path).parent / pattern) if pattern else pattern
        # Path.glob would skip hidden files and read `**`, which promtool does not
        matches = sorted(glob.glob(_go_pattern(full), include_hidden=True))  # noqa: PTH207
        if not matches:
            warnings.append(f"no file matches pattern {full}")
        found += [match for match in matches if match not in found]
    return found, tuple(warnings)


def _go_pattern(pattern: str) -> str:
    """Go negates a character class with `^` where Python wants `!`, and knows no `**`."""
    return pattern.replace("[^", "[!").replace("**", "*")


def run_test(rules: Schedule, test: RuleTest, file: TestFile, options: RunOptions | None = None) -> TestResult:
    """Run one test of `file` on rules that are scheduled in the file's order."""
    options = options or RunOptions()
    return TestResult(test.title, test.name, test.span, tuple(_failures(rules, test, file, options)))


def last_evaluation(test: RuleTest, file: TestFile) -> int:
    """Give the time of the last evaluation of the rules, ms."""
    return test.start_ms + test.duration_ms // file.interval_ms * file.interval_ms


def _failures(rules: Schedule, test: RuleTest, file: TestFile, options: RunOptions) -> list[Failure]:
    last_ms = last_evaluation(test, file)
    try:
        storage = input_storage(test, last_ms)
    except InputError as error:
        return [TestError(error.span, str(error))]
    for case in test.alert_cases:
        if not case.alertname:
            where = f" (in TestGroup {test.name})" if test.name else ""
            message = "an item under alert_rule_test misses required attribute alertname at eval_time "
            return [TestError(case.span, f"{message}{format_duration(case.eval_ms)}{where}")]
    try:
        evaluation = _evaluate(rules, test, file, options, storage, last_ms)
    except TooManyStepsError as error:
        hint = "check eval_time, or set a longer evaluation_interval"
        return [TestError(test.span, f"the test would need {error}", hint)]
    failures: list[Failure] = []
    if evaluation is not None:
        failures += check_alerts(evaluation, test, file)
        failures += [
            RuleError(failure.item.rule.span, failure.item.rule.name, failure.time_ms, failure.message)
            for failure in evaluation.failures
        ]
        if evaluation.failures:
            return failures
        storage = evaluation.storage
    else:
        failures += [_mismatch(case, []) for case in test.alert_cases if case.expected]
    for expr_case in test.expr_cases:
        failed = check_expr(expr_case, test, file, options, storage, last_ms)
        failures += [] if failed is None else [failed]
    return failures


def _evaluate(
    rules: Schedule, test: RuleTest, file: TestFile, options: RunOptions, storage: Storage, last_ms: int
) -> Evaluation | None:
    """Evaluate all rules over the test; without rules there is nothing to evaluate, however long it lasts."""
    if not rules.rules:
        return None
    inputs = [series.labels for series in storage]
    chosen = evaluation_options(test, options)
    return evaluate_rules(fed(rules, inputs), storage, test.start_ms, last_ms, file.interval_ms, chosen)


def evaluation_options(test: RuleTest, options: RunOptions) -> EvalOptions:
    """Give how the rules are evaluated in a test."""
    return EvalOptions(
        compat=options.compat,
        delayed_name_removal=options.delayed_name_removal,
        external_labels=test.external_labels,
        external_url=test.external_url,
        step_by_step=options.step_by_step,
    )


def check_alerts(evaluation: Evaluation, test: RuleTest, file: TestFile) -> list[Failure]:
    """Compare what fired with what the test expects of alerts."""
    failures: list[Failure] = []
    for case in sorted(test.alert_cases, key=lambda case: case.eval_ms):
        step = case.eval_ms // file.interval_ms
        if evaluation.failed_at_ms is not None and int(evaluation.times[step]) >= evaluation.failed_at_ms:
            break
        got = [
            FiringAlert(alert.labels, alert.annotations(step))
            for alert in evaluation.alerts
            if alert.item.rule.name == case.alertname and alert.states is not None and alert.states.firing[step]
        ]
        expected = [FiringAlert(alert.labels, alert.annotations) for alert in case.expected]
        if sorted(got) != sorted(expected):
            failures.append(_mismatch(case, got))
    return failures


def _mismatch(case: AlertCase, got: Sequence[FiringAlert]) -> AlertMismatch:
    expected = sorted(FiringAlert(alert.labels, alert.annotations) for alert in case.expected)
    return AlertMismatch(case.span, case.alertname, case.eval_ms, tuple(expected), tuple(sorted(got)))


Found = tuple[Labels, float, str]
"""A sample as it is compared: labels, value, histogram in test notation (empty for a float)."""


def check_expr(
    case: ExprCase, test: RuleTest, file: TestFile, options: RunOptions, storage: Storage, last_ms: int
) -> Failure | None:
    """Compare what one expression gives with what the test expects, once all rules were evaluated."""

    def broken(message: str) -> ExprError:
        return ExprError(case.span, case.expr, case.eval_ms, message)

    try:
        node = parse_bounded(case.expr)
    except PromqlSyntaxError as error:
        return broken(f"{position(case.expr, error.start)}: parse error: {error.message}")
    engine = Options(
        subquery_step=file.interval_ms,
        compat=options.compat,
        delayed_name_removal=options.delayed_name_removal,
        horizon=last_ms,
    )
    at = np.array([test.start_ms + case.eval_ms], dtype=np.int64)
    matrix, failure = vector(node, storage, at, engine)
    if failure is not None:
        return broken(failure.message)
    got: list[Found] = []
    for row, labels in enumerate(matrix.labels):
        if matrix.present[row, 0]:
            histogram = None if matrix.histograms is None else matrix.histograms[row, 0]
            value = 0.0 if histogram is not None else float(matrix.values[row, 0])
            got.append((labels, value, _notation(histogram)))
    try:
        expected = [_expected(sample, case.span) for sample in case.expected]
    except InputError as error:
        return broken(str(error))
    got.sort(key=lambda found: found[0])
    expected.sort(key=lambda found: found[0])
    if len(got) == len(expected) and all(
        _equal(wanted, found, fuzzy=file.fuzzy) for wanted, found in zip(expected, got, strict=True)
    ):
        return None
    texts = (tuple(SampleText(labels, histogram or exponent_text(value)) for labels, value, histogram in side)
             for side in (expected, got))  # fmt: skip
    return ExprMismatch(case.span, case.expr, case.eval_ms, *texts)


def position(text: str, index: int) -> str:
    """Give `line:column` of a character, as Prometheus' parse errors do."""
    before = text[:index]
    return f"{before.count(chr(10)) + 1}:{index - (before.rfind(chr(10)) + 1) + 1}"


def _notation(histogram: Histogram | None) -> str:
    return "" if histogram is None else notation(histogram)


def _expected(sample: ExpectedSample, span: Span) -> Found:
    labels, histogram = expected_sample(sample, span)
    return labels, sample.value, _notation(histogram)


def _equal(wanted: Found, found: Found, *, fuzzy: bool) -> bool:
    """Compare as promtool does: exactly (NaN equals nothing), or one unit in the last place apart if `fuzzy`."""
    if wanted[0] != found[0] or wanted[2] != found[2]:
        return False
    one, other = wanted[1], found[1]
    if one == other:
        return True
    return fuzzy and (math.nextafter(one, -math.inf) == other or math.nextafter(one, math.inf) == other)

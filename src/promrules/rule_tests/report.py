"""Results to text for a terminal: what failed, on which line of the test file, expected and got under each other."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promrules.go_templates.durations import format_duration, format_go_duration
from promrules.go_templates.lexer import quote
from promrules.rule_tests.promtool_messages import labels_text
from promrules.rule_tests.verdicts import (
    AlertMismatch,
    ExprError,
    ExprMismatch,
    Failure,
    FileResult,
    FiringAlert,
    Pairs,
    RuleError,
    SampleText,
    TestError,
    TestResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from promrules.problem import Problem

_CODES = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
_MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Style:
    """How text is drawn.

    Attributes:
        color: with ANSI colours.
        diff: alerts as a line by line difference instead of expected and got.
        verbose: also name the tests that passed.
    """

    color: bool = False
    diff: bool = False
    verbose: bool = False

    def paint(self, text: str, how: str) -> str:
        """Colour a text."""
        return f"\033[{_CODES[how]}m{text}\033[0m" if self.color else text


def file_report(result: FileResult, style: Style) -> str:
    """Give all lines about one file; the last one is its verdict."""
    if result.is_script:
        return _script_report(result, style)
    lines: list[str] = [style.paint(f"warning: {result.path}: {warning}", "yellow") for warning in result.warnings]
    for problem in result.problems:
        lines += _problem(problem, result.path, style)
    for test in result.tests:
        lines += _test(test, style)
    lines += [f"{style.paint('DIFFERS', 'red')} {result.path}: {note}" for note in result.notes]
    failed = sum(not test.passed for test in result.tests)
    verdict = style.paint("ok  ", "green") if result.passed else style.paint("FAIL", "red")
    count = f"{len(result.tests)} test{'s' * (len(result.tests) != 1)}"
    tail = f", {failed} failed" if failed else ", not run" if result.problems else ""
    lines.append(f"{verdict} {result.path}  {count}{tail}  {style.paint(f'{result.seconds:.2f}s', 'dim')}")
    return "\n".join(lines)


def _script_report(result: FileResult, style: Style) -> str:
    """Give one line, `operators.test 142/214`, and with `verbose` one for each eval that failed."""
    passed = sum(test.passed for test in result.tests)
    lines = [f"{result.path} {style.paint(f'{passed}/{len(result.tests)}', 'green' if result.passed else 'red')}"]
    if style.verbose:
        for test in result.tests:
            for failure in test.failures:
                if isinstance(failure, TestError):
                    lines += [f"  {failure.span}: {test.title}", f"    {style.paint(failure.message, 'red')}"]
    return "\n".join(lines)


def summary(results: Sequence[FileResult], style: Style) -> str:
    """Give the closing line over all files."""
    tests = [test for result in results for test in result.tests]
    failed = sum(not test.passed for test in tests)
    broken = sum(bool(result.problems) for result in results)
    parts = [f"{len(tests) - failed} passed", *([f"{failed} failed"] if failed else [])]
    parts += [f"{broken} file{'s' * (broken != 1)} not run"] if broken else []
    differing = sum(bool(result.notes) for result in results)
    parts += [f"engines differ in {differing} file{'s' * (differing != 1)}"] if differing else []
    passed = all(result.passed for result in results)
    return (
        style.paint(", ".join(parts), "green" if passed else "red")
        + f" in {len(results)} file{'s' * (len(results) != 1)}"
    )


def _problem(problem: Problem, path: str, style: Style) -> Iterator[str]:
    yield f"{problem.span or path}: {style.paint('error', 'red')}: {problem.message}"
    if problem.hint:
        yield f"    {problem.hint}"


def _test(test: TestResult, style: Style) -> Iterator[str]:
    if test.passed:
        if style.verbose:
            yield f"  {style.paint('pass', 'green')} {test.title}"
        return
    yield f"{test.span}: {style.paint('FAIL', 'red')} {style.paint(test.title, 'bold')}"
    for failure in test.failures:
        yield from (f"  {line}" if line else "" for line in _failure(failure, style))


def _failure(failure: Failure, style: Style) -> Iterator[str]:
    match failure:
        case AlertMismatch():
            yield f"{failure.span}: alert {failure.alertname} at {format_duration(failure.eval_ms)}"
            lines = _alert_diff if style.diff else _alerts
            yield from (f"    {line}" for line in lines(failure, style))
        case ExprMismatch():
            yield f"{failure.span}: {_one_line(failure.expr)} at {format_duration(failure.eval_ms)}"
            yield from (f"    {line}" for line in _samples(failure, style))
        case ExprError():
            yield f"{failure.span}: {_one_line(failure.expr)} at {format_duration(failure.eval_ms)}"
            yield f"    {style.paint(failure.message, 'red')}"
        case RuleError():
            yield f"{failure.span}: rule {failure.rule} at {format_go_duration(failure.time_ms)}; the test ends here"
            yield f"    {style.paint(failure.message, 'red')}"
        case _:
            yield f"{failure.span}: {style.paint(failure.message, 'red')}"
            if failure.hint:
                yield f"    {failure.hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _alerts(failure: AlertMismatch, style: Style) -> Iterator[str]:
    """Show alerts that are missing, that should not fire, and those whose annotations differ."""
    expected, got = list(failure.expected), list(failure.got)
    for alert in failure.expected:
        if alert in got:
            got.remove(alert)
            expected.remove(alert)
    same = len(failure.expected) - len(expected)
    for alert in list(expected):
        twin = next((other for other in got if other.labels == alert.labels), None)
        if twin is not None:
            expected.remove(alert)
            got.remove(twin)
            yield from _annotations(alert, twin, style)
    yield from _listed("expected, but not firing", expected, "green", style)
    yield from _listed("firing, but not expected", got, "red", style)
    if same:
        yield style.paint(f"({same} more as expected)", "dim")


def _listed(what: str, alerts: Sequence[FiringAlert], how: str, style: Style) -> Iterator[str]:
    for alert in alerts[:_MAX_LISTED]:
        yield f"{what}: {style.paint(labels_text(alert.labels), how)}"
        width = max((len(name) for name, _ in alert.annotations), default=0)
        yield from (f"    {name.ljust(width)}  {quote(value)}" for name, value in alert.annotations)
    if len(alerts) > _MAX_LISTED:
        yield f"{what}: {len(alerts) - _MAX_LISTED} more"


def _annotations(expected: FiringAlert, got: FiringAlert, style: Style) -> Iterator[str]:
    """Show two alerts with the same labels annotation by annotation, where they differ."""
    yield f"annotations differ: {labels_text(expected.labels)}"
    left, right = dict(expected.annotations), dict(got.annotations)
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) != right.get(name):
            yield f"    {name}"
            yield f"        expected  {style.paint(quote(left[name]) if name in left else '(none)', 'green')}"
            yield f"        got       {style.paint(quote(right[name]) if name in right else '(none)', 'red')}"


def _alert_diff(failure: AlertMismatch, style: Style) -> Iterator[str]:
    """Show alerts as a difference of lines: `-` only expected, `+` only got."""
    expected, got = (
        [line for alert in alerts for line in _alert_lines(alert)] for alerts in (failure.expected, failure.got)
    )
    for line in difflib.ndiff(expected, got):
        if line.startswith("?"):
            if style.color:
                yield style.paint(line.rstrip("\n"), "dim")
        else:
            how = {"-": "green", "+": "red"}.get(line[0])
            yield style.paint(line, how) if how else line


def _alert_lines(alert: FiringAlert) -> list[str]:
    return [labels_text(alert.labels), *(f"    {name}: {quote(value)}" for name, value in alert.annotations)]


def _samples(failure: ExprMismatch, style: Style) -> Iterator[str]:
    """Show samples in three columns: labels, expected, got."""
    rows = list(_paired(failure.expected, failure.got))
    if not rows:
        return
    cells = [(labels_text(labels), _value(wanted), _value(found)) for labels, wanted, found in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(2)]
    widths[1] = max(widths[1], len("expected"))
    yield f"{''.ljust(widths[0])}  {'expected'.ljust(widths[1])}  got"
    for label, wanted, found in cells[:_MAX_LISTED]:
        if wanted == found and wanted != "NaN":
            yield style.paint(f"{label.ljust(widths[0])}  {wanted.ljust(widths[1])}  {found}", "dim")
        else:
            expected = style.paint(wanted.ljust(widths[1]), "green")
            yield f"{label.ljust(widths[0])}  {expected}  {style.paint(found, 'red')}"
    if len(cells) > _MAX_LISTED:
        yield f"… {len(cells) - _MAX_LISTED} more"
    if any(wanted == found == "NaN" for _, wanted, found in cells):
        yield "NaN never equals NaN: test with  expr != expr  instead"


def _paired(
    expected: Iterable[SampleText], got: Iterable[SampleText]
) -> Iterator[tuple[Pairs, SampleText | None, SampleText | None]]:
    left = list(got)
    for wanted in expected:
        twin = next((found for found in left if found.labels == wanted.labels), None)
        if twin is not None:
            left.remove(twin)
        yield wanted.labels, wanted, twin
    for found in left:
        yield found.labels, None, found


def _value(sample: SampleText | None) -> str:
    return "(none)" if sample is None else _readable(sample.value)


def _readable(text: str) -> str:
    """Write `1.5E+00` as `1.5`: the shortest form that reads back to the same float."""
    try:
        value = float(text)
    except ValueError:
        return text  # a histogram
    return text.replace("E", "e") if text[-3:] == "Inf" or text == "NaN" else f"{value!r}".removesuffix(".0")

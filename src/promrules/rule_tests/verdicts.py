"""What a run of rule tests found: plain values that print, compare and travel between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promrules.problem import Problem, Span

Pairs = tuple[tuple[str, str], ...]
"""Labels or annotations: names and values, sorted by name."""


@dataclass(frozen=True, slots=True, order=True)
class FiringAlert:
    """A firing alert, or one that should fire."""

    labels: Pairs
    annotations: Pairs


@dataclass(frozen=True, slots=True)
class SampleText:
    """A sample: its labels, and its value or histogram as text that reads back."""

    labels: Pairs
    value: str


@dataclass(frozen=True, slots=True)
class AlertMismatch:
    """Other alerts are firing than expected."""

    span: Span
    alertname: str
    eval_ms: int
    expected: tuple[FiringAlert, ...]
    got: tuple[FiringAlert, ...]


@dataclass(frozen=True, slots=True)
class ExprMismatch:
    """An expression gives other samples than expected."""

    span: Span
    expr: str
    eval_ms: int
    expected: tuple[SampleText, ...]
    got: tuple[SampleText, ...]


@dataclass(frozen=True, slots=True)
class ExprError:
    """An expression cannot be evaluated, or what is expected of it cannot be read."""

    span: Span
    expr: str
    eval_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class RuleError:
    """A rule cannot be evaluated at a time (ms since the epoch); the test ends there."""

    span: Span
    rule: str
    time_ms: int
    message: str


@dataclass(frozen=True, slots=True)
class TestError:
    """A test that cannot be run as it is written."""

    __test__ = False  # pytest takes the name for a test class

    span: Span
    message: str
    hint: str = ""


Failure = AlertMismatch | ExprMismatch | ExprError | RuleError | TestError


@dataclass(frozen=True, slots=True)
class TestResult:
    """The verdict on one test; no failures: it passed."""

    __test__ = False  # pytest takes the name for a test class

    title: str
    name: str
    span: Span
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class FileResult:
    """The verdict on one file.

    Attributes:
        path: the file as it was named.
        tests: those that were run.
        problems: what is wrong with the file, or with the rule files it names; nothing was run then.
        warnings: remarks that fail nothing.
        seconds: how long it took.
        notes: differences between engines, each of which fails the file.
        is_script: the file is a script of Prometheus' suite, its tests are single evals.
    """

    path: str
    tests: tuple[TestResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    is_script: bool = False

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return not self.problems and not self.notes and all(test.passed for test in self.tests)

"""Run test scripts: every ``eval`` as written, and, as Prometheus' own runner does, again in other ways.

An instant query must give the same when all its selectors are pinned by ``@`` to its time and it is evaluated at
other times, and as the middle point of a range query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.annotations import positioned
from promrules.columns.series import Storage
from promrules.columns.values import EvaluationError, RangeMatrix, String
from promrules.engine import Options, evaluate
from promrules.prometheus_scripts.loading import load
from promrules.prometheus_scripts.script import Broken, Clear, Eval, Load, read_script
from promrules.prometheus_scripts.tolerance import Mismatch, compare_instant, compare_range, compare_window
from promrules.syntax.analysis import TIME_BOUND
from promrules.syntax.labels import compile_regex
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Boundary,
    Call,
    MatrixSelector,
    Negation,
    Paren,
    Subquery,
    VectorSelector,
    walk,
)
from promrules.syntax.parse import parse
from promrules.syntax.tokens import PromqlSyntaxError

if TYPE_CHECKING:
    from promrules.columns.values import Annotation, Result
    from promrules.syntax.nodes import Node

SUITE: Final = Options(delayed_name_removal=True)
"""How Prometheus' suite configures its engine: lookback 5m, subquery step 1m, delayed name removal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ``eval``.

    Attributes:
        line: Where it stands in the script.
        expr: The expression.
        failure: Why it failed; empty when it passed.
    """

    line: int
    expr: str
    failure: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.failure


def run_script(text: str, options: Options = SUITE, *, reruns: bool = True) -> list[Outcome]:
    """Run a script; give one outcome per ``eval``. Nothing in it stops the run."""
    storage = Storage()
    broken_load = ""
    outcomes: list[Outcome] = []
    for command in read_script(text):
        if isinstance(command, Clear):
            storage, broken_load = Storage(), ""
        elif isinstance(command, Load):
            try:
                load(command, storage)
            except ValueError as error:
                broken_load = f"load at line {command.line}: {error}"
        elif isinstance(command, Eval):
            failure = broken_load or _run(command, storage, options, reruns=reruns)
            outcomes.append(Outcome(command.line, command.expr, failure))
        else:
            broken_load, outcomes = _note_broken(command, broken_load, outcomes)
    return outcomes


def _note_broken(command: Broken, broken_load: str, outcomes: list[Outcome]) -> tuple[str, list[Outcome]]:
    """An eval that cannot be read fails itself, any other command all evals up to the next ``clear``."""
    if command.is_eval:
        return broken_load, [*outcomes, Outcome(command.line, "", command.message)]
    return broken_load or f"line {command.line}: {command.message}", outcomes


def _run(command: Eval, storage: Storage, options: Options, *, reruns: bool) -> str:
    """Run one eval in all its ways; give the first failure."""
    try:
        node = parse(command.expr)
    except PromqlSyntaxError as error:
        return _on_failure(command, error.message)
    try:
        if command.end is not None:
            _check_range(command, node, storage, options)
            return ""
        _check_instant(command, node, storage, options, command.start)
        if reruns:
            _rerun_pinned(command, node, storage, options)
            _rerun_as_range(command, node, storage, options)
    except Mismatch as error:
        return str(error)
    return ""


def _on_failure(command: Eval, message: str) -> str:
    """Judge a query that failed; the empty text says that it was to fail just so."""
    expected = command.expects("fail")
    if not expected:
        return f"query failed: {message}"
    for item in expected:
        if item.text is not None and not _matches(item.text, message, regex=item.regex):
            return f"failed with {message!r}, expected {item.text!r}"
    return ""


def _matches(expected: str, found: str, *, regex: bool) -> bool:
    """Compare texts; a regex may match anywhere."""
    if not regex:
        return expected == found
    return compile_regex(f".*(?:{expected}).*").fullmatch(found) is not None


def _evaluate(command: Eval, node: Node, storage: Storage, times: list[int], options: Options) -> Result | None:
    """Evaluate and judge failures and annotations; None when the query failed as expected."""
    steps = np.array(times, dtype=np.int64)
    try:
        result = evaluate(node, storage, steps, options)
        failure = result.failure
    except EvaluationError as error:
        failure = error
    if failure is not None:
        complaint = _on_failure(command, failure.message)
        if complaint:
            raise Mismatch(complaint)
        return None
    if command.expects("fail"):
        raise Mismatch("query was to fail, but did not")
    _check_annotations(command, result.annotations)
    return result


def _check_annotations(command: Eval, found: list[Annotation]) -> None:
    """Compare warnings and infos with what is expected of them."""
    for level in ("warning", "info"):
        word = "warn" if level == "warning" else "info"
        texts = [positioned(item, command.expr) for item in found if item.level == level]
        expected = command.expects(word)
        if expected and not texts:
            raise Mismatch(f"expected {level} annotations, got none")
        if command.expects(f"no_{word}") and texts:
            raise Mismatch(f"unexpected {level}: {texts[0]}")
        wanted = [item for item in expected if item.text is not None]
        for item in wanted:
            if not any(_matches(item.text or "", text, regex=item.regex) for text in texts):
                raise Mismatch(f"expected {level} {item.text!r}, got {texts}")
        for text in texts if wanted else []:
            if not any(_matches(item.text or "", text, regex=item.regex) for item in wanted):
                raise Mismatch(f"unexpected {level}: {text}")


def _check_range(command: Eval, node: Node, storage: Storage, options: Options) -> None:
    """Run a range query."""
    assert command.end is not None  # noqa: S101 (the caller looked; this tells mypy)
    times = list(range(command.start, command.end + 1, command.step))
    result = _evaluate(command, node, storage, times, replace(options, instant=False))
    if result is not None:
        compare_range(command, result.value, len(times))


def _check_instant(command: Eval, node: Node, storage: Storage, options: Options, at: int) -> None:
    """Run an instant query at ``at``."""
    result = _evaluate(command, node, storage, [at], options)
    if result is None:
        return
    if isinstance(result.value, RangeMatrix):
        compare_window(command, result.value)
    else:
        compare_instant(command, result.value, 0)


def _rerun_pinned(command: Eval, node: Node, storage: Storage, options: Options) -> None:
    """Pin every selector to the time of the query, and evaluate at other times."""
    if any(isinstance(item, Call) and item.func in TIME_BOUND for item in walk(node)):
        return
    pinned = pin(node, command.start)
    for at in (-10 * command.start, 0, command.start // 5, command.start, 10 * command.start):
        try:
            _check_instant(command, pinned, storage, options, at)
        except Mismatch as error:
            raise Mismatch(f"pinned by @ and evaluated at {at / 1000:g}s: {error}") from None


def pin(node: Node, at: int) -> Node:
    """Pin every outermost selector and subquery that has no time of its own to ``at``.

    ``@ start()`` and ``@ end()`` become ``@ at`` as well, also inside subqueries.
    """
    match node:
        case VectorSelector() | Subquery():
            if node.at is None or isinstance(node.at, Boundary):
                node = replace(node, at=at)
            return replace(node, expr=_pin_boundaries(node.expr, at)) if isinstance(node, Subquery) else node
        case MatrixSelector(selector=selector):
            inner = pin(selector, at)
            assert isinstance(inner, VectorSelector)  # noqa: S101 (pin keeps the type; this tells mypy)
            return replace(node, selector=inner)
        case Paren(expr=expr) | Negation(expr=expr):
            return replace(node, expr=pin(expr, at))
        case Call(args=args):
            return replace(node, args=tuple(pin(arg, at) for arg in args))
        case Aggregate(expr=expr, param=param):
            return replace(node, expr=pin(expr, at), param=None if param is None else pin(param, at))
        case Binary(left=left, right=right):
            return replace(node, left=pin(left, at), right=pin(right, at))
        case _:
            return node


def _pin_boundaries(node: Node, at: int) -> Node:
    """Replace ``@ start()`` and ``@ end()`` inside a subquery, whose other selectors walk its grid."""
    match node:
        case VectorSelector(at=Boundary()) | Subquery(at=Boundary()):
            return pin(node, at)
        case Subquery(expr=expr) | Paren(expr=expr) | Negation(expr=expr):
            return replace(node, expr=_pin_boundaries(expr, at))
        case MatrixSelector(selector=selector) if isinstance(selector.at, Boundary):
            return replace(node, selector=replace(selector, at=at))
        case Call(args=args):
            return replace(node, args=tuple(_pin_boundaries(arg, at) for arg in args))
        case Aggregate(expr=expr):
            return replace(node, expr=_pin_boundaries(expr, at))
        case Binary(left=left, right=right):
            return replace(node, left=_pin_boundaries(left, at), right=_pin_boundaries(right, at))
        case _:
            return node


_RANGE_SENSITIVE: Final = re.compile(r"\b(?:start|end|range|step)\(\)", re.IGNORECASE)


def _rerun_as_range(command: Eval, node: Node, storage: Storage, options: Options) -> None:
    """Evaluate as a range query from a minute before to a minute after, and look at the middle."""
    if command.window is not None or command.string is not None:
        return
    if _RANGE_SENSITIVE.search(command.expr) or isinstance(node, MatrixSelector):
        return
    times = [command.start - 60_000, command.start, command.start + 60_000]
    loose = replace_expectations(command)
    try:
        result = _evaluate(loose, node, storage, times, replace(options, instant=False))
        if result is not None and not isinstance(result.value, String):
            compare_instant(loose, result.value, 1)
    except Mismatch as error:
        raise Mismatch(f"as a range query: {error}") from None


def replace_expectations(command: Eval) -> Eval:
    """Give the command without what only an instant query can fulfil: order, and annotations of this one time."""
    kept = [item for item in command.expectations if item.kind == "fail"]
    return replace(command, expectations=kept)


__all__ = ["SUITE", "Outcome", "pin", "run_script"]

"""Which parts of rules some rule test exercises: rules, sides of operators, comparisons, windows, alert states.

A part counts only in a test that checks something which depends on its rule. So a rule that is evaluated and never
looked at is not covered. What a part gave is found by evaluating it over the steps of the test.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from promrules.engine import Options
from promrules.rule_tests.evaluation import TooManyStepsError, evaluate_rules
from promrules.rule_tests.inputs import InputError, input_storage
from promrules.rule_tests.result_columns import vector
from promrules.rule_tests.rule_file import AlertingRule
from promrules.rule_tests.run import (
    RuleCache,
    RunOptions,
    evaluation_options,
    find_rule_files,
    last_evaluation,
    selected,
)
from promrules.rule_tests.schedule import ALERTS, ALERTS_FOR_STATE, Schedule
from promrules.rule_tests.test_file import load_tests
from promrules.rule_tests.yaml_reader import FileProblems
from promrules.syntax.nodes import Binary, MatrixSelector, Subquery, VectorSelector, selectors, walk
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from promrules.columns.series import Storage
    from promrules.columns.values import Matrix
    from promrules.rule_tests.evaluation import Evaluation
    from promrules.rule_tests.schedule import ScheduledRule
    from promrules.rule_tests.test_file import RuleTest, TestFile
    from promrules.syntax.nodes import Node

_COMPARISONS: Final = frozenset({"==", "!=", ">", "<", ">=", "<="})
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A part of a rule, and what a test can see of it.

    Attributes:
        file, group, rule: where it is; of rules of the same name ``number`` tells which.
        line: of the rule in its file.
        text: the part as PromQL, "" for the rule as a whole.
        outcome: what has to happen: ``checked``, ``fires``, ``is pending``, ``gives something``, ``is true``, …
    """

    file: str
    line: int
    group: str
    rule: str
    number: int
    text: str
    outcome: str


@dataclass(slots=True)
class Coverage:
    """What there is to exercise, and what some test exercised.

    Attributes:
        parts: all parts of all rules that were loaded.
        seen: those that some test exercised.
        problems: files that could not be read.
    """

    parts: set[Part] = field(default_factory=set)
    seen: set[Part] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of parts that is exercised; 1 where there are none."""
        return len(self.seen & self.parts) / len(self.parts) if self.parts else 1.0

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts that no test exercises, in the order of files and lines."""
        return tuple(sorted(self.parts - self.seen))

    def add(self, other: Coverage) -> None:
        """Take in what other tests found."""
        self.parts |= other.parts
        self.seen |= other.seen
        self.problems += other.problems


def cover_files(paths: Iterable[str], options: RunOptions | None = None) -> Coverage:
    """Run test files and see what they exercise; whether they pass is not looked at."""
    whole, cache = Coverage(), RuleCache()
    for path in paths:
        whole.add(cover_file(path, options or RunOptions(), cache))
    return whole


def cover_file(path: str, options: RunOptions, cache: RuleCache | None = None) -> Coverage:
    """Run the tests of one file and see what they exercise."""
    cache = cache or RuleCache()
    found = Coverage()
    try:
        tests = load_tests(Path(path), file=path)
        rules, _ = find_rule_files(path, tests.rule_files)
        plan = cache.schedule(rules, tests.group_order, options)
    except FileProblems as broken:
        found.problems += [f"{one.span or path}: {one.message}" for one in broken.problems]
        return found
    except (OSError, UnicodeDecodeError) as error:
        found.problems.append(f"{path}: {getattr(error, 'strerror', None) or 'is not UTF-8 text'}")
        return found
    numbers = _numbers(plan)
    for item in plan.rules:
        found.parts.update(part for part, _ in _parts(item, numbers[item.index]))
    for test in tests.tests:
        if selected(test.name, options.run):
            found.seen |= _of_test(plan, test, tests, options, numbers)
    return found


def _numbers(plan: Schedule) -> list[int]:
    """Number rules of one name in one group, from 1 on."""
    counts: Counter[tuple[str, str, str]] = Counter()
    made = []
    for item in plan.rules:
        key = (item.group.span.file, item.group.name, item.rule.name)
        counts[key] += 1
        made.append(counts[key])
    return made


def _parts(item: ScheduledRule, number: int) -> Iterator[tuple[Part, Node | None]]:
    """Yield what there is to exercise of a rule, each with the node that it is about."""

    def part(outcome: str, node: Node | None = None) -> tuple[Part, Node | None]:
        text = "" if node is None else _short(to_text(node))
        span = item.rule.span
        return Part(item.group.span.file, span.line, item.group.name, item.rule.name, number, text, outcome), node

    yield part("is checked")
    if isinstance(item.rule, AlertingRule):
        yield part("fires")
        if item.rule.hold_ms:
            yield part("is pending")
    for node in walk(item.rule.node):
        match node:
            case Binary(op=op) if op in _OUTCOMES:
                for outcome in _OUTCOMES[op]:
                    yield part(outcome, node)
            case Binary(op=op, return_bool=False) if op in _COMPARISONS:
                yield part("is true", node)
                yield part("is false", node)
            case MatrixSelector() | Subquery():
                yield part("holds samples", node)


_OUTCOMES: Final = {
    "or": ("is given by its left side", "is given by its right side"),
    "and": ("keeps something", "drops something"),
    "unless": ("keeps something", "drops something"),
}


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def _of_test(plan: Schedule, test: RuleTest, file: TestFile, options: RunOptions, numbers: list[int]) -> set[Part]:
    """Give the parts that one test exercises."""
    last = last_evaluation(test, file)
    wanted = _checked(plan, test)
    if not wanted:
        return set()
    try:
        storage = input_storage(test, last)
        done = evaluate_rules(plan, storage, test.start_ms, last, file.interval_ms, evaluation_options(test, options))
    except (InputError, TooManyStepsError):
        return set()
    seen: set[Part] = set()
    engine = Options(
        subquery_step=file.interval_ms, compat=options.compat, delayed_name_removal=options.delayed_name_removal
    )
    for index in wanted:
        item = plan.rules[index]
        given: dict[Node, Matrix | None] = {}
        for part, node in _parts(item, numbers[index]):
            if node is None:
                happened = _of_rule(part.outcome, item, done)
            else:
                happened = _of_node(part.outcome, node, _Given(done.storage, done, engine, given))
            if happened:
                seen.add(part)
    return seen


def _checked(plan: Schedule, test: RuleTest) -> set[int]:
    """Give the rules that something in a test depends on: those it names, and all that these read."""
    alerts = {case.alertname for case in test.alert_cases}
    names: set[str] = set()
    for case in test.expr_cases:
        try:
            node = parse(case.expr)
        except PromqlSyntaxError:
            continue
        for selector in selectors(node):
            matched = {matcher.name: matcher.value for matcher in selector.matchers}
            if selector.name in (ALERTS, ALERTS_FOR_STATE):
                alerts |= {matched["alertname"]} if "alertname" in matched else _alert_names(plan, selector)
            elif selector.name is not None:
                names.add(selector.name)
    todo = [item.index for item in plan.rules if _is_named(item, alerts, names)]
    found: set[int] = set()
    while todo:
        index = todo.pop()
        if index not in found:
            found.add(index)
            todo += plan.reads[index]
    return found


def _alert_names(plan: Schedule, selector: VectorSelector) -> set[str]:
    """Give the alerts that a selector of ALERTS may mean: all whose own labels do not contradict it."""
    return {
        item.rule.name
        for item in plan.rules
        if isinstance(item.rule, AlertingRule)
        and all(
            {name: template.text for name, template in item.rule.labels}.get(matcher.name, matcher.value)
            == matcher.value
            for matcher in selector.matchers
            if matcher.op.value == "=" and matcher.name != "__name__"
        )
    }


def _is_named(item: ScheduledRule, alerts: set[str], names: set[str]) -> bool:
    return item.rule.name in (alerts if isinstance(item.rule, AlertingRule) else names)


def _of_rule(outcome: str, item: ScheduledRule, done: Evaluation) -> bool:
    if outcome == "is checked":
        return True
    states = [alert.states for alert in done.alerts if alert.item.index == item.index and alert.states is not None]
    if outcome == "fires":
        return any(state.firing.any() for state in states)
    return any((state.active & ~state.firing).any() for state in states)


@dataclass(slots=True)
class _Given:
    """Evaluates parts over the steps of a test, each once."""

    storage: Storage
    done: Evaluation
    engine: Options
    known: dict[Node, Matrix | None]

    def of(self, node: Node) -> Matrix | None:
        """Give what a part evaluates to; None where it gives nothing that can be looked at."""
        if node not in self.known:
            matrix, failure = vector(node, self.storage, self.done.times, self.engine)
            self.known[node] = matrix if failure is None and len(matrix.labels) else None
        return self.known[node]

    def cells(self, node: Node) -> int:
        """Count the samples that a part gives over all steps."""
        matrix = self.of(node)
        return 0 if matrix is None else int(matrix.present.sum())


def _of_node(outcome: str, node: Node, given: _Given) -> bool:
    if isinstance(node, Binary):
        whole, left = given.cells(node), given.cells(node.left)
        match outcome:
            case "is given by its left side":
                return left > 0
            case "is given by its right side":
                return whole > left
            case "drops something":
                return left > whole
            case "is false":  # the vector may stand on the right of a number
                return max(left, given.cells(node.right)) > whole
            case _:
                return whole > 0
    return given.cells(_instant(node)) > 0


def _instant(node: Node) -> Node:
    """Give an expression that has samples where a range does."""
    return parse(f"count_over_time({to_text(node)})")


def by_rule(coverage: Coverage) -> Iterator[tuple[tuple[str, int, str], int, int]]:
    """Yield for each rule its file, line and name, how many of its parts are exercised, and how many there are."""
    totals = Counter((part.file, part.line, part.rule) for part in coverage.parts)
    seen = Counter((part.file, part.line, part.rule) for part in coverage.parts & coverage.seen)
    for key in sorted(totals):
        yield key, seen[key], totals[key]

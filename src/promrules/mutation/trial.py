"""A test that was run once on the rules as they are, to whether it fails on changed ones: only what changed is redone.

Of a mutant's rules most give what they gave before. Here those alone are evaluated that were changed or read other
results than before; where a rule gives the same in spite of its change, what reads it is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.series import Overlay
from promrules.rule_tests.evaluation import Evaluation, Run, TooManyStepsError, grid
from promrules.rule_tests.inputs import InputError, input_storage
from promrules.rule_tests.recorder import SharedSeriesError
from promrules.rule_tests.rule_file import AlertingRule
from promrules.rule_tests.run import RunOptions, check_alerts, check_expr, evaluation_options, last_evaluation
from promrules.rule_tests.schedule import written_names
from promrules.rule_tests.unreachable_rules import fed
from promrules.syntax.nodes import selectors
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from promrules.columns.series import Series, Storage
    from promrules.mutation.work import Work
    from promrules.rule_tests.alert_timeline import Alert
    from promrules.rule_tests.schedule import Schedule, ScheduledRule
    from promrules.rule_tests.test_file import ExprCase, RuleTest, TestFile

OPTIONS = RunOptions()
"""How tests are run: as the present Prometheus does."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A test with all that the rules give in it as they are.

    Attributes:
        test: the test, of ``file``.
        file: its file.
        plan: all rules.
        storage: the input series and what the rules recorded.
        written: by index of a rule: what it recorded.
        alerts: by index of a rule: its alerts.
        reads: for each case of an expression: the indexes of rules that record what it reads.
        querying: the rules behind expected alerts whose annotations query other series.
    """

    test: RuleTest
    file: TestFile
    plan: Schedule
    storage: Storage
    written: dict[int, dict[object, Series]]
    alerts: dict[int, tuple[Alert, ...]]
    reads: tuple[frozenset[int], ...]
    querying: tuple[ScheduledRule, ...]

    def fails(self, work: Work) -> bool:
        """Tell whether the test fails where some rules are changed."""
        overlay = Overlay(self.storage)
        run = _run(self.plan, self.test, self.file, overlay)
        different: set[int] = set()
        for item in work.items:
            if item.index in work.changed or not work.reads[item.index].isdisjoint(different):
                overlay.hide(item.index)
                if item.index not in work.removed:
                    run.rule(item)
                if run.failures:
                    return True
                if self._differs(item.index, overlay):
                    different.add(item.index)
        return self._unexpected_alerts(run, work, different) or self._unexpected_values(overlay, different)

    def _differs(self, index: int, overlay: Overlay) -> bool:
        """Tell whether a rule recorded something else than it does unchanged."""
        before, now = self.written.get(index, {}), overlay.written(index)
        return len(before) != len(now) or not all(_same(before.get(series.labels), series) for series in now)

    def _unexpected_alerts(self, run: Run, work: Work, different: set[int]) -> bool:
        """Tell whether other alerts fire than the test expects, or with other annotations."""
        if not self.test.alert_cases:
            return False
        if different:
            for item in self.querying:
                if item.index not in run.workers and item.index not in work.removed:
                    run.storage.hide(item.index)  # type: ignore[attr-defined]  # the overlay
                    run.rule(item)
        if not any(isinstance(worker.item.rule, AlertingRule) for worker in run.workers.values()) and not work.removed:
            return False
        alerts = {index: found for index, found in self.alerts.items() if index not in work.removed}
        alerts |= {index: tuple(worker.alerts()) for index, worker in run.workers.items()}
        found = [alert for index in sorted(alerts) for alert in alerts[index]]
        return bool(check_alerts(Evaluation(run.storage, run.times, found, []), self.test, self.file))

    def _unexpected_values(self, storage: Storage, different: set[int]) -> bool:
        """Tell whether an expression that reads what is different gives something else than the test expects."""
        last_ms = last_evaluation(self.test, self.file)
        return any(
            check_expr(case, self.test, self.file, OPTIONS, storage, last_ms) is not None
            for case, reads in zip(self.test.expr_cases, self.reads, strict=True)
            if not reads.isdisjoint(different)
        )


def _run(plan: Schedule, test: RuleTest, file: TestFile, storage: Storage) -> Run:
    times = grid(test.start_ms, last_evaluation(test, file), file.interval_ms)
    return Run(plan, storage, times, file.interval_ms, evaluation_options(test, OPTIONS))


def trial(plan: Schedule, test: RuleTest, file: TestFile) -> Trial | None:
    """Run a test on the rules as they are; None where rules must be evaluated step by step, or it cannot be run."""
    if any(component.is_cyclic for component in plan.components):
        return None
    try:
        storage = input_storage(test, last_evaluation(test, file))
        run = _run(fed(plan, [series.labels for series in storage]), test, file, storage)
        evaluation = run.columns()
    except (InputError, TooManyStepsError, SharedSeriesError):
        return None
    if evaluation.failures:
        return None
    written: dict[int, dict[object, Series]] = {}
    for series in storage:
        written.setdefault(series.writer, {})[series.labels] = series
    alerts = {index: tuple(worker.alerts()) for index, worker in run.workers.items()}
    reads = tuple(_recorded_for(case, plan) for case in test.expr_cases)
    return Trial(test, file, plan, storage, written, alerts, reads, tuple(_querying(plan, test)))


def passes(found: Trial) -> bool:
    """Tell whether a test passes on the rules as they are."""
    alerts = [alert for index in sorted(found.alerts) for alert in found.alerts[index]]
    times = grid(found.test.start_ms, last_evaluation(found.test, found.file), found.file.interval_ms)
    evaluation = Evaluation(found.storage, times, alerts, [])
    last_ms = last_evaluation(found.test, found.file)
    return not check_alerts(evaluation, found.test, found.file) and all(
        check_expr(case, found.test, found.file, OPTIONS, found.storage, last_ms) is None
        for case in found.test.expr_cases
    )


def _recorded_for(case: ExprCase, plan: Schedule) -> frozenset[int]:
    """Give the rules that record under a name that an expression reads."""
    names = {selector.name for selector in selectors(parse(case.expr))}
    return frozenset(
        item.index for item in plan.rules if None in names or not names.isdisjoint(written_names(item.rule))
    )


def _querying(plan: Schedule, test: RuleTest) -> Iterable[ScheduledRule]:
    expected = {case.alertname for case in test.alert_cases}
    for item in plan.rules:
        rule = item.rule
        if (
            isinstance(rule, AlertingRule)
            and rule.name in expected
            and any(template.uses_time for _, template in rule.annotations)
        ):
            yield item


def _same(one: Series | None, other: Series) -> bool:
    """Tell whether two series hold the same samples, bit by bit; histograms never count as the same."""
    return (
        one is not None
        and one.histograms is None
        and other.histograms is None
        and np.array_equal(one.times, other.times)
        and np.array_equal(one.values.view(np.int64), other.values.view(np.int64))
    )

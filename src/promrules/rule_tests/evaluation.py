"""Rules and samples in, recorded series and alerts out: `evaluate_rules(groups, storage, start, end, step)`.

Whole rules are computed column-wise, for all steps at once, wherever that equals evaluation step by step: a rule sees
only what existed when it was evaluated (samples of rules before it up to its own time, of itself and later ones
only before), every step is an instant query of its own, and the first failing step ends the run. Rules that read
their own past, and series with several writers, are evaluated step by step on the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from promrules.columns.series import Series, Storage
from promrules.engine import Options
from promrules.go_templates import TemplateError
from promrules.go_templates.values import QueryResult, Sample, StringMap
from promrules.rule_tests.alert_series import AlertSeriesWriter
from promrules.rule_tests.alert_timeline import Alert, AlertCollector, Expansion
from promrules.rule_tests.recorder import Recorder, SharedSeriesError, Writer
from promrules.rule_tests.result_columns import Failure, vector
from promrules.rule_tests.rule_file import RecordingRule, RuleGroup
from promrules.rule_tests.schedule import Component, Schedule, ScheduledRule, schedule
from promrules.syntax.bounded import parse_bounded
from promrules.syntax.parse import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from promrules.columns.values import Objects, Times
    from promrules.go_templates.prometheus import Query

MAX_STEPS = 5_000_000
"""More steps than that (ten years at one minute) are refused: nobody waits for them."""
MAX_EVALUATIONS = 100_000_000
"""Most steps times rules of a run (a month at one minute for 2,300 rules): more would not fit a machine's memory."""
MAX_SINGLE_EVALUATIONS = 1_000_000
"""Most steps times rules where rules must be evaluated one by one, at some 10,000 a second."""
_BLOCK_CELLS = 16_000_000


class TooManyStepsError(ValueError):
    """A run that would take more evaluations than is allowed."""


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """How rules are evaluated.

    Attributes:
        compat: 3 for the semantics of Prometheus 3.x, 2 for 2.x (closed windows).
        delayed_name_removal: as Prometheus' feature flag `promql-delayed-name-removal`.
        subquery_step_ms: step of subqueries that name none; default: the step of the run.
        external_labels: what templates see as `$externalLabels`.
        external_url: what templates see as `$externalURL`.
        honour_intervals: evaluate every group at its own interval, as Prometheus does and unit tests do not.
        step_by_step: never use columns (slow; to check them).
        phases_ms: how much later than the run each group begins, by its name; a server spreads groups so.
        pauses_ms: spans, from and to, in which no rule is evaluated.
    """

    compat: int = 3
    delayed_name_removal: bool = False
    subquery_step_ms: int | None = None
    external_labels: tuple[tuple[str, str], ...] = ()
    external_url: str = ""
    honour_intervals: bool = False
    step_by_step: bool = False
    phases_ms: Mapping[str, int] = field(default_factory=dict)
    pauses_ms: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that could not be evaluated at a time (ms)."""

    item: ScheduledRule
    time_ms: int
    message: str


@dataclass(slots=True)
class Evaluation:
    """What came of a run.

    Attributes:
        storage: the input series and all that rules wrote.
        times: the steps of the run, ms.
        alerts: the label sets that were ever pending or firing, in order of evaluation.
        failures: the errors of the first step that had any; the run ends there.
    """

    storage: Storage
    times: Times
    alerts: list[Alert]
    failures: list[RuleFailure]

    @property
    def failed_at_ms(self) -> int | None:
        """Time of the failures; what follows was not evaluated."""
        return self.failures[0].time_ms if self.failures else None


def evaluate_rules(
    groups: Iterable[RuleGroup] | Schedule,
    storage: Storage,
    start_ms: int,
    end_ms: int,
    step_ms: int,
    options: EvalOptions | None = None,
) -> Evaluation:
    """Evaluate groups, in the order given, at `start_ms`, `start_ms + step_ms`, … up to `end_ms`.

    Args:
        groups: rule groups, or a Schedule of them when the same rules run often.
        storage: the input series; recorded series and ALERTS are added to it.
        start_ms: time of the first evaluation.
        end_ms: no evaluation is later than that.
        step_ms: time between evaluations.
        options: see EvalOptions.

    Raises:
        TooManyStepsError: more than MAX_STEPS, MAX_EVALUATIONS or, one by one, MAX_SINGLE_EVALUATIONS.
    """
    options = options or EvalOptions()
    plan = groups if isinstance(groups, Schedule) else schedule(groups)
    inputs = list(storage)
    lengths = [len(series.times) for series in inputs]
    times = grid(start_ms, end_ms, step_ms)
    _check_size(len(times) * len(plan.rules), MAX_EVALUATIONS, "evaluations of rules")
    run = Run(plan, storage, times, step_ms, options)
    if not options.step_by_step:
        try:
            return run.columns()
        except SharedSeriesError:
            storage = Storage(
                Series(item.labels, item.times[:count], item.values[:count], _head(item, count))
                for item, count in zip(inputs, lengths, strict=True)
            )
            run = Run(plan, storage, run.times, step_ms, options)
    return run.step_by_step()


def _head(series: Series, count: int) -> Objects | None:
    return None if series.histograms is None else series.histograms[:count]


def grid(start_ms: int, end_ms: int, step_ms: int) -> Times:
    """Give the times of a run.

    Raises:
        TooManyStepsError: more than MAX_STEPS of them.
    """
    count = (end_ms - start_ms) // step_ms + 1
    _check_size(count, MAX_STEPS, "steps")
    return start_ms + step_ms * np.arange(max(count, 0), dtype=np.int64)


def _check_size(count: int, allowed: int, what: str) -> None:
    if count > allowed:
        raise TooManyStepsError(f"{count:,} {what}, more than the {allowed:,} that are allowed")


@dataclass(slots=True)
class Run:
    """One run: its grid, its rules at work, and how many steps are still of interest."""

    plan: Schedule
    storage: Storage
    times: Times
    step_ms: int
    options: EvalOptions
    failures: list[RuleFailure] = field(default_factory=list)
    workers: dict[int, _Worker] = field(default_factory=dict)
    last_ms: int | None = None
    known_offsets: tuple[int, ...] | None = None

    @property
    def offsets(self) -> tuple[int, ...]:
        """How far back each rule records; () where none does. Worked out once: every rule asks."""
        if self.known_offsets is None:
            found = [0] * (1 + max((item.index for item in self.plan.rules), default=-1))
            for item in self.plan.rules:
                found[item.index] = item.group.query_offset_ms
            self.known_offsets = tuple(found) if any(found) else ()
        return self.known_offsets

    def engine_options(self, reader: int | None) -> Options:
        """Give how expressions are evaluated that see what a rule sees; None: all there is."""
        return Options(
            subquery_step=self.options.subquery_step_ms or self.step_ms,
            compat=self.options.compat,
            delayed_name_removal=self.options.delayed_name_removal,
            reader=reader,
            offsets=self.offsets,
        )

    def options_of(self, item: ScheduledRule) -> Options:
        """Give how a rule's expression is evaluated: as of a time before the step."""
        return replace(self.engine_options(item.index), ahead=item.group.query_offset_ms)

    def expansion(self, item: ScheduledRule) -> Expansion:
        """Give what the templates of a rule see; their queries see the storage as that rule saw it at the time."""
        options = self.engine_options(item.index)

        def query_at(now_ms: int) -> Query:
            return lambda text: _template_query(text, self.storage, now_ms, options)

        return Expansion(self.options.external_labels, self.options.external_url, query_at)

    def grid_of(self, item: ScheduledRule) -> Times:
        """Give the times at which a rule is evaluated."""
        times = self.times
        interval = item.group.interval_ms
        phase = self.options.phases_ms.get(item.group.name, 0)
        if len(times) and (phase or (self.options.honour_intervals and interval)):
            chosen = interval if self.options.honour_intervals and interval else self.step_ms
            times = grid(int(times[0]) + phase, int(times[-1]), chosen)
        for start, end in self.options.pauses_ms:
            times = times[(times < start) | (times >= end)]
        return times

    def worker(self, item: ScheduledRule, *, is_stepwise: bool) -> _Worker:
        """Begin the work of a rule."""
        times = self.grid_of(item)
        writer = Writer(self.storage, item.index, is_stepwise=is_stepwise)
        rule = item.rule
        if isinstance(rule, RecordingRule):
            made = _Worker(item, times, Recorder(item, rule, writer), None, None)
        else:
            collector = AlertCollector(item, rule, times, self.expansion(item))
            made = _Worker(item, times, None, collector, AlertSeriesWriter(item, rule, writer))
        self.workers[item.index] = made
        return made

    def fail(self, item: ScheduledRule, time_ms: int, message: str) -> None:
        """Note a failure; later steps are of no interest any more."""
        if self.last_ms is None or time_ms < self.last_ms:
            self.failures.clear()
            self.last_ms = time_ms
        if time_ms == self.last_ms:
            self.failures.append(RuleFailure(item, time_ms, message))

    def wanted(self, times: Times) -> int:
        """Give how many of a rule's steps are still of interest."""
        return len(times) if self.last_ms is None else int(times.searchsorted(self.last_ms, "right"))

    def columns(self) -> Evaluation:
        """Evaluate component after component, whole columns where possible."""
        for component in self.plan.components:
            if component.is_cyclic:
                self.circle(component)
            else:
                self.rule(component.members[0])
        return self.finish()

    def rule(self, item: ScheduledRule) -> None:
        """Evaluate one rule for all steps, in blocks that bound the memory."""
        worker = self.worker(item, is_stepwise=False)
        size = max(512, _BLOCK_CELLS // max(1, len(self.storage)))
        options = self.options_of(item)
        first = 0
        while first < self.wanted(worker.times):
            last = min(first + size, self.wanted(worker.times))
            failure = worker.block(self.storage, first, last, options)
            if failure is not None:
                self.fail(item, int(worker.times[first + failure.step]), failure.message)
                break
            first = last
        failure = worker.finish(self.wanted(worker.times))
        if failure is not None:
            self.fail(item, int(worker.times[failure.step]), failure.message)

    def circle(self, component: Component) -> None:
        """Evaluate rules that read each other, step by step; all they read besides is complete."""
        workers = [self.worker(item, is_stepwise=False) for item in component.members]
        for _ in self.walk(workers, [self.options_of(item) for item in component.members]):
            pass

    def walk(self, workers: Sequence[_Worker], options: Sequence[Options]) -> Iterator[int]:
        """Evaluate rules at each of their times in turn; give every time before it is evaluated."""
        if not workers:
            return
        times = np.unique(np.concatenate([worker.times for worker in workers]))
        _check_size(len(times) * len(workers), MAX_SINGLE_EVALUATIONS, "evaluations of rules that read their own past")
        for now in times[: self.wanted(times)].tolist():
            yield now
            for worker, chosen in zip(workers, options, strict=True):
                failure = worker.step(self.storage, now, chosen)
                if failure is not None:
                    self.fail(worker.item, now, failure.message)
            if self.last_ms is not None:
                break

    def step_by_step(self) -> Evaluation:
        """Evaluate everything in promtool's own order; inputs arrive as time goes by, as series may be shared."""
        inputs = list(self.storage)
        self.storage = Storage()
        feed = _Feed(inputs, self.storage)
        workers = [self.worker(item, is_stepwise=True) for item in self.plan.rules]
        for now in self.walk(workers, [self.engine_options(None)] * len(workers)):
            feed.until(now)
        if self.last_ms is None and len(self.times):
            feed.until(int(self.times[-1]))
        return self.finish()

    def finish(self) -> Evaluation:
        """Give all that came of the run."""
        for worker in self.workers.values():
            worker.settle()
        alerts = [alert for index in sorted(self.workers) for alert in self.workers[index].alerts()]
        self.failures.sort(key=lambda failure: failure.item.index)
        return Evaluation(self.storage, self.times, alerts, self.failures)


@dataclass(slots=True)
class _Worker:
    """One rule at work."""

    item: ScheduledRule
    times: Times
    recorder: Recorder | None
    collector: AlertCollector | None
    series: AlertSeriesWriter | None
    at: int = 0

    def block(self, storage: Storage, first: int, last: int, options: Options) -> Failure | None:
        """Evaluate steps `first` to `last`; the failure's step counts from `first`."""
        steps = self.times[first:last]
        offset = self.item.group.query_offset_ms
        asked = steps - offset if offset else steps
        matrix, failure = vector(self.item.rule.node, storage, asked, options)
        self.at = last
        if self.recorder is not None:
            return self.recorder.block(matrix, failure, asked)
        if self.collector is None:
            return failure
        failure = self.collector.block(matrix, failure, first, len(steps))
        self.at = first + failure.step if failure else last
        return failure

    def finish(self, wanted: int) -> Failure | None:
        """Write the series of alerts whose steps are all known."""
        if self.collector is None or self.series is None:
            return None
        return self.series.columns(self.collector.alerts.values(), self.times, min(self.at, wanted))

    def step(self, storage: Storage, now_ms: int, options: Options) -> Failure | None:
        """Evaluate one step, if the rule has one at this time."""
        first = int(self.times.searchsorted(now_ms))
        if first >= len(self.times) or self.times[first] != now_ms:
            return None
        failure = self.block(storage, first, first + 1, options)
        if failure is None and self.collector is not None and self.series is not None:
            return self.series.step(self.collector.alerts.values(), first, now_ms)
        return failure

    def settle(self) -> None:
        """Compute the states of alerts that were written step by step."""
        if self.collector is not None and self.series is not None:
            self.series.settle(self.collector.alerts.values(), self.times, self.at)

    def alerts(self) -> Iterable[Alert]:
        return self.collector.alerts.values() if self.collector is not None else ()


class _Feed:
    """Hands input samples to a storage as time goes by."""

    def __init__(self, inputs: Iterable[Series], storage: Storage) -> None:
        self.storage = storage
        self.pending = [(series, 0) for series in inputs]

    def until(self, now_ms: int) -> None:
        """Append all samples up to a time; one that is not younger than what a rule wrote is left out."""
        left: list[tuple[Series, int]] = []
        for series, at in self.pending:
            times = series.times
            end = int(times.searchsorted(now_ms, "right"))
            if end > at:
                known = self.storage.get(series.labels)
                first = at if known is None else max(at, int(times.searchsorted(known.times[-1], "right")))
                if first < end:
                    histograms = None if series.histograms is None else series.histograms[first:end]
                    self.storage.append(series.labels, times[first:end], series.values[first:end], histograms)
            if end < len(times):
                left.append((series, end))
        self.pending = left


def _template_query(text: str, storage: Storage, now_ms: int, options: Options) -> QueryResult:
    """Run the template function `query`."""
    try:
        node = parse_bounded(text)
    except PromqlSyntaxError as error:
        raise TemplateError(f"1:{error.start + 1}: parse error: {error.message}") from None
    matrix, failure = vector(node, storage, np.array([now_ms], dtype=np.int64), options)
    if failure is not None:
        raise TemplateError(failure.message)
    found = QueryResult()
    for row, labels in enumerate(matrix.labels):
        if matrix.present[row, 0]:
            histogram = None if matrix.histograms is None else matrix.histograms[row, 0]
            value = float(matrix.values[row, 0]) if histogram is None else histogram
            found.append(Sample(StringMap(labels), value))
    return found

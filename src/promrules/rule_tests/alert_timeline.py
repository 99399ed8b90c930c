"""Alerts over all steps: label sets with their presence, states and values, and their annotations when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from promrules.go_templates import TemplateData
from promrules.go_templates.prometheus import Query
from promrules.go_templates.values import StringMap
from promrules.rule_tests.result_columns import Failure, earliest, join
from promrules.rule_tests.rule_file import AlertingRule
from promrules.rule_tests.schedule import ALERT_NAME, ScheduledRule
from promrules.syntax.labels import NAME, Labels, labels_of

if TYPE_CHECKING:
    from promrules.columns.values import Floats, Mask, Matrix, Times
    from promrules.rule_tests.alert_states import AlertStates

DUPLICATE_ALERTS = "vector contains metrics with the same labelset after applying alert labels"

QueryAt = Callable[[int], Query]
"""Gives, for a time in ms, what the template function `query` runs."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """What all templates of a rule see besides the sample.

    Attributes:
        external_labels: `$externalLabels`.
        external_url: `$externalURL`.
        query_at: how `query` is run.
    """

    external_labels: tuple[tuple[str, str], ...]
    external_url: str
    query_at: QueryAt

    def data(self, labels: Labels, value: object) -> TemplateData:
        """Give the cursor for one sample."""
        return TemplateData(StringMap(labels), StringMap(self.external_labels), self.external_url, value)


@dataclass(slots=True)
class Alert:
    """One label set of an alerting rule over all steps.

    Attributes:
        item: the rule.
        labels: the alert's labels, `alertname` included.
        times: the steps, ms.
        present: at which steps the expression gave it.
        values: the sample's value where present.
        sources: where present, index of the sample's labels in `samples`.
        samples: label sets of the expression's result.
        expansion: what the rule's templates see.
        histograms: by step, values that are histograms.
        states: pending and firing; set when all steps are known.
    """

    item: ScheduledRule
    labels: Labels
    times: Times
    present: Mask
    values: Floats
    sources: Times
    samples: list[Labels]
    expansion: Expansion
    histograms: dict[int, object] = field(default_factory=dict)
    states: AlertStates | None = None

    def last_seen(self, step: int) -> int:
        """Give the last step up to `step` at which the expression gave this alert, -1 when there is none."""
        seen = np.flatnonzero(self.present[: step + 1])
        return int(seen[-1]) if len(seen) else -1

    def annotations(self, step: int) -> Labels:
        """Expand the annotations as of `step`; while kept firing they stay those of the last sample."""
        seen = self.last_seen(step)
        now = int(self.times[seen])
        value = self.histograms.get(seen, float(self.values[seen]))
        data = self.expansion.data(self.samples[int(self.sources[seen])], value)
        rule = self.item.rule
        if not isinstance(rule, AlertingRule):
            return ()
        return tuple(
            (name, template.expand(data, now, self.expansion.query_at(now) if template.uses_time else None))
            for name, template in rule.annotations
        )


class AlertCollector:
    """Gathers the alerts of one rule, block of steps after block."""

    def __init__(self, item: ScheduledRule, rule: AlertingRule, times: Times, expansion: Expansion) -> None:
        self.item = item
        self.rule = rule
        self.times = times
        self.expansion = expansion
        self.alerts: dict[Labels, Alert] = {}
        self.samples: list[Labels] = []
        self.sample_index: dict[Labels, int] = {}
        self.replaced = frozenset([NAME, ALERT_NAME, *(name for name, _ in rule.labels)])
        self.constant = all(template.is_constant for _, template in rule.labels)
        self.per_value = any(template.uses_value for _, template in rule.labels)
        self.per_step = any(template.uses_time for _, template in rule.labels)

    def labels(self, sample: Labels, value: object, now_ms: int) -> Labels:
        """Give the labels of the alert that one sample raises."""
        data = self.expansion.data(sample, value)
        query = self.expansion.query_at(now_ms) if self.per_step else None
        expanded = [(name, template.expand(data, now_ms, query)) for name, template in self.rule.labels]
        kept = [pair for pair in sample if pair[0] not in self.replaced]
        given = [pair for pair in expanded if pair[0] != ALERT_NAME]
        return labels_of([*kept, *given, (ALERT_NAME, self.rule.name)])

    def block(self, matrix: Matrix, failure: Failure | None, first: int, steps: int) -> Failure | None:
        """Take in the result for `steps` steps from step `first` on; give the first failure among them."""
        pieces = [piece for row in range(len(matrix.labels)) for piece in self.pieces(matrix, row, first, failure)]
        columns, clash = join(pieces, steps)
        failure = earliest(failure, None if clash is None else Failure(clash, DUPLICATE_ALERTS))
        stop = failure.step if failure else steps
        for column in columns:
            present = column.present[:stop]
            if not present.any():
                continue
            alert = self._alert(column.labels)
            part = slice(first, first + stop)
            alert.present[part] = present
            rows = np.full(stop, column.rows) if isinstance(column.rows, int) else column.rows[:stop]
            places = np.arange(stop)
            alert.values[part] = matrix.values[rows, places]
            alert.sources[part] = np.array([self._source(labels) for labels in matrix.labels])[rows]
            if matrix.histograms is not None:
                for place in np.flatnonzero(present).tolist():
                    found = matrix.histograms[rows[place], place]
                    if found is not None:
                        alert.histograms[first + place] = found
        return failure

    def _alert(self, labels: Labels) -> Alert:
        if labels not in self.alerts:
            count = len(self.times)
            self.alerts[labels] = Alert(
                self.item,
                labels,
                self.times,
                np.zeros(count, dtype=np.bool_),
                np.zeros(count),
                np.zeros(count, dtype=np.int64),
                self.samples,
                self.expansion,
            )
        return self.alerts[labels]

    def _source(self, labels: Labels) -> int:
        if labels not in self.sample_index:
            self.sample_index[labels] = len(self.samples)
            self.samples.append(labels)
        return self.sample_index[labels]

    def pieces(self, matrix: Matrix, row: int, first: int, failure: Failure | None) -> list[tuple[Labels, int, Mask]]:
        """Split a row into parts whose labels are the same: one, or one per value or step the templates read."""
        sample = matrix.labels[row]
        present = matrix.present[row]
        if failure is not None:
            present = present.copy()
            present[failure.step :] = False
        steps = np.flatnonzero(present)
        if not len(steps):
            return []
        if self.constant or not (self.per_value or self.per_step):
            return [(self.labels(sample, 0.0, int(self.times[first])), row, present)]
        found: dict[Labels, list[int]] = {}
        by_value: dict[int, Labels] = {}  # keyed by the bits: -0 and 0 print differently, and NaN must equal itself
        bits = matrix.values[row].view(np.int64)
        for step in steps.tolist():
            value = float(matrix.values[row, step])
            histogram = None if matrix.histograms is None else matrix.histograms[row, step]
            if histogram is not None or self.per_step:
                labels = self.labels(sample, value if histogram is None else histogram, int(self.times[first + step]))
            else:
                key = int(bits[step])
                if key not in by_value:
                    by_value[key] = self.labels(sample, value, int(self.times[first + step]))
                labels = by_value[key]
            found.setdefault(labels, []).append(step)
        return [(labels, row, _mask(len(present), places)) for labels, places in found.items()]


def _mask(size: int, places: list[int]) -> Mask:
    mask = np.zeros(size, dtype=np.bool_)
    mask[places] = True
    return mask

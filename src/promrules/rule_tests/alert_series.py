"""The series that alerting rules write: ALERTS and ALERTS_FOR_STATE, in columns or step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from promrules.rule_tests.alert_states import LiveAlert, alert_states
from promrules.rule_tests.result_columns import Failure, over_limit
from promrules.rule_tests.schedule import ALERT_NAME, ALERT_STATE, ALERTS, ALERTS_FOR_STATE, ScheduledRule
from promrules.syntax.labels import NAME, Labels, labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from promrules.columns.values import Floats, Mask, Objects, Times
    from promrules.rule_tests.alert_timeline import Alert
    from promrules.rule_tests.recorder import Writer
    from promrules.rule_tests.rule_file import AlertingRule

Cells: TypeAlias = "tuple[Labels, Mask, Floats, Objects | None]"


class AlertSeriesWriter:
    """Writes the states of one rule's alerts."""

    def __init__(self, item: ScheduledRule, rule: AlertingRule, writer: Writer) -> None:
        self.item = item
        self.rule = rule
        self.writer = writer
        self.live: dict[Labels, LiveAlert] = {}
        self.names: dict[Labels, tuple[Labels, Labels, Labels]] = {}

    def series(self, labels: Labels) -> tuple[Labels, Labels, Labels]:
        """Give the label sets of ALERTS pending, ALERTS firing and ALERTS_FOR_STATE of an alert."""
        if labels not in self.names:
            # Prometheus starts from the rule's own labels: one whose template came out empty stays unexpanded
            base = {name: template.text for name, template in self.rule.labels} | dict(labels)
            base[ALERT_NAME] = self.rule.name
            states = ({NAME: ALERTS, ALERT_STATE: state} for state in ("pending", "firing"))
            pending, firing, since = (labels_of(base | more) for more in (*states, {NAME: ALERTS_FOR_STATE}))
            self.names[labels] = pending, firing, since
        return self.names[labels]

    def columns(self, alerts: Iterable[Alert], times: Times, stop: int) -> Failure | None:
        """Compute all states up to step `stop` and write them; give the first step over the group's limit."""
        found = list(alerts)
        for alert in found:
            alert.states = alert_states(alert.present[:stop], times[:stop], self.rule.hold_ms, self.rule.keep_firing_ms)
        failure = None
        if self.item.group.limit and found:
            counts = np.sum([alert.states.active for alert in found if alert.states], axis=0)
            failure = over_limit(counts, self.item.group.limit, "alerts")
        stop = failure.step if failure else stop
        if stop and found:
            self.writer.write(self.cells(found, stop), times[:stop] - self.item.group.query_offset_ms)
        return failure

    def cells(self, alerts: Iterable[Alert], stop: int) -> Iterator[Cells]:
        """Give the columns of all series; of two alerts with the same series the first is written, as in Prometheus."""
        seen: set[Labels] = set()
        for alert in alerts:
            if alert.states is None:
                continue
            active, firing = alert.states.active[:stop], alert.states.firing[:stop]
            since = (alert.states.since_ms[:stop] // 1000).astype(np.float64)
            ones = np.ones(stop)
            pending_name, firing_name, since_name = self.series(alert.labels)
            for labels, present, values in (
                (pending_name, active & ~firing, ones),
                (firing_name, firing, ones),
                (since_name, active, since),
            ):
                if labels not in seen and present.any():
                    seen.add(labels)
                    yield labels, present, values, None

    def step(self, alerts: Iterable[Alert], step: int, now_ms: int) -> Failure | None:
        """Go one step on and write the states of that step."""
        for alert in alerts:
            is_present = bool(alert.present[step])
            live = self.live.get(alert.labels)
            if live is None and is_present:
                live = self.live[alert.labels] = LiveAlert(now_ms)
            if live is not None and not live.step(
                now_ms, self.rule.hold_ms, self.rule.keep_firing_ms, is_present=is_present
            ):
                del self.live[alert.labels]
        limit = self.item.group.limit
        if 0 < limit < len(self.live):
            return Failure(0, f"exceeded limit of {limit} with {len(self.live)} alerts")
        time = np.array([now_ms - self.item.group.query_offset_ms], dtype=np.int64)
        return self.writer.write(self._live_cells(), time)

    def _live_cells(self) -> Iterator[Cells]:
        here, one = np.ones(1, dtype=np.bool_), np.ones(1)
        seen: set[Labels] = set()
        for labels, live in self.live.items():
            pending, firing, since = self.series(labels)
            began = np.array([live.since_ms // 1000], dtype=np.float64)
            for name, values in ((firing if live.is_firing else pending, one), (since, began)):
                if name not in seen:
                    seen.add(name)
                    yield name, here, values, None

    def settle(self, alerts: Iterable[Alert], times: Times, stop: int) -> None:
        """Compute the states of alerts whose series were written step by step."""
        for alert in alerts:
            if alert.states is None:
                alert.states = alert_states(
                    alert.present[:stop], times[:stop], self.rule.hold_ms, self.rule.keep_firing_ms
                )

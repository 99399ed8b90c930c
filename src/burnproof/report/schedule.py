"""Find the reports that are due on a day by the specs' schedules, each with its SLOs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from burnproof.report.periods import before, due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from burnproof.model.slo import Report as Scheduled
    from burnproof.model.slo import Slo
    from burnproof.report.periods import Span


@dataclass(frozen=True, slots=True)
class Due:
    """A report that is due.

    Attributes:
        scheduled: its entry in the specs: how often, what, to whom.
        day: when it is due.
        span: the day, week or month that was over when the day began.
        slos: the SLOs of all specs that hold the same entry.
    """

    scheduled: Scheduled
    day: date
    span: Span
    slos: tuple[Slo, ...]


def due_reports(slos: Iterable[Slo], day: date, zone: ZoneInfo) -> tuple[Due, ...]:
    """Give what is due on a day, in the order of the specs; entries that specs share are one report."""
    of: dict[Scheduled, list[Slo]] = {}
    for slo in slos:
        for scheduled in dict.fromkeys(slo.reports):
            of.setdefault(scheduled, []).append(slo)
    morning = int(datetime.combine(day, time(), zone).timestamp())
    return tuple(
        Due(scheduled, day, before(scheduled.every, morning, zone), tuple(found))
        for scheduled, found in of.items()
        if due(scheduled.every, day)
    )

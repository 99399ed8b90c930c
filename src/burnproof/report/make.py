"""Make a report: choose the spans, query the server, assemble the lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from burnproof.report.assemble import lines
from burnproof.report.gather import gather, ways_of
from burnproof.report.model import Report
from burnproof.report.periods import earlier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from burnproof.model.slo import Slo
    from burnproof.prometheus import Client
    from burnproof.report.periods import Span, Unit


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        span: the stretch of time.
        zone: the zone of days, and of times in the report.
        unit: what calendar unit the span is, None where it is none.
        trend: how many earlier spans to compare with.
        incidents: how many incidents to show of each SLO.
        title: what the report is called.
        recipient: whom it is for.
    """

    span: Span
    zone: ZoneInfo
    unit: Unit | None = None
    trend: int = 5
    incidents: int = 5
    title: str = "SLO report"
    recipient: str = ""


def make_report(client: Client, slos: Sequence[Slo], order: Order, now: int) -> Report:
    """Make a report.

    Raises:
        QueryError: the server answered nothing at all.
    """
    before = earlier(order.span, order.unit, order.trend, order.zone)
    ways = [ways_of(slo, order.span) for slo in slos]
    raw = gather(client, ways, order.span, before, now)
    warned = [f"the server warns: {text}; numbers may be too low" for text in client.warnings]
    return Report(
        title=order.title,
        recipient=order.recipient,
        span=order.span,
        zone=order.zone,
        server=client.url,
        made=now,
        lines=tuple(lines(raw, ways, order.span, before, order.incidents, doubtful=bool(client.warnings))),
        troubles=(*raw.troubles, *warned),
        queries=client.queries,
    )

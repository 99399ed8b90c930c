"""What a live server says of the SLOs over a span: attainment, budgets, incidents and what is missing."""

from __future__ import annotations

from burnproof.report.client import Client, QueryError
from burnproof.report.connection import Connection, ConnectionSettingError, connection
from burnproof.report.make import Order, make_report
from burnproof.report.model import Line, Report, Status
from burnproof.report.periods import Span

__all__ = [
    "Client", "Connection", "ConnectionSettingError", "Line", "Order", "QueryError", "Report", "Span", "Status",
    "connection", "make_report",
]  # fmt: skip

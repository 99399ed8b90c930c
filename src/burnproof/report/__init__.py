"""Report what a live server says of the SLOs over a span: attainment, budgets, incidents, gaps."""

from __future__ import annotations

from burnproof.report.make import Order, make_report
from burnproof.report.model import Line, Report, Status
from burnproof.report.periods import Span

__all__ = ["Line", "Order", "Report", "Span", "Status", "make_report"]

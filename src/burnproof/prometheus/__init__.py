"""Query Prometheus' HTTP API: the one client of all commands."""

from __future__ import annotations

from burnproof.prometheus.answers import Answer, Labels, Point, Series
from burnproof.prometheus.client import MAX_POINTS, Client
from burnproof.prometheus.connection import Connection, connection
from burnproof.prometheus.credentials import ConnectionSettingError
from burnproof.prometheus.failures import LostError, QueryError, RefusedError

__all__ = [
    "MAX_POINTS", "Answer", "Client", "Connection", "ConnectionSettingError", "Labels", "LostError", "Point",
    "QueryError", "RefusedError", "Series", "connection",
]  # fmt: skip

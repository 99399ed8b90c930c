"""The one client of Prometheus' HTTP API: settings to a connection, questions to answers, failures to sentences."""

from __future__ import annotations

from burnproof.prometheus.answers import Answer, Labels, Point, Series
from burnproof.prometheus.client import MAX_POINTS, Client
from burnproof.prometheus.connection import Connection, connection
from burnproof.prometheus.credentials import ConnectionSettingError
from burnproof.prometheus.failures import AbsentError, LostError, QueryError, RefusedError

__all__ = [
    "MAX_POINTS", "AbsentError", "Answer", "Client", "Connection", "ConnectionSettingError", "Labels", "LostError",
    "Point", "QueryError", "RefusedError", "Series", "connection",
]  # fmt: skip

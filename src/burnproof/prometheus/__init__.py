"""Query Prometheus' HTTP API: the one client of all commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.prometheus.connection import Connection, connection
from burnproof.prometheus.credentials import ConnectionSettingError
from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from burnproof.prometheus.answers import Answer, Labels, Point, Series
    from burnproof.prometheus.client import MAX_POINTS, Client
    from burnproof.prometheus.failures import AbsentError, LostError, QueryError, RefusedError

__all__ = [
    "MAX_POINTS", "AbsentError", "Answer", "Client", "Connection", "ConnectionSettingError", "Labels", "LostError",
    "Point", "QueryError", "RefusedError", "Series", "connection",
]  # fmt: skip

# A command that asks no server needs its options, and no HTTP.
__getattr__ = lazy_names(
    __name__,
    {
        "burnproof.prometheus.answers": ("Answer", "Labels", "Point", "Series"),
        "burnproof.prometheus.client": ("MAX_POINTS", "Client"),
        "burnproof.prometheus.failures": ("AbsentError", "LostError", "QueryError", "RefusedError"),
    },
)

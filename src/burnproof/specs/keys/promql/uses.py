"""Say what a query in a spec may be for, and why it cannot be used."""

from __future__ import annotations

from enum import Enum

from burnproof.model.quantities import UnitError


class Use(Enum):
    """What a query is for, and thus what it may be."""

    SELECTOR = 'a bare selector such as http_requests_total{job="api"}'
    COUNTER = 'a bare selector such as http_requests_total{job="api"}, or max without (replica) (…) of it'
    EVENTS = "a bare selector, or PromQL that contains $window"
    VALUE = "PromQL that gives an instant vector"


class QueryError(UnitError):
    """A query that cannot be used; ``[start, end)`` are the characters at fault."""

    def __init__(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        """Note the problem and its characters."""
        super().__init__(message, hint, code)
        self.start = start
        self.end = end

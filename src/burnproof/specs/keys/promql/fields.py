"""Define the fields of PromQL; loaded with the first such field, since specs of load tests have none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.model.slo import Query
from burnproof.specs.keys.promql import queries
from burnproof.specs.keys.promql.uses import QueryError, Use
from burnproof.specs.keys.remedies import remedy
from promrules.syntax.dedup import taken_out
from promrules.syntax.parse import PromqlSyntaxError, parse
from promrules.syntax.printer import to_text
from promrules.syntax.types import ValueType, type_of

if TYPE_CHECKING:
    from burnproof.specs.source import Scalar

_VARIABLE: Final = re.compile(r"\$\{?__(?:rate_interval|interval|range)\}?")
_FIVE_MINUTES: Final = "5m"


def read_query(scalar: Scalar, use: Use) -> Query:
    """Read a query.

    Raises:
        QueryError: it does not parse, or is not what ``use`` needs.
    """
    queries.refuse_swallowed(scalar.text, folded=scalar.style != "|" and scalar.start.line < scalar.end.line)
    reading = queries.read(scalar.text, use)
    return _written(scalar, is_selector=reading.is_selector)


def _written(scalar: Scalar, *, is_selector: bool) -> Query:
    """Give the query with blanks for its comments, and where its characters stand."""
    text = queries.without_comments(scalar.text).rstrip()
    return Query(text, is_selector, scalar.span(), written=scalar.excerpt())


def read_counter(scalar: Scalar) -> Query:
    """Read a counter; of ``max without (replica) (x)`` the selector, and the label to take out of what reads it.

    Raises:
        QueryError: it does not parse, or is neither.
    """
    reading = queries.read(scalar.text, Use.COUNTER)
    found = None if reading.is_selector else taken_out(reading.node)
    if found is None:
        return _written(scalar, is_selector=reading.is_selector)
    selector, labels = found
    return Query(to_text(selector), is_selector=True, span=scalar.span(), dedup=labels)


def plain_promql(expr: str) -> str:
    """Put a length of time where Grafana would put its own: ``[$__rate_interval]`` becomes ``[5m]``."""
    return _VARIABLE.sub(_FIVE_MINUTES, expr)


def read_panel_query(scalar: Scalar) -> str:
    """Check a panel's query; what a dashboard variable stands for inside a string is for Grafana to say.

    Raises:
        QueryError: it does not parse, or cannot be drawn.
    """
    text = scalar.text.rstrip()
    try:
        node = parse(plain_promql(text))
    except PromqlSyntaxError as error:
        # The stand-in moves what follows it: then the whole query is underlined.
        start, end = (error.start, error.end) if plain_promql(text) == text else (0, len(text))
        hint = "variables of time are $__rate_interval, $__interval and $__range; others belong into strings"
        raise QueryError(
            "promql-syntax", error.message, start, end, hint if "$" in text else remedy(error.message)
        ) from None
    if type_of(node) not in (ValueType.VECTOR, ValueType.SCALAR):
        message = "a panel draws an instant vector or a number"
        raise QueryError("promql-type", message, 0, len(text), "apply rate() or another function to the range")
    return text

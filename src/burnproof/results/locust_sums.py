"""The rows of Locust's statistics to why they cannot be: counts that do not add up, percentiles out of order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.results.order import disorder
from burnproof.results.quantities import QuantityError, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

_COUNTS: Final = ("Request Count", "Failure Count")
_PERCENTILE: Final = re.compile(r"(\d{1,3}(?:\.\d+)?)%")
_LEAST: Final = "Min Response Time"
_MOST: Final = "Max Response Time"
_LAST: Final = "100%"


def contradiction(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Say what in the rows contradicts itself or their total; "" where nothing does."""
    found = next((said for row in rows if (said := _counts(row) or _order(row))), "")
    return found or _sums([row for row in rows if row is not total], total)


def count(row: Mapping[str, str], column: str) -> int | None:
    """Read a cell that counts; None where it holds no such number."""
    text = row.get(column, "").strip()
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None


def _counts(row: Mapping[str, str]) -> str:
    wrong = next((column for column in _COUNTS if count(row, column) is None), "")
    if wrong:
        return f"the row {_name(row)!r} has a {wrong} of {row[wrong].strip()[:20]!r}, which is no count"
    requests, failures = (count(row, column) or 0 for column in _COUNTS)
    return f"the row {_name(row)!r} counts {failures} failures in {requests} requests" if failures > requests else ""


def _order(row: Mapping[str, str]) -> str:
    """Check a row's times; what is no number is told where it is read."""
    columns = [(found[1], column) for column in row if (found := _PERCENTILE.fullmatch(column))]
    percentiles = [(column, _number(row, column)) for _, column in sorted(columns, key=lambda one: float(one[0]))]
    least, most = (_LEAST, _number(row, _LEAST)), (_MOST, _number(row, _MOST))
    # The 100th percentile is the maximum, rounded: a last cell that was cut is far below it.
    said = disorder(percentiles, least, most) or disorder([(_LAST, _number(row, _LAST))], lowest=most)
    return f"in the row {_name(row)!r} {said}" if said else ""


def _sums(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Hold the total against the rows it is of; a file that was reduced to its total has none."""
    for column in _COUNTS if rows else ():
        added = sum(count(row, column) or 0 for row in rows)
        if added != count(total, column):
            return f"the {column} of its rows is {added} together, and {_name(total)} has {total[column].strip()}"
    return ""


def _name(row: Mapping[str, str]) -> str:
    return f"{row['Type']} {row['Name']}".strip()


def _number(row: Mapping[str, str], column: str) -> Decimal | None:
    try:
        return number(row.get(column, ""))
    except QuantityError:
        return None

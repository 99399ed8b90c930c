"""Find rows of Locust's statistics whose counts do not add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COUNTS: Final = ("Request Count", "Failure Count")


def contradiction(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Say what in the rows contradicts itself or their total; "" where nothing does."""
    found = next((said for row in rows if (said := _counts(row))), "")
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


def _sums(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Hold the total against the rows it is of; some may have been left out, and none can have more than it."""
    for column in _COUNTS:
        added = sum(count(row, column) or 0 for row in rows)
        if added > (count(total, column) or 0):
            return f"the {column} of its rows is {added} together, and {_name(total)} has {total[column].strip()}"
    return ""


def _name(row: Mapping[str, str]) -> str:
    return f"{row['Type']} {row['Name']}".strip()

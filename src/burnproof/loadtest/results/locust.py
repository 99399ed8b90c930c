"""Read Locust's CSV files: ``*_stats.csv`` by ``row/column``, ``*_stats_history.csv`` over time.

A row is named by its name (``Aggregated``, ``/api/health``) or, where two methods share one, by type and name
(``GET /api/debates``). Columns and their meaning are those of ``locust/stats.py``; percentiles are whole
milliseconds there, cut off and not rounded. ``Failure Ratio`` = failures / requests is added to every row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.results.any_json import impossible
from burnproof.loadtest.results.model import Reading, Result, Run, Sample
from burnproof.loadtest.results.reading import ResultError
from burnproof.model.measured import (
    BYTES,
    COUNT,
    MILLISECONDS,
    PER_SECOND,
    RATIO,
    UNKNOWN,
    QuantityError,
    Unit,
    number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMAT: Final = "Locust statistics"
HISTORY_FORMAT: Final = "Locust history"
FAILURE_RATIO: Final = "Failure Ratio"
TOTAL_ROW: Final = "Aggregated"
_REQUIRED: Final = ("Type", "Name", "Request Count", "Failure Count")
_COUNTS: Final = ("Request Count", "Failure Count")
_HISTORY: Final = ("Timestamp", "User Count", "Type", "Name")
_OTHERS: Final = {
    ("Method", "Name", "Error", "Occurrences"): "Locust's list of failures",
    ("Count", "Message", "Traceback", "Nodes"): "Locust's list of exceptions",
}
_CUT: Final = "\N{HORIZONTAL ELLIPSIS}"
_PERCENTILE: Final = re.compile(r"\d{1,3}(?:\.\d+)?%")
_UNITS: Final = {
    "Request Count": COUNT, "Failure Count": COUNT, "Median Response Time": MILLISECONDS, "User Count": COUNT,
    "Average Response Time": MILLISECONDS, "Min Response Time": MILLISECONDS, "Max Response Time": MILLISECONDS,
    "Average Content Size": BYTES, "Requests/s": PER_SECOND, "Failures/s": PER_SECOND,
    "Total Request Count": COUNT, "Total Failure Count": COUNT, "Total Median Response Time": MILLISECONDS,
    "Total Average Response Time": MILLISECONDS, "Total Min Response Time": MILLISECONDS,
    "Total Max Response Time": MILLISECONDS, "Total Average Content Size": BYTES,
}  # fmt: skip


def is_header(line: str) -> bool:
    """Recognise the first line of any file of Locust's, those without figures too."""
    cells = tuple(cell.strip().strip('"') for cell in line.split(","))
    return (len(cells) > 1 and "Name" in line) or any(cells[: len(columns)] == columns for columns in _OTHERS)


def read(name: str, text: str) -> Result:
    """Read one of Locust's CSV files.

    Raises:
        ResultError: it is none, or damaged.
    """
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip(), newline="")))
    except csv.Error as error:
        raise ResultError(f"the file is no CSV: {error}") from None
    header = tuple(rows[0])
    for columns, what in _OTHERS.items():
        if header[: len(columns)] == columns:
            raise ResultError(f"this is {what}; give the file that ends in _stats.csv")
    body = [row for row in rows[1:] if row]
    for index, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise ResultError(f"the file is truncated: row {index} has {len(row)} of {len(header)} cells")
    if body and not text.endswith(("\n", "\r")):  # a last cell that was cut is a number still
        body[-1][-1] += _CUT
    if set(_HISTORY) <= set(header):
        return _history(name, header, body)
    missing = [column for column in _REQUIRED if column not in header]
    if missing:
        raise ResultError(f"the CSV has no column {missing[0]!r}, so it is none of Locust's statistics")
    if len(set(header)) != len(header):
        raise ResultError("a column is there twice")
    return _stats(name, [dict(zip(header, row, strict=True)) for row in body])


def _stats(name: str, rows: Sequence[dict[str, str]]) -> Result:
    if not rows:
        raise ResultError(
            "the file holds a header and no row: no request was made, or Locust was stopped before it wrote"
        )
    total = next((row for row in reversed(rows) if row["Name"] == TOTAL_ROW and row["Type"] in ("", "None")), None)
    if total is None:
        raise ResultError(f"the file is truncated: its last row, {TOTAL_ROW}, is missing")
    readings: dict[str, Reading] = {}
    short: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        typed = f"{row['Type']} {row['Name']}".strip()
        for column, reading in _row(row).items():
            full = f"{typed}/{column}"
            if full in readings:
                raise ResultError(f"the row {typed!r} is there twice")
            readings[full] = reading
            if row["Type"]:
                short[f"{row['Name']}/{column}"].append(full)
    ambiguous = {path: tuple(full) for path, full in short.items() if len(full) > 1 or path in readings}
    readings |= {
        path: readings[full[0]] for path, full in short.items() if path not in ambiguous and path not in readings
    }
    requests, failures = _count(total, "Request Count"), _count(total, "Failure Count")
    run = Run(requests=requests, failures=failures)
    return Result(name, FORMAT, readings, run, fault=_contradiction(rows, total), ambiguous=ambiguous)


def _row(row: dict[str, str]) -> dict[str, Reading]:
    """Read a row; each of its numbers knows how many requests are behind it."""
    requests, failures = _count(row, "Request Count"), _count(row, "Failure Count")
    found = {
        column: _cell(column, text, requests, failures)
        for column, text in row.items()
        if column not in ("Type", "Name")
    }
    if requests is None or failures is None or failures > requests:
        ratio = Reading(None, RATIO, trouble="the row's counts make no sense", samples=requests, failures=failures)
    elif requests == 0:
        ratio = Reading(None, RATIO, trouble="no request was made", samples=0, failures=0)
    else:
        ratio = Reading(Decimal(failures) / requests, RATIO, samples=requests, failures=failures)
    return {**found, FAILURE_RATIO: ratio}


def _cell(column: str, text: str, samples: int | None, failures: int | None) -> Reading:
    unit = MILLISECONDS if _PERCENTILE.fullmatch(column) else _UNITS.get(column, UNKNOWN)
    value, trouble = _number(text, unit)
    declared = unit is not UNKNOWN
    return Reading(value, unit, declared=declared, samples=samples, failures=failures, trouble=trouble)


def _number(text: str, unit: Unit) -> tuple[Decimal | None, str]:
    stripped = text.strip()
    if stripped.endswith(_CUT):
        return None, "no line end follows this last number of the file, so it may have been cut"
    if stripped in ("", "N/A"):
        return None, "it is N/A: no request was made" if stripped else "the cell is empty"
    try:
        value = number(stripped)
    except QuantityError as error:
        return None, str(error)
    return value, impossible(value, unit)


def _history(name: str, header: tuple[str, ...], rows: Sequence[Sequence[str]]) -> Result:
    """Read the course of a run: each column of each row's name, and the share of failures among them."""
    if not rows:
        raise ResultError("the history holds a header and no row")
    series: dict[str, list[Sample]] = defaultdict(list)
    users: list[int] = []
    totals: tuple[int | None, int | None] = (None, None)
    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        try:
            time = number(row["Timestamp"])
        except QuantityError as error:
            raise ResultError(f"the timestamp of a row: {error}") from None
        typed = f"{row['Type']} {row['Name']}".strip()
        values = {c: _number(t, UNKNOWN)[0] for c, t in row.items() if c not in ("Timestamp", "Type", "Name")}
        rate, failing = values.get("Requests/s"), values.get("Failures/s")
        values[FAILURE_RATIO] = min(failing / rate, Decimal(1)) if rate and failing is not None else None
        for column, value in values.items():
            series[f"{typed}/{column}"].append(Sample(time, value))
        users.append(_count(row, "User Count") or 0)
        if typed == TOTAL_ROW:
            totals = (_count(row, "Total Request Count"), _count(row, "Total Failure Count"))
    units = {path: _history_unit(path.rpartition("/")[2] if "/s" not in path[-3:] else path) for path in series}
    markers = {
        path: Reading(None, units[path], trouble="a history has a course, not one value; check it with recovers_within")
        for path in series
    }
    run = Run(users=max(users), requests=totals[0], failures=totals[1])
    return Result(name, HISTORY_FORMAT, markers, run, series={path: tuple(found) for path, found in series.items()})


def _history_unit(path: str) -> Unit:
    for column, unit in (*_UNITS.items(), (FAILURE_RATIO, RATIO)):
        if path == column or path.endswith("/" + column):
            return unit
    return MILLISECONDS if _PERCENTILE.fullmatch(path) else UNKNOWN


def _contradiction(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Say what in the rows contradicts itself or their total; "" where nothing does."""
    found = next((said for row in rows if (said := _counts(row))), "")
    return found or _sums([row for row in rows if row is not total], total)


def _count(row: Mapping[str, str], column: str) -> int | None:
    """Read a cell that counts; None where it holds no such number."""
    text = row.get(column, "").strip()
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None


def _counts(row: Mapping[str, str]) -> str:
    wrong = next((column for column in _COUNTS if _count(row, column) is None), "")
    if wrong:
        return f"the row {_name(row)!r} has a {wrong} of {row[wrong].strip()[:20]!r}, which is no count"
    requests, failures = (_count(row, column) or 0 for column in _COUNTS)
    return f"the row {_name(row)!r} counts {failures} failures in {requests} requests" if failures > requests else ""


def _sums(rows: Sequence[Mapping[str, str]], total: Mapping[str, str]) -> str:
    """Hold the total against the rows it is of; some may have been left out, and none can have more than it."""
    for column in _COUNTS:
        added = sum(_count(row, column) or 0 for row in rows)
        if added > (_count(total, column) or 0):
            return f"the {column} of its rows is {added} together, and {_name(total)} has {total[column].strip()}"
    return ""


def _name(row: Mapping[str, str]) -> str:
    return f"{row['Type']} {row['Name']}".strip()

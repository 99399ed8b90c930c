"""Run ``burnproof baseline show`` and ``compare --table``: documented tables, and a run against a row."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.loadtest.baseline.report import rows_text, table_rows
from burnproof.loadtest.baseline.store import StoreError
from burnproof.loadtest.baseline.table_comparison import METRICS, against_row
from burnproof.loadtest.baseline.tables import FigureTable, TableError, read_table
from burnproof.loadtest.results.markdown import table as markdown_table

if TYPE_CHECKING:
    from burnproof.loadtest.baseline.compare import Compared
    from burnproof.loadtest.results.model import Result

Table = Annotated[
    Path | None, typer.Option("--table", metavar="CSV", help="Compare with a table of documented figures.")
]
Row = Annotated[str, typer.Option("--row", metavar="NAME", help="The row of the table.")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", metavar="C=M", help="What a column is about: current=p95, budget=max.")
]
Endpoint = Annotated[str, typer.Option("--endpoint", metavar="NAME", help="The endpoint of the run; all unless given.")]

TABLE_HINT = "it is a table of documented figures: `burnproof baseline compare RUN --table` compares a run with a row"


def show(
    file: Annotated[Path, typer.Argument(metavar="TABLE", help="A CSV of documented figures.")],
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> int:
    """Show a table of documented figures, each with its unit; what was not measured is no data."""
    try:
        found = table_of(file)
    except StoreError as error:
        say(f"burnproof: {error}")
        return CANNOT
    header, rows = table_rows(found)
    sys.stdout.write((markdown_table if as_markdown else rows_text)(header, rows))
    return 0


def table_of(path: Path) -> FigureTable:
    """Read a table from its file.

    Raises:
        StoreError: it is none.
    """
    try:
        return read_table(str(path), path.read_text(encoding="utf-8-sig"))
    except TableError as error:
        raise StoreError(f"no table of figures: {error}") from None
    except UnicodeDecodeError:
        raise StoreError(f"no table of figures: {path} is not UTF-8: save it as UTF-8") from None


def is_table(path: Path) -> bool:
    """Tell whether a file is a table of documented figures."""
    try:
        table_of(path)
    except (StoreError, OSError):
        return False
    return True


def tables_in(folder: Path) -> list[FigureTable]:
    """Give the tables that a folder holds, by name; other CSV files are none."""
    return [table_of(path) for path in sorted(folder.glob("*.csv")) if is_table(path)]


def against_table(
    run: Result, path: Path, row: str, columns: list[str] | None, endpoint: str
) -> tuple[Result, tuple[Compared, ...]]:
    """Compare a run with a row of a table; gives the row as a result, and what changed.

    Raises:
        StoreError: they cannot be compared; the message says why.
    """
    table = table_of(path)
    if not row:
        raise StoreError(f"name a row of {path} with --row: {', '.join(map(repr, table.rows))}")
    try:
        base, found, left_out = against_row(run, table, row, _stated(columns), endpoint)
    except TableError as error:
        raise StoreError(str(error)) from None
    for column in left_out:
        figure = table.rows[row][column]
        say(f"Not compared: {column}, {'no data' if figure is None else f'{figure.text}, which no run measures'}.")
    return base, found


def _stated(columns: list[str] | None) -> dict[str, str]:
    """Read ``current=p95`` options.

    Raises:
        typer.BadParameter: no such metric.
    """
    found = {}
    for text in columns or ():
        column, _, metric = text.rpartition("=")
        if not column or metric not in METRICS:
            raise typer.BadParameter(f"{text!r}: write a column, = and one of {', '.join(METRICS)}.")
        found[column] = metric
    return found

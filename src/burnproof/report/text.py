"""Write a report for a terminal: the table, worst first, and what needs attention below it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics.text import printable
from burnproof.loadtest.baseline.report import rows_text
from burnproof.report import operations, rows
from burnproof.report.model import Status
from burnproof.report.numbers import NOTHING

if TYPE_CHECKING:
    from rich.console import Console

    from burnproof.report.model import Line, Report
    from burnproof.report.operations import Operation

STYLES: Final = {
    Status.MISSED: "bold red",
    Status.UNKNOWN: "yellow",
    Status.PARTIAL: "yellow",
    Status.MET: "green",
    Status.IDLE: "dim",
}
_LEFT: Final = {"SLO", "Status", "Owner"}


def as_text(report: Report, *, width: int, colour: bool) -> str:
    """Give the report as text of a width in columns."""
    from rich.console import Console  # noqa: PLC0415 - slow to import, and only this format needs it
    from rich.text import Text  # noqa: PLC0415 - as above

    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, emoji=False)

    def say(text: str, style: str = "") -> None:
        console.print(Text(printable(text), style=style), soft_wrap=False)

    say(f"{report.title}, {rows.span_text(report)}", "bold")
    for firing in rows.firing_texts(report):
        say(firing, "bold red")
    say(f"{rows.headline(report)}; {rows.source_text(report)}")
    for trouble in report.troubles:
        say(f"Missing: {trouble}", "yellow")
    if _fits(report, width):
        _table(report, console)
    else:
        for line in report.lines:
            say(_card(line), STYLES[line.status])
    _details(report, console)
    ended = "".join(f"\n{_operation(one)}" for one in report.operations)
    return "\n".join(text.rstrip() for text in out.getvalue().splitlines()) + "\n" + ended


def _table(report: Report, console: Console) -> None:
    """Print the verdicts, a row each."""
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in rows.HEADER:
        table.add_column(name, justify="left" if name in _LEFT else "right", no_wrap=True)
    for line in report.lines:
        styles = (STYLES[line.status] if name == "Status" else "" for name in rows.HEADER)
        table.add_row(*map(Text, map(printable, rows.cells(line)), styles))
    if report.lines:
        console.print(table)


def _details(report: Report, console: Console) -> None:
    """Print what there is to say of the lines that need a reader."""
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    for line in report.lines:
        if rows.worth_details(line):
            console.print()
            console.print(Text(printable(line.name), style=STYLES[line.status]))
            grid = Table.grid(padding=(0, 2))
            grid.add_column(no_wrap=True)
            grid.add_column(overflow="fold")
            for term, text in rows.details(line, report):
                grid.add_row(Text(f"  {term}", style="dim"), Text(printable(text)))
            console.print(grid)


def _fits(report: Report, width: int) -> bool:
    """Tell whether the table fits: a number that goes on in the next line is another number."""
    cells = [rows.HEADER, *map(rows.cells, report.lines)]
    return sum(max(map(len, column)) + 2 for column in zip(*cells, strict=True)) - 2 <= width


def _card(line: Line) -> str:
    """Write a line of the table as a sentence, which breaks between words."""
    name, status, *more = rows.cells(line)
    said = [
        f"{term.lower()} {cell}" for term, cell in zip(rows.HEADER[2:], more, strict=True) if cell not in ("", NOTHING)
    ]
    return f"{name}: {status}; {', '.join(said)}"


def _operation(one: Operation) -> str:
    """Give the part on an operation: where it is going, and what drifted in its last course."""
    text = f"{operations.headline(one)}\n{rows_text(operations.HEADER, operations.rows(one))}"
    drifted = operations.drift_table(one)
    text = text if drifted is None else f"{text}\n{drifted[0]}\n{rows_text(drifted[1], drifted[2])}"
    return "".join(f"{printable(line)}\n" for line in text.splitlines())

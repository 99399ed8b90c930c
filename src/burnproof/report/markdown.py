"""Write a report as Markdown, for tickets, wikis and mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.loadtest.results.markdown import table
from burnproof.report import operations, rows

if TYPE_CHECKING:
    from burnproof.report.model import Report
    from burnproof.report.operations import Operation

_ACTIVE = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


def as_markdown(report: Report) -> str:
    """Give the report as Markdown."""
    parts = [
        f"# {_plain(report.title)}\n",
        f"{_plain(rows.span_text(report))}.\n**{rows.headline(report)}.**\n",
    ]
    firing = rows.firing_texts(report)
    if firing:
        parts.append("".join(f"- **{_plain(text)}**\n" for text in firing))
    if report.troubles:
        parts.append("> **This report is not complete.**\n" + "".join(f"> - {_plain(t)}\n" for t in report.troubles))
    if report.lines:
        parts.append(table(rows.HEADER, [rows.cells(line) for line in report.lines]))
    for line in report.lines:
        if rows.worth_details(line):
            said = "".join(f"- **{term}**: {_plain(text)}\n" for term, text in rows.details(line, report))
            parts.append(f"## {_plain(line.name)}\n\n{said}")
    parts += [_operation(one) for one in report.operations]
    return "\n".join(parts)


def _operation(one: Operation) -> str:
    """Give the section of an operation: where it is going, and what drifted in its last course."""
    text = f"## {_plain(operations.headline(one))}\n\n{table(operations.HEADER, operations.rows(one))}"
    drifted = operations.drift_table(one)
    return text if drifted is None else f"{text}\n{_plain(drifted[0])}:\n\n{table(drifted[1], drifted[2])}"


def _plain(text: str) -> str:
    """Take the meaning out of characters that Markdown acts on, and keep all on one line; addresses stay whole."""
    words = " ".join("".join(char if char.isprintable() or char.isspace() else "\ufffd" for char in text).split())
    return " ".join(word if word.startswith("https://") else word.translate(_ACTIVE) for word in words.split(" "))

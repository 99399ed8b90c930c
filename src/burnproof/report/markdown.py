"""A report to Markdown: for tickets, wikis and mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.report import rows
from burnproof.results.markdown import table

if TYPE_CHECKING:
    from burnproof.report.model import Report

_ACTIVE = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


def as_markdown(report: Report) -> str:
    """Give the report as Markdown."""
    parts = [
        f"# {_plain(report.title)}\n",
        f"{_plain(rows.span_text(report))}.\n**{rows.headline(report)}.**\n",
    ]
    if report.troubles:
        parts.append("> **This report is not complete.**\n" + "".join(f"> - {_plain(t)}\n" for t in report.troubles))
    parts.append(table(rows.HEADER, [rows.cells(line) for line in report.lines]))
    for line in report.lines:
        if rows.worth_details(line):
            said = "".join(f"- **{term}**: {_plain(text)}\n" for term, text in rows.details(line, report))
            parts.append(f"## {_plain(line.name)}\n\n{said}")
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Take the meaning out of characters that Markdown acts on, and keep all on one line; addresses stay whole."""
    words = " ".join("".join(char if char.isprintable() or char.isspace() else "\ufffd" for char in text).split())
    return " ".join(word if word.startswith("https://") else word.translate(_ACTIVE) for word in words.split(" "))

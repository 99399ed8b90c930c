"""Write changes for a terminal, as Markdown for a pull request, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Final

from burnproof.lab.difference import headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.lab.difference import Change

SCHEMA: Final = "burnproof/diff/v1"
MARKER: Final = "<!-- burnproof diff -->"
"""Stands in the Markdown, so that a comment of an earlier run can be found and renewed."""
_NOTHING: Final = "(none)"


def as_text(found: Sequence[Change]) -> str:
    """Write changes by SLO; an exclamation mark stands before what may break silences, routes or alerts."""
    lines = []
    for slo, changes in groupby(found, key=lambda change: change.slo):
        lines.append(slo)
        lines += [f"{'!' if change.warns else ' '} {_line(change)}" for change in changes]
        lines.append("")
    return "\n".join([*lines, headline(found)]) + "\n"


def _line(change: Change) -> str:
    start = f"{change.subject}: {change.what}"
    if not change.old or not change.new:
        return f"{start}: {change.old or change.new}" if change.old or change.new else start
    return f"{start}: {change.old} -> {change.new}"


def as_markdown(found: Sequence[Change]) -> str:
    """Write changes as a table, for the comment on a pull request."""
    parts = [MARKER, f"### SLOs: {headline(found)}"]
    if found:
        rows = ["| SLO | what | before | after |", "|---|---|---|---|"]
        for change in found:
            mark = ":warning: " if change.warns else ""
            cells = (change.slo, f"{mark}{change.subject}: {change.what}", change.old, change.new)
            rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`") or _NOTHING


def as_json(found: Sequence[Change]) -> str:
    """Write changes as JSON, ending in a newline."""
    made = {"schema": SCHEMA, "changes": [asdict(change) for change in found], "summary": headline(found)}
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"

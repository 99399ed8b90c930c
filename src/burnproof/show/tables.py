"""Lay out text in columns for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INDENT = "  "
GAP = "  "


def table(rows: Sequence[dict[str, str]], width: int) -> Iterator[str]:
    """Align rows under their headings; where that is too wide, write each row as a block."""
    heads = list(rows[0]) if rows else []
    sizes = [max(len(head), *(len(row[head]) for row in rows)) for head in heads]
    if sum(sizes) + len(GAP) * len(sizes) > width:
        for number, row in enumerate(rows):
            yield from ([""] if number else [])
            yield from pairs([(head, text) for head, text in row.items() if text], width)
        return
    for cells in (heads, *([row[head] for head in heads] for row in rows)):
        line = GAP.join(f"{cell:<{size}}" for cell, size in zip(cells, sizes, strict=True))
        yield f"{INDENT}{line}".rstrip()


def pairs(pairs: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Write names and texts in two columns, the texts wrapped."""
    widest = max((len(name) for name, _ in pairs), default=0)
    for name, text in pairs:
        start = f"{INDENT}{name:<{widest}}{GAP}" if name else INDENT
        below = " " * len(start)
        room = max(width, len(start) + 20)
        yield from textwrap.wrap(
            text, room, initial_indent=start, subsequent_indent=below, break_long_words=False, break_on_hyphens=False
        )

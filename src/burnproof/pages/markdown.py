"""Escape texts so that Markdown shows them as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.pages.types import Table

_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&])")
_NOT_IN_ADDRESS = re.compile(r"[\s()<>\\]")


def escaped(text: str) -> str:
    """Keep Markdown from reading anything into a text; it becomes one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def address(url: str) -> str:
    """Write an address so that a link's brackets end where they should."""
    return _NOT_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url)


def table(given: Table) -> str:
    """Lay a table out, one row a line."""
    rows = (given.head, tuple("---" for _ in given.head), *given.rows)
    return "\n".join(
        "| " + " | ".join(cell if number == 1 else escaped(cell) for cell in row) + " |"
        for number, row in enumerate(rows)
    )

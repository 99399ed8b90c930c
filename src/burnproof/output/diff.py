"""Write changes as a unified diff: what ``generate`` would do to the output folder."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.output.write import Change

_COLOURS = (("---", "1"), ("+++", "1"), ("@@", "36"), ("-", "31"), ("+", "32"))
# difflib compares every line with every other: beyond this the diff takes longer than anyone reads it.
_MOST_LINES = 5000
_CONTEXT = 3


def unified(changes: Iterable[Change], *, colour: bool) -> Iterator[str]:
    """Yield the lines, without their ends, of one diff over all ``changes``; missing files come from /dev/null."""
    for change in changes:
        for line in _file_diff(change):
            yield _coloured(line) if colour else line


def _file_diff(change: Change) -> Iterator[str]:
    before, after = _lines(change.before), _lines(change.after)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    names = (
        "/dev/null" if change.before is None else str(change.path),
        "/dev/null" if change.after is None else str(change.path),
    )
    if before and after and min(len(before), len(after)) - start > _MOST_LINES:
        yield f"--- {names[0]}"
        yield f"+++ {names[1]}"
        yield f"@@ from line {start + 1}: {len(before) - start} lines become {len(after) - start}, too many to show @@"
        return
    for line in difflib.unified_diff(before, after, *names, n=_CONTEXT, lineterm=""):
        yield line.rstrip("\n")


def _lines(content: bytes | None) -> list[str]:
    return [] if content is None else content.decode(errors="replace").splitlines()


def _coloured(line: str) -> str:
    code = next((code for prefix, code in _COLOURS if line.startswith(prefix)), "")
    return f"\x1b[{code}m{line}\x1b[0m" if code else line

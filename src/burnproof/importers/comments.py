"""Find the comments of a YAML file by the lines they belong to; the source reader drops them.

A comment on lines of its own belongs to what follows it, one behind a value to that value. Each is handed out once,
so that none is lost and none comes twice.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.specs.source import File, Mapping, Scalar, Sequence
from burnproof.specs.source.offsets import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from burnproof.specs.source import Document, Value

_BEHIND: Final = re.compile(r"[\s,\]}:]*\s#\s?(.*)$")
_BEHIND_SIGN: Final = re.compile(r"[|>][-+0-9]*\s+#\s?(.*)$")


class Comments:
    """The comments of one file that nobody has taken yet."""

    def __init__(self, file: File, documents: Iterable[Document]) -> None:
        """Find all comments of the file that ``documents`` were read from."""
        self.before: dict[int, list[str]] = {}
        self.behind: dict[int, str] = {}
        if "#" in file.text:
            self._find(lines_of(file.text), [scalar for one in documents for scalar in _scalars(one.root)])

    @classmethod
    def none(cls) -> Comments:
        """Give the comments of a file that has none."""
        return cls(File("", ""), ())

    def _find(self, lines: list[str], scalars: list[Scalar]) -> None:
        text_lines = {line for scalar in scalars for line in _inside(scalar, lines)}
        ends: dict[int, int] = {}
        for scalar in scalars:
            if scalar.style in ("|", ">"):
                found = _BEHIND_SIGN.match(lines[scalar.start.line][scalar.start.column :])
                if found:
                    self.behind[scalar.start.line] = found[1].rstrip()
                ends[scalar.start.line] = len(lines[scalar.start.line])
            else:
                ends[scalar.end.line] = max(ends.get(scalar.end.line, 0), scalar.end.column)
        waiting: list[str] = []
        for number, line in enumerate(lines):
            stripped = line.strip()
            if number in text_lines and number not in ends:
                continue
            if stripped.startswith("#") and number not in ends:
                waiting.append(stripped[1:].removeprefix(" ").rstrip())
                continue
            found = _BEHIND.match(line[ends[number] :]) if number in ends else None
            if found:
                self.behind[number] = found[1].rstrip()
            if waiting and stripped and stripped != "---":
                self.before[number], waiting = waiting, []
        if waiting:
            self.before[len(lines)] = waiting

    def take(self, node: Value) -> tuple[list[str], str]:
        """Give the comments above a node's first line, and that behind it."""
        line = node.start.line
        return self.before.pop(line, []), self.behind.pop(line, "")

    def within(self, first: int, last: int) -> list[str]:
        """Give all that are left on lines ``[first, last)``, in their order."""
        found: list[str] = []
        lines = sorted({line for line in (*self.before, *self.behind) if first <= line < last})
        for line in lines:
            found += self.before.pop(line, [])
            found += [self.behind.pop(line)] if line in self.behind else []
        return found


def _scalars(value: Value) -> Iterator[Scalar]:
    """Yield every key and value below a node."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Mapping):
            for key, below in node.entries.values():
                yield key
                stack.append(below)


def _inside(scalar: Scalar, lines: list[str]) -> Iterable[int]:
    """Give the lines of a text of several lines, without its first; what looks like a comment there is text."""
    first, last = scalar.start.line, scalar.end.line
    if scalar.style not in ("|", ">"):
        return range(first + 1, last + 1)
    indent = next((len(line) - len(line.lstrip()) for line in lines[first + 1 : last + 1] if line.strip()), 0)
    return [
        number
        for number in range(first + 1, min(last + 1, len(lines)))
        if lines[number].strip() and len(lines[number]) - len(lines[number].lstrip()) >= indent
    ]

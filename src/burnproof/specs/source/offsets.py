"""Find the line and column of an offset in a scalar, through quotes, escapes, folds and indents."""

from __future__ import annotations

import re
from typing import Protocol

Place = tuple[int, int]  # line and column, from 0

_LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


class Mark(Protocol):
    """A position as libyaml counts it: line and column from 0."""

    @property
    def line(self) -> int:
        """How many lines come before it."""

    @property
    def column(self) -> int:
        """How many characters of its line come before it."""


def lines_of(text: str) -> list[str]:
    """Split at the line breaks that libyaml counts, so that its line numbers index the result."""
    return _LINE_BREAK.split(text)


def place_of(source: str, start: Mark, end: Mark, text: str, style: str, offset: int) -> Place:
    """Give the place of ``text[offset]``, where ``text`` is the scalar between ``start`` and ``end`` of ``source``."""
    offset = max(0, min(offset, len(text)))
    if not style and start.line == end.line:
        return start.line, start.column + offset
    if not text.strip():
        return start.line, start.column  # a block that holds nothing has no line of its own
    lines = lines_of(source)
    if style in ("|", ">"):
        return _in_block(lines, start, end, text, offset)
    return _in_flow(lines, start, end, style, offset)


def _in_block(lines: list[str], start: Mark, end: Mark, text: str, offset: int) -> Place:
    """Walk the lines of a block scalar beside its text; between lines the text has only blanks and breaks."""
    position = 0
    place = (start.line + 1, 0)
    indent = _block_indent(lines, start, end)
    for number in range(start.line + 1, min(end.line + 1, len(lines))):
        content = lines[number][indent:]
        if not content.strip():
            continue
        begin = text.find(content, position)
        if begin < 0 or offset < begin:
            break
        position = begin + len(content)
        place = (number, indent + min(offset - begin, len(content)))
        if offset < position:
            break
    return place


def _block_indent(lines: list[str], start: Mark, end: Mark) -> int:
    """Find how far a block scalar is indented: the indent of its first line that is not blank."""
    for line in lines[start.line + 1 : end.line + 1]:
        if line.strip():
            return len(line) - len(line.lstrip(" "))
    return 0


def _in_flow(lines: list[str], start: Mark, end: Mark, style: str, offset: int) -> Place:
    """Walk a plain or quoted scalar character by character, counting those that reach the text."""
    line, column = start.line, start.column + (1 if style else 0)
    made = 0
    while (line, column) < (end.line, end.column):
        row = lines[line]
        if column >= len(row.rstrip(" \t")) and line < end.line:
            blank = 0
            line += 1
            while line < end.line and not lines[line].strip():
                blank, line = blank + 1, line + 1
            width = max(blank, 1)
            if offset < made + width:
                return line, len(lines[line]) - len(lines[line].lstrip(" \t"))
            made += width
            column = len(lines[line]) - len(lines[line].lstrip(" \t"))
            continue
        if style == '"' and row[column] == "\\" and column + 1 == len(row):
            # An escaped line break joins two lines without a blank.
            line += 1
            column = len(lines[line]) - len(lines[line].lstrip(" \t"))
            continue
        if made == offset:
            break
        column += _width(row, column, style)
        made += 1
    return line, column


def _width(row: str, column: int, style: str) -> int:
    """Count the columns that one character of the text takes in the file."""
    if style == '"' and row[column] == "\\":
        return _ESCAPE_LENGTHS.get(row[column + 1 : column + 2], 2)
    return 2 if style == "'" and row[column] == "'" else 1

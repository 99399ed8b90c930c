"""Hold the values of a YAML file before they have a meaning: text, lists and mappings with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from burnproof.diagnostics import Span
from burnproof.specs.source.offsets import Mark, place_of


class StreamMark(Mark, Protocol):
    """A position in a file, as libyaml gives it."""

    @property
    def index(self) -> int:
        """How many characters of the file come before it."""


@dataclass(frozen=True, slots=True)
class Point:
    """A position of our own, which can be sent to another process as libyaml's cannot."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where a scalar's characters stand in its file, known from the lines that it takes alone.

    Attributes:
        source: the scalar with its quotes as it was written, behind as many blanks as its first line has before it.
        start: where it begins; ``end`` where it ends.
    """

    file: str
    text: str
    style: str
    source: str
    start: Point
    end: Point

    def part(self, start: int, end: int) -> Span:
        """The place of the characters ``[start, end)`` of ``text`` in the file."""
        first, last = self._place(start), self._place(max(end - 1, start))
        return Span(self.file, first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 2)

    def _place(self, offset: int) -> tuple[int, int]:
        begin, stop = Point(0, self.start.column), Point(self.end.line - self.start.line, self.end.column)
        line, column = place_of(self.source, begin, stop, self.text, self.style, offset)
        return line + self.start.line, column


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read: the name the user gave, and its text."""

    name: str
    text: str

    def span(self, start: Mark, end: Mark) -> Span:
        """Turn two marks into a span; an empty stretch is widened to one column so that a caret can be drawn."""
        line, column, end_line, end_column = start.line + 1, start.column + 1, end.line + 1, end.column + 1
        if (end_line, end_column) <= (line, column):
            end_line, end_column = line, column + 1
        return Span(self.name, line, column, end_line, end_column)


# Not frozen: a frozen dataclass costs four times as much to make, and a big tree has a million of them.
@dataclass(slots=True, eq=False)
class Scalar:
    """A piece of text, its quotes and folding gone; ``style`` is the quote or block sign, "" for plain text."""

    text: str
    style: str
    file: File
    start: StreamMark
    end: StreamMark

    @property
    def is_null(self) -> bool:
        """Whether nothing was written here, or YAML's null."""
        return not self.style and self.text in ("", "~", "null", "Null", "NULL")

    def span(self) -> Span:
        """The whole scalar with its quotes; of a block scalar, the text without its ``|`` line."""
        if self.style in ("|", ">"):
            return self.part(0, len(self.text.rstrip()))
        return self.file.span(self.start, self.end)

    def part(self, start: int, end: int) -> Span:
        """The place of the characters ``[start, end)`` of ``text`` in the file."""
        first = place_of(self.file.text, self.start, self.end, self.text, self.style, start)
        last = place_of(self.file.text, self.start, self.end, self.text, self.style, max(end - 1, start))
        return Span(self.file.name, first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 2)

    def excerpt(self) -> Excerpt:
        """Give what is needed to find characters of the text once the file is gone."""
        source = " " * self.start.column + self.file.text[self.start.index : self.end.index]
        start, end = Point(self.start.line, self.start.column), Point(self.end.line, self.end.column)
        return Excerpt(self.file.name, self.text, self.style, source, start, end)


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    items: list[Value]
    file: File
    start: StreamMark
    end: StreamMark

    def span(self) -> Span:
        """The first line of the list."""
        if self.start.line == self.end.line or not self.items:
            return self.file.span(self.start, self.end)
        return self.items[0].span()


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values in the order of the file; the keys of a merge (``<<``) follow the mapping's own."""

    entries: dict[str, tuple[Scalar, Value]]
    file: File
    start: StreamMark
    end: StreamMark

    def span(self) -> Span:
        """All of a mapping on one line, else its first key: a caret under a whole block shows nothing."""
        if self.start.line == self.end.line or not self.entries:
            return self.file.span(self.start, self.end)
        return next(iter(self.entries.values()))[0].span()


Value = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file."""

    file: File
    root: Value

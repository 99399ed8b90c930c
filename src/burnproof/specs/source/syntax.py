"""Explain libyaml's errors: what the line probably meant, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Problem, Span, problem
from burnproof.specs.source.offsets import lines_of

if TYPE_CHECKING:
    import yaml

    from burnproof.specs.source.nodes import File

_LOOK: Final = "look at colons, quotes and indentation here and in the line above"
_QUOTE: Final = (
    "quote text that holds ': ', ' #', '{', '[', '@', '`', '%' or '*' in a place where YAML reads it as its own"
)

# (part of libyaml's message, what we say, what to do)
_KNOWN: Final = (
    ("mapping values are not allowed", "a second ': ' on this line, or a line that is indented too far", _QUOTE),
    ("unexpected end of stream", "a quote is opened here and never closed", "close the quote"),
    (
        "unknown escape character",
        "this escape does not exist in double quotes",
        "double the backslash, or use single quotes",
    ),
    ("did not find expected ',' or '}'", "the mapping that begins with '{' does not go on with ',' or '}'", _QUOTE),
    ("did not find expected ',' or ']'", "the list that begins with '[' does not go on with ',' or ']'", _QUOTE),
    ("did not find expected node content", "a value is missing here", _QUOTE),
    ("did not find expected key", "this line fits no level of indentation above it", "align it with its neighbours"),
    ("did not find expected '-'", "this line is no item of the list above it", "begin it with '- ', or indent it"),
    ("could not find expected ':'", "a key needs ': ' behind it", "write key: value"),
    ("incompatible YAML document", "only YAML 1.1 and 1.2 are read", "remove the %YAML line"),
)

# What libyaml misses within brackets; where the file ends there, they were never closed.
_IN_BRACKETS: Final = ("did not find expected node content", "did not find expected ','")


def explain(error: yaml.YAMLError, file: File) -> Problem:
    """Turn an error of libyaml into a problem at its place."""
    said = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if mark is None:
        return problem("yaml-syntax", said, Span(file.name, 1, 1, 1, 2), _LOOK)
    if "end of stream" in said and context is not None:
        mark = context
    lines = lines_of(file.text)
    if any(part in said for part in _IN_BRACKETS) and not "".join(lines[mark.line :]).strip():
        return problem("yaml-syntax", "a '[' or '{' is never closed", _opened(context, lines, file), "close it")
    line = min(mark.line, len(lines) - 1)
    row = lines[line]
    column = min(mark.column, len(row))
    at = row[column : column + 1]
    span = Span(file.name, line + 1, column + 1, line + 1, column + 2)
    if at == "\t" or ("cannot start any token" in said and "\t" in row[:column]):
        return problem("yaml-tab", "a tab indents this line", span, "YAML indents with blanks only: use two of them")
    if "cannot start any token" in said:
        return problem("yaml-syntax", f"plain text cannot begin with {at!r}", span, "put the whole text in quotes")
    for part, message, hint in _KNOWN:
        if part in said:
            return problem("yaml-syntax", message, span, hint)
    return problem("yaml-syntax", said, span, _LOOK)


def _opened(context: yaml.Mark | None, lines: list[str], file: File) -> Span:
    """Give the place of the bracket where libyaml knows it, else of the last character that the file has."""
    line, column = (context.line, context.column) if context is not None else (len(lines), 0)
    if line >= len(lines) or lines[line][column : column + 1] not in ("[", "{"):
        line = max(number for number, row in enumerate(lines) if row.strip())
        column = len(lines[line].rstrip()) - 1
    return Span(file.name, line + 1, column + 1, line + 1, column + 2)

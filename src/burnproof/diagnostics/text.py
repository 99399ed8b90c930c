"""Draw problems for people: each under the author's own line, with a caret under the characters."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from promrules.problem import Severity, first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from promrules.problem import Problem, Span

    Paint = Callable[[str, str], str]

MAX_WIDTH: Final = 120
"""Columns of a source line that are shown; longer ones are cut around the caret."""

MAX_SHOWN: Final = 300
"""Problems that are drawn: nobody reads more, and a file of 300,000 documents has a million."""

_TAB: Final = 4
_CUT: Final = "…"
# The same breaks as libyaml counts, so that line numbers agree.
_LINE_BREAK: Final = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_RESET, _BOLD, _RED, _YELLOW, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m"
_COLORS: Final = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW}

# Characters that turn the direction of a line around: what is shown would not be what is read.
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def render_text(problems: Sequence[Problem], texts: Mapping[str, str], *, color: bool = False) -> str:
    """Draw the first ``MAX_SHOWN`` problems, one block each, and count all.

    Args:
        problems: what was found, in the order to show.
        texts: file name -> text, for the lines; a file that is missing here is shown without its line.
        color: whether to paint for a terminal.

    Returns:
        Text that ends in a line break, or "" without problems.
    """
    if not problems:
        return ""
    paint = _painted if color else _plain
    lines_by_file: dict[str, list[str]] = {}
    shown = first(problems, MAX_SHOWN)
    blocks = [_block(found, _lines(found.span, texts, lines_by_file), paint) for found in shown]
    hidden = len(problems) - len(shown)
    more = f"\n… and {hidden:,} more problems; mend these first\n" if hidden else ""
    return "\n".join(blocks) + f"{more}\n{summary(problems)}\n"


def summary(problems: Iterable[Problem]) -> str:
    """Count problems: ``2 errors, 1 warning``."""
    counts = dict.fromkeys(Severity, 0)
    for found in problems:
        counts[found.severity] += 1
    parts = [f"{count} {severity.value}{'s' if count != 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(parts) or "no problems"


def _plain(text: str, _color: str) -> str:
    return text


def _painted(text: str, color: str) -> str:
    return f"{color}{text}{_RESET}"


def _lines(span: Span | None, texts: Mapping[str, str], cache: dict[str, list[str]]) -> list[str]:
    """Split the problem's file into lines, once a file."""
    if span is None:
        return []
    if span.file not in cache:
        cache[span.file] = _LINE_BREAK.split(texts.get(span.file, ""))
    return cache[span.file]


def _block(found: Problem, lines: list[str], paint: Paint) -> str:
    """Draw one problem: headline, source line, caret, hint."""
    color = _COLORS[found.severity]
    place = "" if found.span is None else f"{printable(str(found.span))}: "
    head = f"{paint(place, _BOLD)}{paint(found.severity.value, color)}: {printable(found.message)} [{found.code}]\n"
    span = found.span
    margin = "     "
    drawn = ""
    if span is not None and 0 < span.line <= len(lines) and lines[span.line - 1].strip():
        source, caret = draw(lines[span.line - 1], span)
        number = f"{span.line:>5}"
        margin = " " * len(number)
        drawn = f"{paint(f'{number} |', _BLUE)} {source}\n{paint(f'{margin} |', _BLUE)} {paint(caret, color)}\n"
    hint = f"{paint(f'{margin} =', _BLUE)} {printable(found.hint)}\n" if found.hint else ""
    return head + drawn + hint


def draw(line: str, span: Span) -> tuple[str, str]:
    """Give a source line as it can be printed, and the carets below it.

    Tabs become blanks, characters that take two columns or none are counted as such, and a long line is cut
    so that the caret stays in view. A span that goes on over further lines is underlined to the end of this one.
    """
    end = span.end_column if span.end_line == span.line else len(line.rstrip()) + 1
    first = min(max(span.column - 1, 0), len(line))
    last = max(min(end - 1, len(line)), first + 1)
    cells, starts = _cells(line.rstrip() if last <= len(line.rstrip()) else line)
    left = starts[min(first, len(starts) - 1)]
    right = max(starts[min(last, len(starts) - 1)], left + 1)
    if starts[-1] <= MAX_WIDTH:
        return "".join(cells).rstrip(), " " * left + "^" * (right - left)
    return _cut(cells, starts, left, right)


def _cells(line: str) -> tuple[list[str], list[int]]:
    """Split a line into what is printed for each character, and the column at which each begins (and the line ends)."""
    cells: list[str] = []
    starts = [0]
    for char in line:
        if char == "\t":
            shown, width = " " * (_TAB - starts[-1] % _TAB), _TAB - starts[-1] % _TAB
        else:
            shown, width = printable(char), char_width(char)
        cells.append(shown)
        starts.append(starts[-1] + width)
    return cells, starts


def _cut(cells: list[str], starts: list[int], left: int, right: int) -> tuple[str, str]:
    """Cut a long line to ``MAX_WIDTH`` columns around the caret."""
    room = MAX_WIDTH - 2
    begin = max(0, min(left - room // 3, starts[-1] - room))
    if right - begin > room:
        begin = max(0, min(left - 8, right - room))
        right = min(right, begin + room)
    shown = [index for index in range(len(cells)) if starts[index] >= begin and starts[index + 1] <= begin + room]
    head = _CUT if shown and shown[0] > 0 else ""
    tail = _CUT if shown and shown[-1] < len(cells) - 1 else ""
    offset = len(head) - (starts[shown[0]] if shown else 0)
    text = head + "".join(cells[index] for index in shown) + tail
    return text, " " * max(0, left + offset) + "^" * max(1, right - left)


def char_width(char: str) -> int:
    """Give the columns that a character takes on a terminal: 0 for combining ones, 2 for wide ones."""
    if char < "\x7f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def printable(text: str) -> str:
    """Replace control characters, which could move the cursor or paint the terminal."""
    if text.isprintable():
        return text
    return "".join(char if _harmless(char) else "\ufffd" for char in text)


def _harmless(char: str) -> bool:
    """Tell whether a character prints, or joins its neighbours as in emoji and Indic scripts."""
    return char.isprintable() or (char not in _BIDI and unicodedata.category(char) == "Cf")

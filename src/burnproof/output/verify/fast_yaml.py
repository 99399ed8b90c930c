"""Read the plain YAML of burnproof's own templates fast; ``None`` for any other YAML.

Reading everything back is most of what verification costs, and libyaml's events cost Python objects each. This
reader knows block mappings and lists, one-line scalars and literal blocks, and gives up at once on whatever it does
not know: tabs, anchors, tags, flow style, folded or many-line scalars, duplicate keys, odd indentation. Where it gives
a value, a YAML reader gives the same (the tests compare the two on generated texts).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_PRINTABLE = re.compile(r"[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\(?:["\\bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))*"')
_SINGLE = re.compile(r"'(?:[^']|'')*'")
# Nothing that YAML 1.1 could take for a number, a date, a boolean or null, nor for a key or a comment.
_WORD = re.compile(r"(?:[A-Za-z_(]|\.\./|\d+(?:ms|[smhdwy]))(?:[!-9;-~]|:(?=[!-~])| (?!#))*", re.ASCII)
_EXPRESSION = re.compile(r"\d(?:[!-9;-~]|:(?=[!-~])| (?!#))*", re.ASCII)
_NUMBER = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)
_FLOAT = re.compile(r"-?(?:0|[1-9]\d*)\.\d+(?:e[-+]\d+)?", re.ASCII)
_NO_FLOAT = re.compile(r"\d+e[-+]?\d+", re.ASCII)  # without a point it is text to YAML 1.1
_ODD: tuple[tuple[re.Pattern[str], Callable[[str], str | int | float]], ...] = (
    (_NUMBER, int),
    (_FLOAT, float),
    (_NO_FLOAT, str),
)
_EMPTY: dict[str, Callable[[], Any]] = {"[]": list, "{}": dict}
_SPECIAL = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


@lru_cache(maxsize=16384)
def _one_line(text: str) -> str | int | float:
    """Read a scalar of one line; most of a file's stand there many times."""
    start = text[:1]
    if start == '"' and _JSON_STRING.fullmatch(text):
        return text[1:-1] if "\\" not in text else str(json.loads(text))
    if start == "'" and _SINGLE.fullmatch(text):
        return text[1:-1].replace("''", "'")
    if _WORD.fullmatch(text) and text[-1] not in " :" and text.lower() not in _SPECIAL:
        return text
    return _odd_scalar(text)


def _odd_scalar(text: str) -> str | int | float:
    """Read what is neither quoted nor a word: numbers, expressions that begin with a digit."""
    for pattern, value in _ODD:
        if pattern.fullmatch(text):
            return value(text)
    if _EXPRESSION.fullmatch(text) and ("(" in text or "{" in text) and text[-1] not in " :":
        return text
    raise _UnknownStyleError


class _UnknownStyleError(Exception):
    """The text is not in the style that is read here."""


def read_blocks(text: str) -> Any:
    """Parse ``text``, or give ``None`` where it is not in the style known here (or is not YAML at all)."""
    if not _PRINTABLE.fullmatch(text) or not text.endswith("\n"):
        return None
    try:
        return _Reader(text[:-1].split("\n")).document()
    except (_UnknownStyleError, RecursionError):
        return None


def _key(content: str) -> tuple[str, str]:
    """Split ``name: rest``; the name is empty where there is none that is plain."""
    name, found, rest = content.partition(": ")
    if not found:
        if content[-1:] != ":":
            return "", content
        name = content[:-1]
    return (name, rest.lstrip(" ")) if _is_plain(name) else ("", content)


@lru_cache(maxsize=4096)
def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier()


_LATER = object()
"""Stands for the value of a key that goes on below its line, or that must be made anew each time."""


@lru_cache(maxsize=16384)
def _entry(content: str) -> tuple[str, str, Any]:
    """Read a line ``key: rest`` with its value, since most of a file's stand there many times; no key where it is none.

    A plain word that YAML 1.1 takes for a boolean or null is no key here.
    """
    key, rest = _key(content)
    if not key or key.lower() in _SPECIAL:
        return "", rest, _LATER
    return key, rest, _LATER if not rest or rest[0] == "|" or rest in _EMPTY else _one_line(rest)


_END = -1


class _Reader:
    """Lines, and how far they have been read."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.indents = [*[len(line) - len(line.lstrip(" ")) for line in lines], _END]

    def document(self) -> Any:
        """Read the one mapping that all lines make up."""
        if self._indent() != 0:
            raise _UnknownStyleError
        value = self._mapping(0)
        if self._indent() != _END:
            raise _UnknownStyleError
        return value

    def _indent(self) -> int:
        """Skip blank lines and comments; give the columns before the next line, ``_END`` at the end."""
        lines, indents, at = self.lines, self.indents, self.at
        while indents[at] != _END and lines[at][indents[at] : indents[at] + 1] in ("", "#"):
            at += 1
        self.at = at
        return indents[at]

    def _mapping(self, indent: int, first: str = "") -> dict[str, Any]:
        """Read the keys that stand at ``indent``; ``first`` is what follows a dash, and stands there too."""
        found: dict[str, Any] = {}
        lines, indents, content = self.lines, self.indents, first
        while True:
            if not content:
                content = lines[self.at][indent:] if indents[self.at] == indent else ""
                if content[:1] in ("", "#"):
                    if self._indent() != indent:
                        break
                    content = lines[self.at][indent:]
            key, rest, value = _entry(content)
            content = ""
            if not key or key in found:
                raise _UnknownStyleError
            self.at += 1
            if value is _LATER:
                value = self._scalar(rest, indent) if rest else self._nested(indent)
            found[key] = value
        if self._indent() > indent:
            raise _UnknownStyleError
        return found

    def _nested(self, indent: int) -> Any:
        """Read what stands below a key without a value on its line."""
        inner = self._indent()
        if inner <= indent:
            raise _UnknownStyleError
        if self.lines[self.at].startswith("- ", inner):
            return self._list(inner)
        return self._mapping(inner)

    def _list(self, indent: int) -> list[Any]:
        items: list[Any] = []
        while self._indent() == indent:
            line = self.lines[self.at]
            if not line.startswith("- ", indent):
                raise _UnknownStyleError
            item = line[indent + 2 :]
            if _key(item)[0]:
                items.append(self._mapping(indent + 2, item))
            else:
                self.at += 1
                items.append(self._scalar(item, indent))
        if self._indent() > indent:
            raise _UnknownStyleError
        return items

    def _scalar(self, text: str, indent: int) -> Any:
        if text[:1] == "|":
            return self._literal(text, indent)
        return _EMPTY[text]() if text in _EMPTY else _one_line(text)

    def _literal(self, header: str, indent: int) -> str:
        """Read the lines of a literal block below a key at ``indent``."""
        if header not in {"|", "|-"} or self.at >= len(self.lines):
            raise _UnknownStyleError
        first = self.lines[self.at]
        margin = first[: len(first) - len(first.lstrip(" "))]
        if len(margin) <= indent or len(margin) == len(first):
            raise _UnknownStyleError
        width, content = len(margin), []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.startswith(margin):
                content.append(line[width:])
            elif line.strip(" "):
                break
            else:
                content.append("")
            self.at += 1
        while content[-1] == "":
            content.pop()
        return "\n".join(content) + ("\n" if header == "|" else "")

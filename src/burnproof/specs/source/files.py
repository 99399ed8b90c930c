"""Read files, folders and standard input as text, bounded in size and strictly decoded."""

from __future__ import annotations

import codecs
import errno
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Problem, Span, problem
from burnproof.specs.source.nodes import File
from burnproof.specs.source.offsets import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES: Final = 8 * 1024 * 1024
"""A bigger file is no spec: 20,000 objectives take about this much."""

STDIN: Final = "-"
STDIN_NAME: Final = "<stdin>"
SUFFIXES: Final = (".yaml", ".yml")
_LOOK: Final = "look for a slip in the name, and from which folder it is meant"
_PERMIT: Final = "see that it is there, and that you may read it"
_NAME: Final = "name a file, a folder, or - for standard input"
# What YAML calls not printable, without line breaks, tab and the marks of UTF-16 surrogates (never in a str).
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def find(paths: Iterable[str | Path], suffixes: tuple[str, ...] = SUFFIXES) -> tuple[list[str], list[Problem]]:
    """List the files that ``paths`` name, each once, folders searched in sorted order for names that end like specs'.

    Returns:
        File names as the user would write them (``-`` for standard input), and problems for paths that
        are missing or hold no spec.
    """
    found: list[str] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in map(str, paths):
        if path == STDIN:
            names = [path]
        elif os.path.isdir(path):  # noqa: PTH112 - strings keep the user's own spelling, such as ./slos
            names = list(_walk(path, problems, suffixes))
            if not names:
                hint = f"specs end in {' or '.join(suffixes)}; files that begin with a dot are skipped"
                problems.append(problem("no-specs", f"the folder {path} holds no spec", None, hint))
        elif os.path.lexists(path):
            names = [path]
        else:
            names = []
            problems.append(problem("no-such-file", f"there is no file or folder {path}", None, _LOOK))
        for name in names:
            identity = os.path.realpath(name) if name != STDIN else STDIN
            if identity not in seen:
                seen.add(identity)
                found.append(name)
    return found, problems


def is_spec_name(name: str, suffixes: tuple[str, ...] = SUFFIXES) -> bool:
    """Tell whether a file of this name is read as a spec where its folder is named."""
    return name.endswith(suffixes) and not name.startswith(".")


def _walk(folder: str, problems: list[Problem], suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield the spec files below a folder; a folder reached twice through links is read once."""
    visited: set[str] = set()

    def note(error: OSError) -> None:
        problems.append(
            problem("unreadable", f"cannot read the folder {error.filename}: {error.strerror}", None, _PERMIT)
        )

    for root, folders, files in os.walk(folder, followlinks=True, onerror=note):
        real = os.path.realpath(root)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if is_spec_name(name, suffixes):
                yield os.path.join(root, name)  # noqa: PTH118 - see find


def load(name: str) -> tuple[File | None, Problem | None]:
    """Read one file as text.

    Returns:
        The file, or None and the problem that explains why not. A file whose text is damaged gives both,
        with an empty text.
    """
    shown = STDIN_NAME if name == STDIN else name
    try:
        data = _bytes(name)
    except OSError as error:
        return None, problem("unreadable", f"cannot read {shown}: {error.strerror or error}", None, _PERMIT)
    if data is None:
        return None, problem("not-a-file", f"{shown} is no regular file", None, _NAME)
    if len(data) > MAX_BYTES:
        hint = "split it: one service a file"
        return None, problem("file-too-big", f"{shown} is larger than {MAX_BYTES >> 20} MB", _first(shown), hint)
    return _decode(shown, data)


def _bytes(name: str) -> bytes | None:
    """Read at most one byte more than allowed; None for pipes and devices that might never end."""
    if name == STDIN:
        if sys.stdin is None:  # as `<&-` leaves it
            raise OSError(errno.EBADF, "it is closed")
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    path = Path(name)
    if path.exists() and not path.is_file() and not path.is_fifo():
        return None
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _decode(name: str, data: bytes) -> tuple[File | None, Problem | None]:
    """Decode UTF-8, with or without a byte order mark, and refuse what no editor writes into YAML."""
    hint = "save the file as UTF-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return File(name, ""), problem("encoding", f"{name} is UTF-16, not UTF-8", _first(name), hint)
    if b"\0" in data:
        return File(name, ""), problem("encoding", f"{name} is a binary file", _first(name), "name YAML files only")
    data = data.removeprefix(codecs.BOM_UTF8)  # first, so that places in bytes and in text count from one start
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        file = File(name, data.decode("utf-8", errors="replace"))
        return file, problem("encoding", f"byte 0x{data[error.start]:02x} is not UTF-8", _at(file, len(before)), hint)
    found = _UNPRINTABLE.search(text)
    if found is None:
        return File(name, text), None
    file = File(name, text)
    message = f"the control character U+{ord(found.group()):04X} is not allowed in YAML"
    return file, problem("encoding", message, _at(file, found.start()), "remove it")


def _first(name: str) -> Span:
    """The beginning of a file."""
    return Span(name, 1, 1, 1, 2)


def _at(file: File, index: int) -> Span:
    """The place of a character of a file's text."""
    lines = lines_of(file.text[:index])
    line, column = len(lines), len(lines[-1]) + 1
    return Span(file.name, line, column, line, column + 1)

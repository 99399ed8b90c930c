"""Read YAML documents whose every value knows its place; nothing here knows what a spec is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from burnproof.diagnostics import Problem, Span, problem
from burnproof.specs.source.files import STDIN, SUFFIXES, find, load
from burnproof.specs.source.nodes import Document, File, Mapping, Scalar, Sequence, Value
from burnproof.specs.source.yaml import parse_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "STDIN",
    "Document",
    "File",
    "Mapping",
    "Read",
    "Scalar",
    "Sequence",
    "Value",
    "read",
    "read_each",
    "read_text",
]


_SPEC: Final = "a spec begins with version: burnproof/v1"


class Read(NamedTuple):
    """What was read: documents in order, problems, and each file's text for drawing carets."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    texts: dict[str, str]


def read(paths: Iterable[str | Path]) -> Read:
    """Read YAML files, folders of them (sorted, hidden files skipped) and ``-`` for standard input.

    Never raises for what a file holds or for a missing one: all of that is in ``problems``.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for part in read_each(paths):
        documents += part.documents
        problems += part.problems
        texts |= part.texts
    return Read(tuple(documents), tuple(problems), texts)


def read_each(paths: Iterable[str | Path], suffixes: tuple[str, ...] = SUFFIXES) -> Iterator[Read]:
    """Do the same file by file, so that nobody needs to hold all trees at once.

    The first part has the problems of the paths themselves and no document. In folders, files with these ``suffixes``
    are read.
    """
    names, problems = find(paths, suffixes)
    yield Read((), tuple(problems), {})
    for name in names:
        file, found = load(name)
        texts = {file.name: file.text} if file is not None else {}
        if found is not None:
            yield Read((), (found,), texts)
        elif file is not None:
            documents, faults = _parse(file)
            yield Read(tuple(documents), tuple(faults), texts)


def read_text(name: str, text: str, begins: str = _SPEC) -> Read:
    """Read YAML that is in memory already, as if it stood in the file ``name``; ``begins`` is for an empty one."""
    documents, problems = _parse(File(name, text), begins)
    return Read(tuple(documents), tuple(problems), {name: text})


def _parse(file: File, begins: str = _SPEC) -> tuple[list[Document], list[Problem]]:
    """Parse one file; one without any document is a problem of its own."""
    documents, problems = parse_documents(file)
    if not documents and not problems:
        problems.append(problem("empty-file", f"{file.name} is empty", Span(file.name, 1, 1, 1, 2), begins))
    return documents, problems

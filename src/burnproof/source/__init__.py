"""Paths to YAML documents whose every value knows its place; nothing here knows what a spec is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from burnproof.diagnostics import Problem, Span, problem
from burnproof.source.files import STDIN, find, load
from burnproof.source.nodes import Document, File, Mapping, Scalar, Sequence, Value
from burnproof.source.yaml import parse_documents

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["STDIN", "Document", "File", "Mapping", "Read", "Scalar", "Sequence", "Value", "read", "read_text"]


class Read(NamedTuple):
    """What was read: documents in order, problems, and each file's text for drawing carets."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    texts: dict[str, str]


def read(paths: Iterable[str | Path]) -> Read:
    """Read YAML files, folders of them (sorted, hidden files skipped) and ``-`` for standard input.

    Never raises for what a file holds or for a missing one: all of that is in ``problems``.
    """
    names, problems = find(paths)
    documents: list[Document] = []
    texts: dict[str, str] = {}
    for name in names:
        file, found = load(name)
        if file is not None:
            texts[file.name] = file.text
        if found is not None:
            problems.append(found)
        elif file is not None:
            more, faults = _parse(file)
            documents += more
            problems += faults
    return Read(tuple(documents), tuple(problems), texts)


def read_text(name: str, text: str) -> Read:
    """Read YAML that is in memory already, as if it stood in the file ``name``."""
    documents, problems = _parse(File(name, text))
    return Read(tuple(documents), tuple(problems), {name: text})


def _parse(file: File) -> tuple[list[Document], list[Problem]]:
    """Parse one file; one without any document is a problem of its own."""
    documents, problems = parse_documents(file)
    if not documents and not problems:
        hint = "a spec begins with version: burnproof/v1"
        problems.append(problem("empty-file", f"{file.name} is empty", Span(file.name, 1, 1, 1, 2), hint))
    return documents, problems

"""Annotations as Prometheus prints them: the text with line and column of what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promrules.columns.values import Annotation


def positioned(annotation: Annotation, query: str) -> str:
    """Give the text with ``(line:column)`` in ``query``, both from 1."""
    before = query[: annotation.span[0]]
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"{annotation.message} ({line}:{column})"

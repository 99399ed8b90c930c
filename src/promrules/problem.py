"""Where something stands in a user's file, what is wrong with it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Severity(StrEnum):
    """How bad a problem is; only errors stop a compilation (warnings too under ``--strict``)."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a user's file. Lines and columns count from 1; the end column is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """Return ``file:line:column``, the form editors and terminals link."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code, what is wrong, where, and what to do."""

    code: str
    message: str
    span: Span | None
    hint: str = ""
    severity: Severity = Severity.ERROR


def first(problems: Sequence[Problem], most: int) -> list[Problem]:
    """Give at most so many problems in their order; where there are more, warnings give way to errors."""
    if len(problems) <= most:
        return list(problems)
    errors = [found for found in problems if found.severity is Severity.ERROR][:most]
    left = most - len(errors)
    kept = set(map(id, errors)) | {id(one) for one in _warnings(problems, left)}
    return [found for found in problems if id(found) in kept]


def _warnings(problems: Sequence[Problem], most: int) -> list[Problem]:
    return [found for found in problems if found.severity is not Severity.ERROR][:most]

"""Write problems for machines: JSON, GitHub workflow commands, SARIF 2.1.0."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from burnproof import __version__
from burnproof.diagnostics.codes import BY_NAME
from promrules.problem import Severity, first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.problem import Problem, Span

MAX_LISTED: Final = 5000
"""Problems for programs; code scanning on GitHub takes as many of a run."""
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


def render_json(problems: Sequence[Problem]) -> str:
    """Give ``{"errors": n, "warnings": n, "problems": […]}``; places count from 1, the end is exclusive.

    The counts are those of all problems, also where more than ``MAX_LISTED`` were found.
    """
    errors = sum(found.severity is Severity.ERROR for found in problems)
    document = {
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [_as_json(found) for found in first(problems, MAX_LISTED)],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_json(found: Problem) -> dict[str, Any]:
    span = found.span
    place = {
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
    }
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "hint": found.hint,
        **place,
    }


def render_github(problems: Sequence[Problem]) -> str:
    """Give one workflow command a problem, which GitHub shows beside the changed line."""
    return "".join(_command(found) + "\n" for found in first(problems, MAX_LISTED))


def _command(found: Problem) -> str:
    span = found.span
    properties = {"title": f"burnproof {found.code}"}
    if span is not None:
        properties = {"file": span.file, "line": str(span.line), "endLine": str(span.end_line)} | properties
        if span.line == span.end_line:  # GitHub takes columns within one line only, the last one inclusive
            properties |= {"col": str(span.column), "endColumn": str(max(span.column, span.end_column - 1))}
    shown = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    text = f"{found.message}\n{found.hint}" if found.hint else found.message
    return f"::{found.severity.value} {shown}::{_escaped(text)}"


def _escaped(text: str, further: str = "") -> str:
    """Escape as GitHub's runner reads it: percent signs, line breaks and, in properties, separators."""
    for char in f"%\r\n{further}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def render_sarif(problems: Sequence[Problem]) -> str:
    """Give a SARIF 2.1.0 log with one run, and each code that occurs as a rule."""
    problems = first(problems, MAX_LISTED)
    codes = sorted({found.code for found in problems})
    index = {code: number for number, code in enumerate(codes)}
    driver = {
        "name": "burnproof",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, index[found.code]) for found in problems],
    }
    log = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, Any]:
    known = BY_NAME.get(code)
    level = known.severity if known else Severity.ERROR
    return {
        "id": code,
        "shortDescription": {"text": known.doc if known else code},
        "defaultConfiguration": {"level": level.value},
    }


def _result(found: Problem, rule: int) -> dict[str, Any]:
    text = f"{found.message} ({found.hint})" if found.hint else found.message
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": found.severity.value,
        "message": {"text": text},
    }
    if found.span is not None:
        result["locations"] = [{"physicalLocation": _location(found.span)}]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(span.file)},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


def _uri(name: str) -> str:
    """Give a file name as a URI reference: relative ones stay so, for SARIF readers join them to the checkout."""
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())

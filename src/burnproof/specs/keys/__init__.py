"""Read documents as specs: the only place that knows the keys of the YAML.

A ``Spec`` holds what the author wrote, read into exact values; nothing is filled in. Other tools'
files are told from specs here.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

from burnproof.diagnostics import Problem, problem
from burnproof.specs.keys.boards import BoardSpec
from burnproof.specs.keys.document import (
    SPEC,
    AlertingSpec,
    BudgetStepSpec,
    CalendarSpec,
    LevelSpec,
    NoDataSpec,
    OwnerSpec,
    PolicySpec,
    ReportSpec,
    SloSpec,
    Spec,
    TierSpec,
)
from burnproof.specs.keys.kinds import SliSpec
from burnproof.specs.keys.kinds.common import Common
from burnproof.specs.keys.kinds.composite import CompositeSpec
from burnproof.specs.keys.kinds.count import CountSpec
from burnproof.specs.keys.table import Reader
from burnproof.specs.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from burnproof.specs.source import Document

__all__ = [
    "SPEC", "AlertingSpec", "BoardSpec", "BudgetStepSpec", "CalendarSpec", "Common", "CompositeSpec", "CountSpec",
    "LevelSpec", "NoDataSpec", "OwnerSpec", "PolicySpec", "ReportSpec", "SliSpec", "SloSpec", "Spec", "TierSpec",
    "json_schema", "read_spec",
]  # fmt: skip

VERSION: Final = "burnproof/v1"
# The first words of other tools' files, and the tool.
_FOREIGN: Final = (
    ("prometheus/", "Sloth"),
    ("sloth.slok.dev/", "Sloth"),
    ("openslo", "OpenSLO"),
    ("pyrra.dev/", "Pyrra"),
)


def read_spec(document: Document) -> tuple[Spec | None, list[Problem]]:
    """Read one document.

    Returns:
        The spec with all that could be read, or None where the document is none; and every problem.
    """
    problems: list[Problem] = []
    root = document.root
    foreign = _foreign(root)
    if foreign is not None:
        return None, [foreign]
    spec: Spec | None = SPEC.read(root, Reader(problems), "")
    return spec, problems


def _foreign(root: object) -> Problem | None:
    """Recognise another tool's file, for which unknown keys one by one would be no help."""
    if isinstance(root, Sequence) and root.items:
        root = root.items[0]  # OpenSLO has lists of objects
    if not isinstance(root, Mapping):
        return None
    for name in ("version", "apiVersion"):
        entry = root.entries.get(name)
        value = entry[1] if entry else None
        if not isinstance(value, Scalar) or value.text == VERSION:
            continue
        tool = next((tool for start, tool in _FOREIGN if value.text.startswith(start)), "")
        if tool:
            hint = f"burnproof import {shlex.quote(value.file.name)} --write slos makes a spec of it"
            return problem("version", f"this is a file of {tool}, not a {VERSION} spec", value.span(), hint)
        if name == "version":
            return problem(
                "version", f"the version {value.text!r} is not known", value.span(), f"write version: {VERSION}"
            )
    if "apiVersion" in root.entries and "version" not in root.entries:
        span = root.entries["apiVersion"][0].span()
        return problem(
            "version", f"this is a Kubernetes object, not a {VERSION} spec", span, f"write version: {VERSION}"
        )
    return None


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a spec document, with a description at every key."""
    definitions: dict[str, Any] = {}
    root = SPEC.schema(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "burnproof SLO spec",
        **root,
        "$defs": definitions,
    }

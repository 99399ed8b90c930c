"""Documents to specs: the only place that knows the keys of the YAML.

A ``Spec`` holds what the author wrote, read into exact values; nothing is filled in. Other tools'
files are told from specs here.
"""

from __future__ import annotations

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
from burnproof.specs.keys.kinds.common import Common
from burnproof.specs.keys.kinds.composite import CompositeSpec
from burnproof.specs.keys.kinds.count import CountSpec
from burnproof.specs.keys.sli import SliSpec
from burnproof.specs.keys.table import Reader
from burnproof.specs.source import Mapping, Scalar

if TYPE_CHECKING:
    from burnproof.specs.source import Document

__all__ = [
    "SPEC", "AlertingSpec", "BoardSpec", "BudgetStepSpec", "CalendarSpec", "Common", "CompositeSpec", "CountSpec",
    "LevelSpec", "NoDataSpec", "OwnerSpec", "PolicySpec", "ReportSpec", "SliSpec", "SloSpec", "Spec", "TierSpec",
    "json_schema", "read_spec",
]  # fmt: skip

VERSION: Final = "burnproof/v1"
# The first words of other tools' files, the tool, and what its SLIs are called here.
_SLOTH: Final = "its events are the kind ratio, with error_query as bad, total_query as total and $window as range"
_OPENSLO: Final = "its ratioMetric is the kind ratio, its thresholdMetric the kind threshold"
_PYRRA: Final = "its ratio is the kind ratio with errors as bad, its latency the kind latency"
_FOREIGN: Final = (
    ("prometheus/", "Sloth", _SLOTH),
    ("sloth.slok.dev/", "Sloth", _SLOTH),
    ("openslo", "OpenSLO", _OPENSLO),
    ("pyrra.dev/", "Pyrra", _PYRRA),
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
    if not isinstance(root, Mapping):
        return None
    for name in ("version", "apiVersion"):
        entry = root.entries.get(name)
        value = entry[1] if entry else None
        if not isinstance(value, Scalar) or value.text == VERSION:
            continue
        tool, kinds = next(((tool, kinds) for start, tool, kinds in _FOREIGN if value.text.startswith(start)), ("", ""))
        if tool:
            hint = f"no importer reads it: write it anew by docs/spec.md; {kinds}"
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

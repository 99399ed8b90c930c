"""Run ``burnproof schema``: print the JSON Schemas of specs, load profiles and records."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Annotated

import typer

from burnproof.loadtest.results.schema import record_schema
from burnproof.loadtest.run.schema import profile_schema
from burnproof.specs.keys import json_schema


class Kind(StrEnum):
    """What is described."""

    SPEC = "spec"
    LOAD = "load"
    RESULT = "result"


_MAKERS = {Kind.SPEC: json_schema, Kind.LOAD: profile_schema, Kind.RESULT: record_schema}
FILES = {
    Kind.SPEC: "burnproof-v1.schema.json",
    Kind.LOAD: "burnproof-load-v1.schema.json",
    Kind.RESULT: "burnproof-result-v1.schema.json",
}
"""What the committed ones are called."""


def schema_text(kind: Kind = Kind.SPEC) -> str:
    """Give the JSON Schema as text, ending in a newline."""
    return json.dumps(_MAKERS[kind](), indent=2, ensure_ascii=False) + "\n"


def schema(
    kind: Annotated[Kind, typer.Argument(help="SLO specs, load profiles, or load-test records.")] = Kind.SPEC,
) -> None:
    """Print the JSON Schema (draft 2020-12) of spec files, of load profiles, or of load-test records.

    Editors complete and check a file whose first line names it:
    # yaml-language-server: $schema=../schema/burnproof-v1.schema.json
    """
    sys.stdout.write(schema_text(kind))

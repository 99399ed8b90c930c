"""``burnproof schema``: the JSON Schema of spec files, for editors and other tools."""

from __future__ import annotations

import json
import sys

from burnproof.spec import json_schema


def schema_text() -> str:
    """Give the JSON Schema as text, ending in a newline."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of spec files.

    Editors complete and check a spec whose first line names it:
    # yaml-language-server: $schema=../schema/burnproof-v1.schema.json
    """
    sys.stdout.write(schema_text())

"""Dashboards are valid against Grafana's own JSON Schemas: as a whole, and each panel and query for its type."""

from __future__ import annotations

import json

import jsonschema
import pytest
from pagecases import panels_of

pytestmark = pytest.mark.shared

FILES = {"state-timeline": "statetimeline"}


@pytest.fixture(scope="module")
def schema(shared):
    """Give the validator of a schema file, or of one of its definitions."""

    def find(name, definition=None):
        document = json.loads((shared / "grafana" / f"{name}.jsonschema.json").read_text())
        if definition is not None:
            document = {**document, "$ref": f"#/definitions/{definition}"}
        return jsonschema.Draft7Validator(document)

    return find


def _errors(validator, value):
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(value)
    ]


def test_each_dashboard_is_one(boards, schema):
    validator = schema("dashboard")

    assert {name: errors for name, board in boards.items() if (errors := _errors(validator, board))} == {}


def test_each_panel_has_the_options_and_fields_of_its_type(boards, schema):
    found = {}
    for name, board in boards.items():
        for panel in panels_of(board):
            file = FILES.get(panel["type"], panel["type"])
            errors = _errors(schema(file, "Options"), panel["options"])
            custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom")
            if custom and file in ("timeseries", "table", "statetimeline"):
                errors += _errors(schema(file, "FieldConfig"), custom)
            if errors:
                found[name, panel["title"]] = errors

    assert found == {}


def test_each_query_is_one_of_prometheus(boards, schema):
    validator = schema("prometheus")
    found = [
        error
        for board in boards.values()
        for panel in panels_of(board)
        for target in panel.get("targets", ())
        for error in _errors(validator, target)
    ]

    assert found == []


def test_the_schemas_would_notice(boards, schema):
    board = json.loads(json.dumps(boards["shop"]))
    stat = next(panel for panel in panels_of(board) if panel["type"] == "stat")
    stat["gridPos"]["w"] = 40
    del stat["options"]["colorMode"]

    assert _errors(schema("dashboard"), board)
    assert _errors(schema("stat", "Options"), stat["options"])

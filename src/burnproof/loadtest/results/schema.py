"""Make the JSON Schema of a record."""

from __future__ import annotations

from typing import Any, Final

from burnproof.loadtest.results.record import RECORD_KEYS, SCHEMA, TIMES
from burnproof.loadtest.results.time_series import MOST

_MAYBE: Final = ["number", "null"]
_COUNT: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_UNIT: Final = {"type": "string", "description": "ms, s, rps, ratio, B, count …"}
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "operation": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "description": "what was run"},
    "environment": {**_TEXT, "description": "where; runs of different ones are never compared"},
    "version": {**_TEXT, "description": "of the application"},
    "timestamp": {"type": "string", "format": "date-time", "description": "of the start, ISO 8601; UTC without a zone"},
    **{name: {"type": _MAYBE, "minimum": 0, "description": "milliseconds, of what succeeded"} for name in TIMES},
    "requests_per_second": {"type": "number", "minimum": 0, "description": "of all requests, failed ones too"},
    "concurrent_users": {**_COUNT, "description": "at the height"},
    "total_requests": {**_COUNT, "description": "failed ones too"},
    "error_rate": {"type": _MAYBE, "minimum": 0, "maximum": 1, "description": "a ratio; null without requests"},
    "error_count": {**_COUNT, "description": "requests that failed"},
    "test_duration": {"type": "number", "exclusiveMinimum": 0, "description": "seconds"},
}
_READINGS: Final = {
    "type": "object",
    "description": "further numbers by path, such as generate/p95",
    "additionalProperties": {
        "type": "object",
        "required": ["value", "unit"],
        "properties": {
            "value": {"type": _MAYBE},
            "unit": _UNIT,
            "samples": {"type": ["integer", "null"], "minimum": 0},
        },
    },
}
_COURSE: Final = {
    "type": "object",
    "description": "the run, stretch by stretch",
    "required": ["seconds", "series"],
    "additionalProperties": False,
    "properties": {
        "seconds": {
            "type": "array", "minItems": 1, "maxItems": MOST, "items": {"type": "number", "exclusiveMinimum": 0},
            "description": "when each stretch ended, from the start of the run, rising",
        },
        "series": {
            "type": "object",
            "description": "by path; as many values as there are seconds, null where nothing was measured",
            "additionalProperties": {
                "type": "object",
                "required": ["unit", "values"],
                "additionalProperties": False,
                "properties": {
                    "unit": _UNIT,
                    "values": {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"type": _MAYBE}},
                },
            },
        },
    },
}  # fmt: skip
_GENERATOR: Final = {
    "type": "object",
    "description": "what the load generator says of its own figures; a gate fails what it does not trust",
    "required": ["trusted", "reasons"],
    "properties": {"trusted": {"type": "boolean"}, "reasons": {"type": "array", "items": _TEXT}},
}


def record_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a record; the sections of a streaming report may stand beside."""
    own = {
        "schema": {"const": SCHEMA, "description": "the format; records of other tools may lack it"},
        "git_revision": {**_TEXT, "description": "of the application"},
        "readings": _READINGS,
        "course": _COURSE,
        "load_generator": _GENERATOR,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "burnproof load-test record",
        "type": "object",
        "required": list(RECORD_KEYS),
        "properties": _FIELDS | own,
    }

"""Make the JSON Schema of a load profile from its tables of keys."""

from __future__ import annotations

from typing import Any

from burnproof.loadtest.run.profile import PROFILE

_BESIDE: list[dict[str, Any]] = [
    {
        "oneOf": [{"required": ["stages"]}, {"required": ["users", "duration"]}],
        "not": {"anyOf": [{"required": ["stages", "users"]}, {"required": ["stages", "duration"]}]},
        "description": "users and duration, or stages in their place",
    },
    {
        "oneOf": [
            {"required": ["sessions"]},
            {"anyOf": [{"required": ["endpoints"]}, {"required": ["workflows"]}]},
        ],
        "description": "streaming sessions, or endpoints with or without workflows",
    },
]


def profile_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a load profile, with a description at every key."""
    definitions: dict[str, Any] = {}
    root = PROFILE.schema(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "burnproof load profile",
        **root,
        "allOf": _BESIDE,
        "$defs": definitions,
    }

"""Check that a page holds every fact it must; the rest of it is layout."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from burnproof.output.verify.documents import NotADocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABSENT = object()


def read_json(text: str) -> Any:
    """Parse one JSON document, numbers exactly.

    Raises:
        NotADocumentError: it is none, or repeats a key.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NotADocumentError(str(error)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotADocumentError(f"the key {twice!r} is there twice")
    return made


def _no_constant(name: str) -> Any:
    raise NotADocumentError(f"{name} is no JSON")


def missing(expected: Any, got: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (place, expected, got) of each fact that ``got`` lacks or changes.

    A mapping may hold more keys than are expected; a list must hold exactly the items that are.
    """
    if isinstance(expected, dict) and isinstance(got, dict):
        for key, want in expected.items():
            have = got.get(key, _ABSENT)
            if have is _ABSENT or want != have:
                yield from missing(want, have, f"{place}.{key}" if place else str(key))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (want, have) in enumerate(zip(expected, got, strict=True)):
            if want != have:
                yield from missing(want, have, f"{place}[{index}]")
    elif expected != got or isinstance(expected, bool) is not isinstance(got, bool):
        yield place or "the document", expected, got


def shown(value: Any) -> str:
    """Write a fact for a message."""
    if value is _ABSENT:
        return "absent"
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 160 else f"{text[:157]}..."

"""Read files as text and JSON: bounded, strict, numbers as exact decimals, faults as sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from burnproof.model.measured import of_json

MAX_BYTES: Final = 64 * 1024 * 1024
"""A summary has kilobytes; a raw log of every request is not one."""


class ResultError(ValueError):
    """A file that is no usable result; the message says why."""


def read_text(path: str | Path) -> str:
    """Read a result file as UTF-8.

    Raises:
        ResultError: it is too large, or no text.
        OSError: it cannot be read at all.
    """
    with Path(path).open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ResultError(f"the file is larger than {MAX_BYTES >> 20} MB: give the summary of the run, not its log")
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ResultError("the file is no text") from None
    return text


def load_json(text: str) -> Any:
    """Parse JSON with numbers as decimals.

    NaN and Infinity, which some writers emit, and numbers that no measurement has become text, so that only the
    readings they stand for are lost.

    Raises:
        ResultError: it is no JSON; a file that was cut off is called that.
    """
    try:
        return json.loads(text, parse_float=of_json, parse_int=of_json, parse_constant=str, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg:
            raise ResultError(f"the file is truncated: its JSON ends in the middle ({where})") from None
        raise ResultError(f"the file is no JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise ResultError("the file nests too deeply to be a result") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: one of the two values would be lost unseen."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ResultError(f"the key {name[:80]!r} is twice in one object")
        found[name] = value
    return found

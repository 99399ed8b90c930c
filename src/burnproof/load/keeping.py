"""A finished run to its files, a record and a page beside it; the place is tried before the load begins."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Final

from burnproof.baseline.coursepage import course_markdown
from burnproof.results import result_from_text
from burnproof.results.markdown import record_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from burnproof.load.outcome import Made

_RECORD: Final = 64 * 1024
"""Bytes; about what a record of hours takes."""


class PlaceError(Exception):
    """A place where no record can be written; the message says what to do."""


def prepare(output: Path) -> None:
    """Make the folder of a record and try to write as much as a record into it.

    Args:
        output: a folder, or a file that ends in .json.

    Raises:
        PlaceError: it cannot be done; better known before the load than after it.
    """
    folder = output.parent if output.suffix == ".json" else output
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as tried:
            tried.write(bytes(_RECORD))
    except OSError as error:
        reason = error.strerror or error
        raise PlaceError(f"nothing can be written into {folder}: {reason}; name another place with --output") from None


def write(made: Made, output: Path) -> Path:
    """Write the record, and a page beside it; gives the record's path.

    Raises:
        OSError: the place has become full, or unusable.
    """
    path = output if output.suffix == ".json" else output / made.record.file_name
    _write_whole(path, made.text)
    result = result_from_text(path.name, made.text)
    _write_whole(path.with_suffix(".md"), record_markdown(result) + course_markdown(result))
    return path


def _write_whole(path: Path, text: str) -> None:
    """Write a file; one that was begun and cannot be ended is removed."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise

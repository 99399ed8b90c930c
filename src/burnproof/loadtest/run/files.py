"""Write the files of a finished run; the place is tried first, and nothing is overwritten."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.drift_page import course_markdown
from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.results.markdown import record_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from burnproof.loadtest.run.outcome import Made

_RECORD: Final = 64 * 1024
"""Bytes; about what a record of hours takes."""


class PlaceError(Exception):
    """A place where no record can be written; the message says what to do."""


def prepare(output: Path) -> None:
    """Make the folder of a record and try to write as much as a record into it.

    Args:
        output: a folder, or a file that ends in .json.

    Raises:
        PlaceError: it cannot be done, or the file is there already; better known before the load than after it.
    """
    if output.suffix == ".json" and (taken := _taken(output)):
        raise PlaceError(f"{taken} exists already; a record is never overwritten: name another file, or a folder")
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

    A second run of the same second has ``-2`` behind its name, a third one ``-3``.

    Raises:
        OSError: the place has become full, or unusable.
    """
    path = _claimed(output if output.suffix == ".json" else output / made.record.file_name)
    _write_whole(path, made.text)
    result = result_from_text(path.name, made.text)
    _write_whole(path.with_suffix(".md"), record_markdown(result) + course_markdown(result))
    return path


def _claimed(wanted: Path) -> Path:
    """Make an empty file of the first name that is free, which nobody else can have then; gives it."""
    further = (wanted.with_stem(f"{wanted.stem}-{number}") for number in itertools.count(2))
    for path in itertools.chain((wanted,), further):
        with suppress(FileExistsError):
            if not _taken(path):
                path.touch(exist_ok=False)
                return path
    raise AssertionError  # nobody counts that far


def _taken(path: Path) -> Path | None:
    """Give what stands in the way of a record of this name: a file of it, or of its page."""
    return next((one for one in (path, path.with_suffix(".md")) if one.exists()), None)


def _write_whole(path: Path, text: str) -> None:
    """Write a file; one that was begun and cannot be ended is removed."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise

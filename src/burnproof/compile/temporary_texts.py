"""Keep the texts of a large compilation in a temporary file until they are written."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promrules.processes import is_gone, signature

if TYPE_CHECKING:
    from collections.abc import Mapping as Texts


_PREFIX = "burnproof-spool-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text lies: a file, the first byte, and how many."""

    file: str
    start: int
    length: int


def store(texts: Texts[str, str], folder: str) -> dict[str, Place]:
    """Write texts one after the other into a new file of ``folder``; give their places by name.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    places: dict[str, Place] = {}
    handle, file = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as stream:
        for name, text in texts.items():
            content = text.encode()
            places[name] = Place(file, stream.tell(), len(content))
            stream.write(content)
    return places


class Spool(Mapping[str, str]):
    """A mapping of names to texts that reads each text when it is asked for; its folder goes when it does."""

    def __init__(self) -> None:
        """Make an empty folder.

        Raises:
            OSError: there is no place for temporary files.
        """
        _forget_leftovers()
        self.folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{signature()}-")
        """Where ``store`` may put texts."""
        self._places: dict[str, Place] = {}
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def take(self, places: Texts[str, Place]) -> None:
        """Add stored texts."""
        self._places.update(places)

    def __getitem__(self, name: str) -> str:
        place = self._places[name]
        with Path(place.file).open("rb") as stream:
            stream.seek(place.start)
            return stream.read(place.length).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _forget_leftovers() -> None:
    """Remove the folders of runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if is_gone(folder.name.removeprefix(_PREFIX).rpartition("-")[0]):
            shutil.rmtree(folder, ignore_errors=True)

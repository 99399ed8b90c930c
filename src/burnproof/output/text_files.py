"""Texts to new files in a folder: all of them or none, and never over a file that says something else."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class TakenError(Exception):
    """Files of these names exist and say something else."""

    def __init__(self, names: Sequence[str]) -> None:
        """Note the names."""
        super().__init__(", ".join(names))
        self.names = tuple(names)


def write_new(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, which is made if need be; those that say the same already are left alone.

    Raises:
        TakenError: a file would be overwritten; nothing was written.
        OSError: the system does not let it be written; what was written before is taken away again.
    """
    wanted = {folder / name: text for name, text in files.items()}
    there = {path for path in wanted if path.exists() or path.is_symlink()}
    taken = [path.name for path in there if not _says(path, wanted[path])]
    if taken:
        raise TakenError(sorted(taken))
    made: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in wanted.items():
            if path not in there:
                with path.open("x", encoding="utf-8", newline="\n") as stream:
                    made.append(path)
                    stream.write(text)
    except BaseException:
        for mine in made:
            with contextlib.suppress(OSError):
                mine.unlink()
        raise


def _says(path: Path, text: str) -> bool:
    """Tell whether a file has this text."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False

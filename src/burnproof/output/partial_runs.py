"""Refuse to compile single specs into a folder that holds the output of others.

An output folder holds what one set of specs compiles to: their files, and pages about all of them. A run that names
a folder is about all of it, and what no spec there makes any more is stale. A run that names single files says
nothing of the specs beside them; files whose header names one of those are no leftovers.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from burnproof.diagnostics import Problem
from burnproof.output.plan import KINDS
from burnproof.output.write import origins
from burnproof.specs.source.files import STDIN, find, is_spec_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMED = 5
"""So many specs are named in a message."""


def refusal(specs: Sequence[str], output: Path, default: str) -> Problem | None:
    """Say that ``output`` holds files of specs that exist and are not part of this run; None where it does not.

    Every kind is looked at, whatever this run makes: a page about all services would be of too few.

    Args:
        specs: files, folders and ``-``, as the user names them.
        output: the folder to be written.
        default: the folder that is read when no specs are named.

    Raises:
        OutputError: a folder cannot be read.
    """
    beside = {PurePath(path).name: path for path in _neighbours(specs, default)}
    if not beside:
        return None
    # A header names several specs as `a.yaml, b.yaml`; so may a file be called.
    headers = [f", {origin}, " for origin in origins(output, KINDS)]
    left_out = [path for name, path in sorted(beside.items()) if any(f", {name}, " in header for header in headers)]
    if not left_out:
        return None
    named = ", ".join(left_out[:_NAMED]) + (f" and {len(left_out) - _NAMED} more" if left_out[_NAMED:] else "")
    message = f"{output} also holds what these specs compile to, which are not part of this run: {named}"
    folder = os.path.join(os.path.dirname(left_out[0]) or ".", "")  # noqa: PTH118, PTH120 - the user's spelling
    hint = f"Compile the folder: burnproof generate {folder}; or write single specs elsewhere with -o."
    return Problem("output", message, None, hint)


def _neighbours(specs: Sequence[str], default: str) -> Iterator[str]:
    """Yield the specs that stand beside those named one by one, and have no name of one that is read."""
    single = [path for path in specs if path == STDIN or (Path(path).exists() and not Path(path).is_dir())]
    if not single:
        return
    read = {PurePath(name).name for name in find(specs)[0]}
    folders = dict.fromkeys(os.path.dirname(path) for path in single if path != STDIN)  # noqa: PTH120
    found = [os.path.join(folder, name) for folder in folders for name in _names(folder)]  # noqa: PTH118
    home = Path(default).resolve()
    if any(path == STDIN or home in Path(path).resolve().parents for path in single):
        found += find([default])[0]
    yield from (path for path in found if PurePath(path).name not in read)


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder or ".") if is_spec_name(name)]  # noqa: PTH208 - names alone
    except OSError:
        return []

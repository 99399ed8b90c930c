"""Read specs as they were: from a folder or file, or from a git revision."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE: Final = 60.0
"""Seconds that git may take."""


class NoRevisionError(Exception):
    """Neither a path nor a revision with specs; the message says what was tried."""


@contextlib.contextmanager
def specs_at(place: str, specs: str) -> Iterator[str]:
    """Give a path to the specs of a place: that path itself, or those of a git revision, in a folder that is removed.

    Args:
        place: a file or folder, or a revision such as ``main`` or ``HEAD~1``.
        specs: the folder or file of specs that is taken from a revision.

    Raises:
        NoRevisionError: there is no such path, no such revision, or no specs in it.
    """
    if os.path.lexists(place):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="burnproof-") as folder:
        _unpacked(place, specs, Path(folder))
        yield str(Path(folder) / specs)


def _unpacked(revision: str, specs: str, folder: Path) -> None:
    if shutil.which("git") is None:
        raise NoRevisionError(f"there is no file or folder {revision}, and git, which might know it, is not installed")
    if revision.startswith("-"):
        raise NoRevisionError(f"{revision} is no revision")
    # A path is meant as seen from here, not from the top of the repository.
    archive = _git("archive", "--format=tar", revision, "--", specs)
    if archive.returncode:
        said = archive.stderr.decode(errors="replace").strip().splitlines()
        reason = said[-1].removeprefix("fatal: ") if said else "git said nothing"
        raise NoRevisionError(f"{revision} is neither a path nor a git revision that holds {specs}: {reason}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None  # links in a revision are not followed
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoRevisionError(f"git cannot be run: {error}") from None

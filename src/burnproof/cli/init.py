"""Run ``burnproof init``: write a repository in which SLOs can be edited, reviewed and tested."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.options import Quiet  # noqa: TC001 - typer reads the annotation
from burnproof.cli.schema import schema_text
from burnproof.init import OPTIONAL, compiled, starter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SCHEMA = "schema/burnproof-v1.schema.json"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; made if need be.")] = Path(),
    quiet: Quiet = False,
) -> int:
    """Write a ready GitOps repository: a sample spec and what it compiles to, Makefile, CI workflow, hook, schema.

    Nothing that exists is overwritten: with one such file, nothing is written at all; only a README.md and a
    .gitignore may be there, and are kept.
    """
    files = {**starter(), _SCHEMA: schema_text(), **compiled()}
    if folder.exists() and not folder.is_dir():
        say(f"burnproof: {folder} is no folder")
        return CANNOT
    taken = [path for path in files if _taken(folder, path)]
    in_the_way = [path for path in taken if path not in OPTIONAL]
    if in_the_way:
        say(f"burnproof: nothing was written, for these exist in {folder}: {', '.join(in_the_way)}")
        say("Name another folder: burnproof init DIR")
        return CANNOT
    _write(folder, {path: text for path, text in files.items() if path not in taken})
    if not quiet:
        written = [path for path in (*starter(), _SCHEMA) if path not in taken]
        _print_next(folder, written, sum(path.startswith("generated/") for path in files))
        _name_kept(folder, taken, files)
    return 0


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files, or none: what stands already when one of them fails is taken away again."""
    made: list[Path] = []
    try:
        for path, text in files.items():
            target = folder / path
            for parent in [parent for parent in target.parents if not parent.exists()][::-1]:
                parent.mkdir()
                made.append(parent)
            with target.open("x", encoding="utf-8", newline="\n") as stream:
                made.append(target)
                stream.write(text)
    except BaseException:
        for mine in reversed(made):
            with contextlib.suppress(OSError):
                mine.rmdir() if mine.is_dir() else mine.unlink()
        raise


def _taken(folder: Path, path: str) -> bool:
    """Tell whether a file could only be written over something else: itself, or a file where a folder is needed."""
    target = folder / path
    above = [parent for parent in target.parents if parent != folder and folder in parent.parents]
    return (
        target.exists()
        or target.is_symlink()
        or any((parent.exists() or parent.is_symlink()) and not parent.is_dir() for parent in above)
    )


def _name_kept(folder: Path, kept: Sequence[str], files: Mapping[str, str]) -> None:
    """Say which of the user's own files were kept, and what they lack."""
    for path in kept:
        say(f"Your own {folder / path} was kept.")
    if ".gitignore" in kept:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            own = (folder / ".gitignore").read_text(encoding="utf-8").splitlines()
            lacking = [line for line in files[".gitignore"].splitlines() if line not in own]
            if lacking:
                say(f"Add to {folder / '.gitignore'}: {' '.join(lacking)}")


def _print_next(folder: Path, written: Sequence[str], generated: int) -> None:
    """Say what there is now, and what to do with it."""
    for path in (*written, f"generated/ ({generated} files)"):
        say(f"  {folder / path}")
    here = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    say(f"Next: {here}make ci. Then write your own objectives in slos/, and run make generate.")

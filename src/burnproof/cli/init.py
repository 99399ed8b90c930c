"""``burnproof init``: a repository in which SLOs can be edited, reviewed and proved at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from burnproof.cli.guard import CANNOT
from burnproof.cli.options import Quiet  # noqa: TC001 - typer reads the annotation
from burnproof.cli.report import say
from burnproof.cli.schema import schema_text
from burnproof.scaffold import compiled, starter

_SCHEMA = "schema/burnproof-v1.schema.json"


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write; made if need be.")] = Path(),
    quiet: Quiet = False,
) -> int:
    """Write a ready GitOps repository: a sample spec and what it compiles to, Makefile, CI workflow, hook, schema.

    Nothing that exists is overwritten: with one such file, nothing is written at all.
    """
    files = {**starter(), _SCHEMA: schema_text(), **compiled()}
    if folder.exists() and not folder.is_dir():
        say(f"burnproof: {folder} is no folder")
        return CANNOT
    in_the_way = [path for path in files if _taken(folder, path)]
    if in_the_way:
        say(f"burnproof: nothing was written, for these exist in {folder}: {', '.join(in_the_way)}")
        say("Name another folder: burnproof init DIR")
        return CANNOT
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    if not quiet:
        _tell(folder, sum(path.startswith("generated/") for path in files), starter())
    return 0


def _taken(folder: Path, path: str) -> bool:
    """Tell whether a file could only be written over something else: itself, or a file where a folder is needed."""
    target = folder / path
    above = [parent for parent in target.parents if parent != folder and folder in parent.parents]
    return target.exists() or target.is_symlink() or any(parent.exists() and not parent.is_dir() for parent in above)


def _tell(folder: Path, generated: int, written: dict[str, str]) -> None:
    """Say what there is now, and what to do with it."""
    for path in (*written, _SCHEMA, f"generated/ ({generated} files)"):
        say(f"  {folder / path}")
    here = "" if folder == Path() else f"cd {folder} && "
    say(f"Next: {here}make ci. Then write your own objectives in slos/, and run make generate.")

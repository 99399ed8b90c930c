"""Define options that state what a result file does not say of its run."""

from __future__ import annotations

import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from burnproof.loadtest.baseline.run_metadata import Facts
from burnproof.model.quantities import UnitError, duration

Operation = Annotated[str, typer.Option(metavar="NAME", help="The operation, if the file does not name it.")]
Environment = Annotated[str, typer.Option(metavar="NAME", help="Where it ran, such as ci or staging.")]
AppVersion = Annotated[str, typer.Option("--app-version", metavar="V", help="The version of the application.")]
Revision = Annotated[str, typer.Option(metavar="SHA", help="Its git revision.")]
Users = Annotated[int | None, typer.Option(metavar="N", min=1, help="Concurrent users.")]
Length = Annotated[str, typer.Option("--duration", metavar="D", help="How long it ran, such as 5m.")]
AcrossVersions = Annotated[bool, typer.Option("--across-versions", help="Compare with baselines of other versions.")]
Folder = Annotated[Path, typer.Option("--store", metavar="DIR", help="Folder of recorded baselines.")]
DEFAULT_FOLDER = Path("baselines")
_GIT_SECONDS = 10.0
"""How long git may take to name a revision, of which it reads one or two small files."""


def facts_of(operation: str, environment: str, version: str, revision: str, users: int | None, length: str) -> Facts:
    """Gather what was stated.

    Raises:
        typer.BadParameter: the duration is none.
    """
    try:
        lasted = Decimal(duration(length).ms) / 1000 if length else None
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None
    return Facts(operation, environment, version, revision, users, lasted)


def revision_of(given: str) -> str:
    """Give the git revision: as stated, as GitHub Actions has it, or of the working folder; "" where none is known."""
    stated = given or os.environ.get("GITHUB_SHA", "")
    git = None if stated else shutil.which("git")
    if git is None:
        return stated
    try:
        found = subprocess.run(
            [git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=_GIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""

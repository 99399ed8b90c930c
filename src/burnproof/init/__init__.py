"""Make the files of a new GitOps repository, with all that the sample spec compiles to."""

from __future__ import annotations

import json
from importlib import resources
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Final

from burnproof import __version__
from burnproof.compile import compile_specs

if TYPE_CHECKING:
    from burnproof.diagnostics import Problem

FILES: Final = {
    "slos/shop.yaml": "shop.yaml",
    "Makefile": "Makefile",
    "requirements.txt": "requirements.txt",
    "README.md": "README.md",
    ".github/workflows/slos.yaml": "workflow.yaml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".gitignore": "gitignore",
}
"""Path in the new repository -> file in this package; dots in front would hide them from packagers."""
_SAMPLE: Final = FILES["slos/shop.yaml"]
_REQUIREMENT: Final = "@REQUIREMENT@"
OPTIONAL: Final = ("README.md", ".gitignore")
"""A repository has its own of these, and does without ours."""


class BrokenSampleError(Exception):
    """The sample spec of this installation has problems, which its own tests rule out."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Note the problems."""
        super().__init__("; ".join(problem.message for problem in problems))


def starter() -> dict[str, str]:
    """Give the files that are written by hand: the sample spec and what surrounds it."""
    folder = resources.files(__name__) / "files"
    wanted = requirement(_origin())
    return {
        path: (folder / name).read_text(encoding="utf-8").replace(_REQUIREMENT, wanted) for path, name in FILES.items()
    }


def requirement(origin: str) -> str:
    """Give the line by which pip installs this very burnproof elsewhere.

    Args:
        origin: what the installer noted of where it came from (https://peps.python.org/pep-0610/), as JSON; empty
            where it came from a package index. A folder or file of this machine is nowhere else: its version is.
    """
    try:
        noted = json.loads(origin or "{}")
    except ValueError:
        noted = {}
    url = noted.get("url", "")
    if not url or url.startswith("file:"):
        return f"burnproof=={__version__}"
    if "vcs_info" in noted:
        url = f"{noted['vcs_info']['vcs']}+{url}@{noted['vcs_info']['commit_id']}"
    hashes = noted.get("archive_info", {}).get("hashes", {})
    known = [f"{name}={hashes[name]}" for name in ("sha256",) if name in hashes]
    known += [f"subdirectory={noted['subdirectory']}"] if noted.get("subdirectory") else []
    return f"burnproof @ {url}" + (f"#{'&'.join(known)}" if known else "")


def _origin() -> str:
    try:
        return distribution("burnproof").read_text("direct_url.json") or ""
    except PackageNotFoundError:  # run from a checkout
        return ""


def compiled() -> dict[str, str]:
    """Give what the sample spec compiles to, below ``generated/``.

    Raises:
        BrokenSampleError: it does not compile.
    """
    with resources.as_file(resources.files(__name__) / "files" / _SAMPLE) as sample:
        made = compile_specs([str(sample)])
    if not made.files:
        raise BrokenSampleError(made.problems)
    return {f"generated/{path}": text for path, text in made.files.items()}

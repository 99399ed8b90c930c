"""The files of a new GitOps repository: path -> text, with all that the sample spec compiles to."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from burnproof import __version__
from burnproof.compiler import compile_specs

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
_VERSION: Final = "@VERSION@"


class BrokenSampleError(Exception):
    """The sample spec of this installation has problems, which its own tests rule out."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Note the problems."""
        super().__init__("; ".join(problem.message for problem in problems))


def starter() -> dict[str, str]:
    """Give the files that are written by hand: the sample spec and what surrounds it."""
    folder = resources.files(__name__) / "files"
    return {
        path: (folder / name).read_text(encoding="utf-8").replace(_VERSION, __version__) for path, name in FILES.items()
    }


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

"""What several commands share: arguments, spelt and explained alike everywhere, and optional parts of burnproof."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

DEFAULT_SPECS = "slos"
"""Where every command looks for specs when none are named."""

Specs = Annotated[
    list[str] | None,
    typer.Argument(metavar="SPECS", help="Spec files, folders of them, or - for stdin.  [default: slos/]"),
]
Strict = Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print problems and results only.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")]


def chosen(specs: list[str] | None) -> list[str]:
    """Give the paths that were named, or the default folder."""
    return specs or [DEFAULT_SPECS]


def load_extra(module: str, needs: Sequence[str], extra: str) -> ModuleType | None:
    """Import one of our modules that needs an extra; None, with a word to the user, where something is missing."""
    missing = [name for name in needs if find_spec(name) is None]
    if missing:
        say(f"burnproof: not installed: {', '.join(missing)}; run: pip install {' '.join(missing)}")
        say(f"These belong to burnproof's extra `{extra}`.")
        return None
    return import_module(module)

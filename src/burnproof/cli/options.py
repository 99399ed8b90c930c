"""Define options that several commands share, so that they read alike everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

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

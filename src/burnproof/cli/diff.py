"""Run ``burnproof diff``: show what a change of the specs means for the pager."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import DEFAULT_SPECS, NoColor
from burnproof.diagnostics import exit_code
from burnproof.lab.difference import differences
from burnproof.lab.difference_formats import as_json, as_markdown, as_text
from burnproof.lab.revisions import NoRevisionError, specs_at
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from burnproof.model.slo import Slo


class Format(StrEnum):
    """Who is going to read it."""

    TEXT = "text"
    MARKDOWN = "md"
    JSON = "json"


_WRITERS = {Format.TEXT: as_text, Format.MARKDOWN: as_markdown, Format.JSON: as_json}


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Specs as they were: a folder, a file, a git revision.")],
    new: Annotated[
        str, typer.Argument(metavar="NEW", help="Specs as they are; the folder of specs unless given.")
    ] = "",
    specs: Annotated[
        str, typer.Option(metavar="PATH", help="Where specs are, in a revision and by default.")
    ] = DEFAULT_SPECS,
    form: Annotated[Format, typer.Option("--format", help="For people, a pull request, or programs.")] = Format.TEXT,
    no_color: NoColor = False,
) -> int:
    """Compare two states of the specs in the pager's terms: alerts, thresholds, detection and reset times, labels.

    Exit code 0: nothing changes for the pager. 1: something does.
    """
    sides = []
    for place in (old, new or specs):
        side = _read(place, specs, no_color=no_color)
        if side is None:
            return CANNOT
        sides.append(side)
    found = differences(*sides)
    sys.stdout.write(_WRITERS[form](found))
    return 1 if found else 0


def _read(place: str, specs: str, *, no_color: bool) -> tuple[Slo, ...] | None:
    """Read one side; None where it cannot be compared, which is said."""
    try:
        with specs_at(place, specs) as path:
            loaded = read_slos([path])
    except NoRevisionError as error:
        say(f"burnproof: {error}")
        return None
    if exit_code(loaded.problems):
        show_problems(loaded.problems, loaded.texts, no_color=no_color)
        say(f"burnproof: {place} has errors, so it cannot be compared")
        return None
    return tuple(loaded.slos)

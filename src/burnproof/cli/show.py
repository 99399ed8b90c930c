"""Run ``burnproof show``: explain one SLO."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import colours, columns, say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import NoColor, Specs, chosen
from burnproof.diagnostics import exit_code
from burnproof.model.quantities import Duration, UnitError, duration
from burnproof.show import Assumed, as_json, as_text, explain, find, nearest
from burnproof.show.find import path
from burnproof.specs.resolve import read_slos


class Format(StrEnum):
    """Who is going to read it."""

    TABLE = "table"
    JSON = "json"


def show(
    slo: Annotated[str, typer.Argument(metavar="SLO", help="Its id, service/name, service/name/level, or its name.")],
    specs: Specs = None,
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
    promql: Annotated[bool, typer.Option("--promql", help="Write each rule's expression too.")] = False,
    series: Annotated[int, typer.Option(metavar="N", min=1, help="Raw series per selector, for the cost.")] = 20,
    groups: Annotated[int, typer.Option(metavar="N", min=1, help="Groups of `by`, for the cost.")] = 1,
    interval: Annotated[str, typer.Option(metavar="D", help="Time between evaluations, for the cost.")] = "1m",
    no_color: NoColor = False,
) -> int:
    """Explain one SLO: what fires when, at which threshold, how fast, at what cost.

    Times come from closed-form arithmetic, the same that the proofs are made of.
    """
    assumed = Assumed(series, _interval(interval), groups)
    loaded = read_slos(chosen(specs))
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    code = exit_code(loaded.problems)
    if code:
        return code
    found = find(loaded.slos, slo)
    if not found:
        say(f"burnproof: there is no SLO {slo}; {nearest(loaded.slos, slo)}")
        return CANNOT
    if len(found) > 1:
        say(f"burnproof: {slo} is the name of several SLOs: {', '.join(path(one) for one in found)}")
        return CANNOT
    explained = explain(found[0], assumed, loaded.slos)
    if form is Format.JSON:
        sys.stdout.write(as_json(explained))
        return 0
    width = columns()
    colour = colours(sys.stdout, no_color=no_color)
    sys.stdout.write(as_text(explained, width=width, promql=promql, colour=colour))
    return 0


def _interval(text: str) -> Duration:
    """Read the evaluation interval.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return duration(text)
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None

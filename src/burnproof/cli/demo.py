"""Run ``burnproof demo``: a service with faults on request, watched by a real Prometheus with the generated rules."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say, show
from burnproof.cli.options import (
    NoColor,
    load_extra,
)
from burnproof.compile import compile_specs
from burnproof.diagnostics import exit_code
from burnproof.model.quantities import UnitError, rate

NEEDS = ("starlette", "uvicorn", "wsproto")


def demo(
    specs: Annotated[
        list[str] | None,
        typer.Argument(metavar="SPECS", help="Specs whose rules to load; the demo's own unless given."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the service; 0 takes any free one.")] = 8000,
    traffic: Annotated[str, typer.Option(metavar="RATE", help="Requests a second, such as 20rps, or off.")] = "20rps",
    watched: Annotated[
        bool, typer.Option("--prometheus/--no-prometheus", help="Run Prometheus and Alertmanager beside it.")
    ] = True,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the faults; with one, the same requests fail each time.")
    ] = None,
    no_color: NoColor = False,
) -> int:
    """Run a small service with faults on request, and all that watches it; on this machine alone, until Ctrl-C.

    Prometheus and Alertmanager are started where they are installed, in a folder that goes away with them.
    """
    wanted = _rate(traffic)
    engine = load_extra("burnproof.demo.run", NEEDS, "preview")
    if engine is None:
        return CANNOT
    rules: dict[str, str] | None = None
    if watched:
        with resources.as_file(resources.files("burnproof.demo") / "processor.yaml") as own:
            made = compile_specs(specs or [str(own)], kinds=("rules",))
        show(made.problems, made.texts, no_color=no_color)
        code = exit_code(made.problems)
        if code:
            return code
        rules = {Path(path).name: text for path, text in made.files.items()}
    try:
        engine.run(engine.Setting(port, wanted, rules, seed), say)
    except OSError as error:
        say(f"burnproof: port {port}: {error.strerror or error}; choose another with --port, or 0 for any")
        return CANNOT
    except engine.ServerError as error:
        say(f"burnproof: {error}; --no-prometheus leaves it out")
        return CANNOT
    return 0


def _rate(text: str) -> float:
    """Read a rate.

    Raises:
        typer.BadParameter: it is none.
    """
    if text in ("off", "0"):
        return 0.0
    try:
        return float(rate(text))
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None

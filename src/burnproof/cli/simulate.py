"""Run ``burnproof simulate``: play incidents on the compiled rules."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import columns, say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import NoColor, Quiet, Specs, chosen
from burnproof.cli.progress import Counted
from burnproof.diagnostics import exit_code
from burnproof.lab.formats import as_json, as_markdown, as_text
from burnproof.lab.scenario import NoScenariosError, library, load_scenarios
from burnproof.lab.simulate import Job, Settings, simulate
from burnproof.lab.variants import KNOWN, under
from burnproof.show import find, nearest
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.lab.outcome import Outcome
    from burnproof.lab.scenario import Scenario
    from burnproof.model.slo import Slo


class Format(StrEnum):
    """Who is going to read it."""

    TABLE = "table"
    MARKDOWN = "md"
    JSON = "json"
    HTML = "html"


class CannotSimulateError(Exception):
    """What was asked for is not there; the message says what is."""


def simulate_command(
    specs: Specs = None,
    slo: Annotated[list[str] | None, typer.Option(metavar="SLO", help="Only this SLO; repeat it for more.")] = None,
    scenario: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this scenario; repeat it for more.")
    ] = None,
    scenarios: Annotated[str | None, typer.Option(metavar="FILE", help="Scenarios of your own, in YAML.")] = None,
    policy: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A built-in policy instead of the SLO's own; repeatable.")
    ] = None,
    rate: Annotated[float | None, typer.Option(metavar="N", min=1e-6, help="Usual events a second.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of all chance.")] = 1,
    tiers: Annotated[bool, typer.Option("--tiers", help="One line for each tier as well.")] = False,
    charts: Annotated[bool, typer.Option("--charts", help="Draw each scenario as well.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the scenarios and do nothing.")] = False,
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=0, help="Processes; 0: one a processor.")] = 0,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Play incidents on the compiled rules: which alert fires when, what is spent by then, who is woken for nothing.

    Exit code 1: an alert was missed, late, or fired without reason, by arithmetic on the events.
    """
    known = library() if scenarios is None else _own(scenarios, no_color=no_color)
    if known is None:
        return CANNOT
    if listed:
        sys.stdout.writelines(f"{one.name:22} {one.title}\n" for one in known)
        return 0
    loaded = read_slos(chosen(specs))
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    if code := exit_code(loaded.problems):
        return code
    try:
        wanted = _scenarios(known, scenario)
        names = known_policies(policy)
        todo = [
            Job(one, wanted, Settings(seed=seed, rate=rate))
            for own in chosen_slos(loaded.slos, slo)
            for one in under(own, names)
        ]
    except CannotSimulateError as error:
        say(f"burnproof: {error}")
        return CANNOT
    found: list[Outcome] = []
    with Counted("playing scenarios", len(todo), quiet=quiet) as bar:
        for outcomes in simulate(todo, jobs):
            found += outcomes
            bar.step()
    if form is Format.JSON:
        sys.stdout.write(as_json(found, seed))
    elif form is Format.MARKDOWN:
        sys.stdout.write(as_markdown(found))
    elif form is Format.HTML:
        sys.stdout.write(import_module("burnproof.lab.page").as_html(found, seed))
    else:
        width = columns()
        sys.stdout.write(as_text(found, width=width, tiers=tiers, charts=charts))
    return 0 if all(one.agrees for one in found) else 1


def _own(path: str, *, no_color: bool) -> tuple[Scenario, ...] | None:
    """Read a file of scenarios and say what is wrong with it; None where it cannot be used."""
    try:
        loaded = load_scenarios(path)
    except NoScenariosError as error:
        say(f"burnproof: {error}")
        return None
    show_problems(loaded.problems, loaded.texts or {}, no_color=no_color)
    return None if exit_code(loaded.problems) else loaded.scenarios


def _scenarios(known: Sequence[Scenario], names: list[str] | None) -> tuple[Scenario, ...]:
    """Choose scenarios by name.

    Raises:
        CannotSimulateError: there is none of a name.
    """
    missing = set(names or ()) - {one.name for one in known}
    if missing:
        there = ", ".join(one.name for one in known)
        raise CannotSimulateError(f"there is no scenario {min(missing)}; there are {there}")
    return tuple(one for one in known if not names or one.name in names)


def chosen_slos(known: Sequence[Slo], names: list[str] | None) -> list[Slo]:
    """Choose SLOs by id or name.

    Raises:
        CannotSimulateError: there is none of a name.
    """
    if not names:
        return list(known)
    found = []
    for name in names:
        own = find(known, name)
        if not own:
            raise CannotSimulateError(f"there is no SLO {name}; {nearest(known, name)}")
        found += [one for one in own if one not in found]
    return found


def known_policies(names: list[str] | None) -> list[str]:
    """Give the names of policies to try.

    Raises:
        CannotSimulateError: there is no built-in policy of a name.
    """
    missing = set(names or ()) - set(KNOWN)
    if missing:
        raise CannotSimulateError(f"there is no built-in policy {min(missing)}; there are {', '.join(KNOWN)}")
    return names or []

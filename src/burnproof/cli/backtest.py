"""Run ``burnproof backtest``: the compiled rules over real history."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli import connection_options as connecting
from burnproof.cli.errors import CANNOT
from burnproof.cli.history import (
    CACHE,
    AlreadySaidError,
    Cache,
    Data,
    Incidents,
    Jobs,
    Last,
    Objectives,
    Url,
    from_files,
    from_server,
    incidents_of,
    objectives_of,
)
from burnproof.cli.messages import columns, say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import NoColor, Quiet, Specs, chosen
from burnproof.cli.progress import Counted
from burnproof.cli.simulate import CannotSimulateError, chosen_slos, known_policies
from burnproof.diagnostics import exit_code
from burnproof.lab.backtest import Backtest, Job, backtest
from burnproof.lab.backtest_formats import as_json, as_markdown, as_text
from burnproof.lab.incidents import NoIncidentsError
from burnproof.lab.variants import variants
from burnproof.model.quantities import UnitError
from burnproof.prometheus import ConnectionSettingError, QueryError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from burnproof.model.slo import Slo


class Format(StrEnum):
    """Who is going to read it."""

    TABLE = "table"
    MARKDOWN = "md"
    JSON = "json"


_WRITERS = {Format.MARKDOWN: as_markdown, Format.JSON: as_json}


def backtest_command(
    specs: Specs = None,
    url: Url = "",
    data: Data = None,
    last: Last = "30d",
    slo: Annotated[list[str] | None, typer.Option(metavar="SLO", help="Only this SLO; repeat it for more.")] = None,
    policy: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A built-in policy instead of its own; repeatable.")
    ] = None,
    objectives: Objectives = "",
    against: Annotated[str, typer.Option(metavar="PATH", help="A second version of the specs, side by side.")] = "",
    incidents: Incidents = "",
    cache: Cache = CACHE,
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
    jobs: Jobs = 0,
    token_file: connecting.TokenFile = None,
    user: connecting.User = "",
    password_file: connecting.PasswordFile = None,
    tenant: connecting.Tenant = "",
    ca: connecting.Ca = None,
    cert: connecting.Cert = None,
    key: connecting.Key = None,
    timeout: connecting.Timeout = DEFAULT_TIMEOUT,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Run the compiled rules over history: which alerts would have fired, when, and what the budget would be.

    Raw series are enough: the SLO need not be deployed. Give --url or --data.
    """
    if bool(url) == bool(data):
        say("burnproof: give --url or --data, one of the two")
        return CANNOT
    try:
        wanted = _wanted(specs, against, slo, known_policies(policy), objectives, no_color=no_color)
        listed = incidents_of(incidents, no_color=no_color)
        if data:
            history = from_files(data, no_color=no_color)
        else:
            to = connecting.reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout)
            history = from_server(to, [one for _, one in wanted], last, cache, quiet=quiet)
    except AlreadySaidError as error:
        return error.code
    except (CannotSimulateError, NoIncidentsError, ConnectionSettingError, QueryError, UnitError) as error:
        say(f"burnproof: {error}")
        return CANNOT
    todo = [Job(one, name, history.storage, history.start, history.end, listed) for name, one in wanted]
    found: list[Backtest] = []
    with Counted("running rules over history", len(todo), quiet=quiet) as bar:
        for result in backtest(todo, jobs):
            found.append(result)
            bar.step()
    if form is Format.TABLE:
        width = columns()
        sys.stdout.write(as_text(found, width=width))
    else:
        sys.stdout.write(_WRITERS[form](found))
    return CANNOT if all(one.reason for one in found) else 0


def _wanted(
    specs: list[str] | None, against: str, names: list[str] | None, policies: list[str], goals: str, *, no_color: bool
) -> list[tuple[str, Slo]]:
    """Give every SLO in every variant, in the order of the SLOs."""
    shares = objectives_of(goals)
    sides = {"": chosen(specs)} | ({"new: ": [against]} if against else {})
    found: list[tuple[str, Slo]] = []
    for prefix, paths in sides.items():
        loaded = read_slos(paths)
        show_problems(loaded.problems, loaded.texts, no_color=no_color)
        if code := exit_code(loaded.problems):
            raise AlreadySaidError(code)
        for own in chosen_slos(loaded.slos, names):
            found += [(prefix + name, one) for name, one in variants(own, policies, shares)]
    order = {one.id: place for place, (_, one) in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda pair: order[pair[1].id])

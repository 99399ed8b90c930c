"""Run ``burnproof tune``: propose objective, policy and ``min_events`` from history or declared traffic."""

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
    History,
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
from burnproof.cli.simulate import CannotSimulateError, chosen_slos
from burnproof.diagnostics import exit_code
from burnproof.lab.backtest import Job, backtest
from burnproof.lab.incidents import NoIncidentsError
from burnproof.lab.scraped import UnplayableError
from burnproof.lab.tune import Wish, candidates, declared_traffic, judged
from burnproof.lab.tune_formats import as_json, as_text
from burnproof.model.quantities import UnitError, duration, ratio
from burnproof.prometheus import ConnectionSettingError, QueryError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.lab.tune import Candidate
    from burnproof.model.slo import Slo

_DAYS = 30  # of declared traffic


class Format(StrEnum):
    """Who is going to read it."""

    TABLE = "table"
    JSON = "json"


Rate = Annotated[float, typer.Option(metavar="N", min=0, help="Or declare the traffic: so many events a second.")]
Errors = Annotated[str, typer.Option(metavar="SHARE", help="Of them, the share that is bad on a good day.")]


def tune(
    slo: Annotated[str, typer.Argument(metavar="SLO", help="Its id, service/name, or its name.")],
    specs: Specs = None,
    url: Url = "",
    data: Data = None,
    rate: Rate = 0,
    errors: Errors = "0.01%",
    last: Last = "30d",
    outage: Annotated[str, typer.Option(metavar="SHARE", help="The outage to detect: how much is bad in it.")] = "100%",
    within: Annotated[str, typer.Option(metavar="D", help="How soon the first page about it must come.")] = "10m",
    pages: Annotated[float, typer.Option(metavar="N", min=0, help="Pages a month for other reasons.")] = 1,
    objectives: Objectives = "",
    incidents: Incidents = "",
    cache: Cache = CACHE,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of declared traffic, which is random.")] = 1,
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
    """Propose objective, policy and min_events that detect an outage in time with few other pages, at least cost.

    It prints the candidates that none other beats, and changes no file. Give --url, --data or --rate. Exit code 1: no
    candidate does what is asked for.
    """
    if sum(map(bool, (url, data, rate))) != 1:
        say("burnproof: give --url, --data or --rate, one of the three")
        return CANNOT
    try:
        own = _one(specs, slo, no_color=no_color)
        wish = Wish(ratio(outage), duration(within).seconds, pages)
        tried = _tried(own, objectives)
        listed = incidents_of(incidents, no_color=no_color)
        if data:
            history = from_files(data, no_color=no_color)
        elif rate:
            storage, seconds = declared_traffic(own, rate, float(ratio(errors)), _DAYS, seed)
            history = History(storage, 0, seconds)
        else:
            to = connecting.reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout)
            history = from_server(to, [own], last, cache, quiet=quiet)
        todo = [Job(one, one.policy.name, history.storage, history.start, history.end, listed) for one in tried]
        found = _judged(tried, todo, wish, jobs, quiet=quiet)
    except AlreadySaidError as error:
        return error.code
    except (
        CannotSimulateError, NoIncidentsError, ConnectionSettingError, QueryError, UnitError, UnplayableError,
    ) as error:  # fmt: skip
        say(f"burnproof: {error}")
        return CANNOT
    return _told(own, found, wish, form)


def _told(slo: Slo, found: Sequence[Candidate], wish: Wish, form: Format) -> int:
    """Print what was found; 1 where no candidate does what is asked for."""
    if form is Format.JSON:
        sys.stdout.write(as_json(slo.id, found, wish))
    else:
        width = columns()
        sys.stdout.write(as_text(slo.id, found, wish, width))
    return 0 if any(one.meets(wish) for one in found) else 1


def _one(specs: list[str] | None, name: str, *, no_color: bool) -> Slo:
    """Give the one SLO of a name.

    Raises:
        CannotSimulateError: there is none, or there are several.
        AlreadySaidError: the specs have errors, which have been said.
    """
    loaded = read_slos(chosen(specs))
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    if code := exit_code(loaded.problems):
        raise AlreadySaidError(code)
    (own, *more) = chosen_slos(loaded.slos, [name])
    if more:
        raise CannotSimulateError(f"{name} is the name of several SLOs")
    return own


def _tried(slo: Slo, objectives: str) -> list[Slo]:
    """Give the candidates.

    Raises:
        CannotSimulateError: there is nothing to choose.
    """
    found = list(candidates(slo, objectives_of(objectives)))
    if not found:
        raise CannotSimulateError(f"{slo.id} counts things, so there is no objective or policy to choose")
    return found


def _judged(tried: Sequence[Slo], todo: Sequence[Job], wish: Wish, jobs: int, *, quiet: bool) -> list[Candidate]:
    """Run the candidates.

    Raises:
        CannotSimulateError: they cannot be run over this history.
    """
    found: list[Candidate] = []
    with Counted("trying candidates", len(todo), quiet=quiet) as bar:
        for one, run in zip(tried, backtest(todo, jobs), strict=True):
            if run.reason:
                raise CannotSimulateError(run.reason)
            found.append(judged(one, run, wish))
            bar.step()
    return found

"""``burnproof backtest``: the compiled rules over real history."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli import connection_options as connecting
from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import NoColor, Quiet, Specs, chosen
from burnproof.cli.progress import Counted
from burnproof.cli.simulate import CannotSimulateError, chosen_slos, known_policies
from burnproof.diagnostics import exit_code
from burnproof.lab.alerts import compiled
from burnproof.lab.backtest import Backtest, Job, backtest
from burnproof.lab.backtest_formats import as_json, as_markdown, as_text
from burnproof.lab.dump import DumpError, read_dump
from burnproof.lab.history import fetch, pieces, raw_selectors
from burnproof.lab.incidents import NoIncidentsError, load_incidents
from burnproof.lab.variants import variants
from burnproof.model.quantities import UnitError, duration, objective
from burnproof.prometheus import Client, ConnectionSettingError, QueryError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT
from burnproof.specs.resolve import read_slos
from promrules.columns.series import Series, Storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from burnproof.lab.incidents import Incident
    from burnproof.model.slo import Slo
    from burnproof.prometheus import Connection

_UNKNOWN_WIDTH = 160  # of a pipe: wide enough for every table


class Format(StrEnum):
    """Who is going to read it."""

    TABLE = "table"
    MARKDOWN = "md"
    JSON = "json"


_WRITERS = {Format.MARKDOWN: as_markdown, Format.JSON: as_json}


@dataclass(frozen=True, slots=True)
class _History:
    """The raw series, and from when to when they go, in seconds since the epoch."""

    storage: Storage
    start: int
    end: int


def backtest_command(
    specs: Specs = None,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", envvar="BURNPROOF_URL", help="Take history from this server.")
    ] = "",
    data: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Take it from a text dump; repeat it for more.")
    ] = None,
    last: Annotated[str, typer.Option(metavar="D", help="How much history the server is asked for.")] = "30d",
    slo: Annotated[list[str] | None, typer.Option(metavar="SLO", help="Only this SLO; repeat it for more.")] = None,
    policy: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A built-in policy instead of its own; repeatable.")
    ] = None,
    objectives: Annotated[
        str, typer.Option(metavar="LIST", help="Objectives instead of its own, such as 99,99.5,99.9.")
    ] = "",
    against: Annotated[str, typer.Option(metavar="PATH", help="A second version of the specs, side by side.")] = "",
    incidents: Annotated[str, typer.Option(metavar="FILE", help="Incidents that people remember, in YAML.")] = "",
    cache: Annotated[Path, typer.Option(metavar="DIR", help="Where fetched history is kept.")] = Path(".burnproof")
    / "history",
    form: Annotated[Format, typer.Option("--format", help="For people or for programs.")] = Format.TABLE,
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=0, help="Processes; 0: one a processor.")] = 0,
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
        listed = _incidents(incidents, no_color=no_color)
        if data:
            history = _from_files(data, no_color=no_color)
        else:
            to = connecting.reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout)
            history = _from_server(to, [one for _, one in wanted], last, cache, quiet=quiet)
    except _AlreadySaidError as error:
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
        width = shutil.get_terminal_size((_UNKNOWN_WIDTH, 24)).columns
        sys.stdout.write(as_text(found, width=width))
    else:
        sys.stdout.write(_WRITERS[form](found))
    return CANNOT if all(one.reason for one in found) else 0


class _AlreadySaidError(Exception):
    """Something that cannot go on and has been said; ``code`` is the exit code."""

    def __init__(self, code: int = CANNOT) -> None:
        super().__init__()
        self.code = code


def _wanted(
    specs: list[str] | None, against: str, names: list[str] | None, policies: list[str], goals: str, *, no_color: bool
) -> list[tuple[str, Slo]]:
    """Give every SLO in every variant, in the order of the SLOs."""
    shares = [_objective(text) for text in goals.split(",") if text.strip()]
    sides = {"": chosen(specs)} | ({"new: ": [against]} if against else {})
    found: list[tuple[str, Slo]] = []
    for prefix, paths in sides.items():
        loaded = read_slos(paths)
        show_problems(loaded.problems, loaded.texts, no_color=no_color)
        if code := exit_code(loaded.problems):
            raise _AlreadySaidError(code)
        for own in chosen_slos(loaded.slos, names):
            found += [(prefix + name, one) for name, one in variants(own, policies, shares)]
    order = {one.id: place for place, (_, one) in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda pair: order[pair[1].id])


def _objective(text: str) -> Decimal:
    """Read an objective; a bare number is a percentage here.

    Raises:
        UnitError: it is none.
    """
    plain = text.strip()
    return objective(plain if plain.endswith("%") else f"{plain}%")


def _incidents(path: str, *, no_color: bool) -> tuple[Incident, ...]:
    if not path:
        return ()
    loaded = load_incidents(path)
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    if exit_code(loaded.problems):
        raise _AlreadySaidError
    return loaded.incidents


def _from_files(paths: Sequence[Path], *, no_color: bool) -> _History:
    """Read dumps; several hold different series, or different times."""
    storage = Storage()
    for path in paths:
        try:
            for series in read_dump(path):
                storage.add(series)
        except DumpError as error:
            show_problems(error.problems, {str(path): error.text}, no_color=no_color)
            raise _AlreadySaidError from None
        except (OSError, ValueError) as error:
            say(f"burnproof: {path}: {getattr(error, 'strerror', None) or error}")
            raise _AlreadySaidError from None
    times = [series.times for series in storage if len(series.times)]
    return _History(storage, int(min(one[0] for one in times)) // 1000, int(max(one[-1] for one in times)) // 1000)


def _from_server(to: Connection, slos: Sequence[Slo], last: str, cache: Path, *, quiet: bool) -> _History:
    """Fetch what the rules read.

    Raises:
        QueryError: the server does not answer.
        UnitError: ``last`` is no length of time.
    """
    now = time.time()
    end = int(now) // 60 * 60
    start = end - duration(last).ms // 1000
    groups = [group for slo in slos for group in compiled(slo)]
    wanted = pieces(raw_selectors(groups), start, end)
    with Counted("fetching history", len(wanted), quiet=quiet) as bar:
        storage = fetch(Client(to), wanted, cache, now, bar.step)
    return _History(Storage(Series(one.labels, one.times, one.values) for one in storage), start, end)

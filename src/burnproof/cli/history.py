"""Get history for the commands of the lab, from dumps or a server, and the incidents of a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.progress import Counted
from burnproof.diagnostics import exit_code
from burnproof.lab.alerts import compiled
from burnproof.lab.dump import DumpError, read_dump
from burnproof.lab.history import fetch, pieces, raw_selectors
from burnproof.lab.incidents import load_incidents
from burnproof.model.quantities import duration, objective
from burnproof.prometheus import Client
from promrules.columns.series import Storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from burnproof.lab.incidents import Incident
    from burnproof.model.slo import Slo
    from burnproof.prometheus import Connection


Url = Annotated[
    str, typer.Option("--url", metavar="URL", envvar="BURNPROOF_URL", help="Take history from this server.")
]
Data = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Take it from a text dump; repeat it for more.")]
Last = Annotated[str, typer.Option(metavar="D", help="How much history the server is asked for.")]
Incidents = Annotated[str, typer.Option(metavar="FILE", help="Incidents that people remember, in YAML.")]
Objectives = Annotated[
    str, typer.Option(metavar="LIST", help="Objectives to try instead of its own, such as 99,99.5,99.9.")
]
Cache = Annotated[Path, typer.Option(metavar="DIR", help="Where fetched history is kept.")]
CACHE = Path(".burnproof") / "history"
Jobs = Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=0, help="Processes; 0: one a processor.")]


@dataclass(frozen=True, slots=True)
class History:
    """The raw series, and from when to when they go, in seconds since the epoch."""

    storage: Storage
    start: int
    end: int


class AlreadySaidError(Exception):
    """Something that cannot go on and has been said; ``code`` is the exit code."""

    def __init__(self, code: int = CANNOT) -> None:
        super().__init__()
        self.code = code


def objectives_of(text: str) -> tuple[Decimal, ...]:
    """Read a list of objectives; a bare number is a percentage here.

    Raises:
        UnitError: one of them is none.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(objective(part if part.endswith("%") else f"{part}%") for part in parts)


def incidents_of(path: str, *, no_color: bool) -> tuple[Incident, ...]:
    """Read the incidents of a file; none where no file is named.

    Raises:
        NoIncidentsError: it cannot be read.
        AlreadySaidError: it has problems, which have been said.
    """
    if not path:
        return ()
    loaded = load_incidents(path)
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    if exit_code(loaded.problems):
        raise AlreadySaidError
    return loaded.incidents


def from_files(paths: Sequence[Path], *, no_color: bool) -> History:
    """Read dumps; several hold different series, or different times."""
    storage = Storage()
    for path in paths:
        try:
            for series in read_dump(path):
                storage.add(series)
        except DumpError as error:
            show_problems(error.problems, {str(path): error.text}, no_color=no_color)
            raise AlreadySaidError from None
        except (OSError, ValueError) as error:
            say(f"burnproof: {path}: {getattr(error, 'strerror', None) or error}")
            raise AlreadySaidError from None
    times = [series.times for series in storage if len(series.times)]
    return History(storage, int(min(one[0] for one in times)) // 1000, int(max(one[-1] for one in times)) // 1000)


def from_server(to: Connection, slos: Sequence[Slo], last: str, cache: Path, *, quiet: bool) -> History:
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
    return History(storage, start, end)

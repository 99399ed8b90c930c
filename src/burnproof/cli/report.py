"""Run ``burnproof report``: what a live server says of the SLOs over a span."""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.connection_options import (
    PANEL,
    Ca,
    Cert,
    Key,
    PasswordFile,
    Tenant,
    Timeout,
    TokenFile,
    User,
    reached,
)
from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import UNKNOWN_WIDTH, colours, columns, say
from burnproof.cli.messages import show as show_problems
from burnproof.cli.options import NoColor, Quiet, Specs, chosen
from burnproof.cli.report_span import day_named, span_named, zone_named
from burnproof.diagnostics import exit_code
from burnproof.loadtest.baseline.store import StoreError
from burnproof.prometheus import Client, ConnectionSettingError, QueryError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT, URL
from burnproof.report import Order, Report, make_report
from burnproof.report.asjson import as_json
from burnproof.report.delivery import DeliveryError, Webhook, destinations, tried
from burnproof.report.html import as_html
from burnproof.report.mail import message, send
from burnproof.report.markdown import as_markdown
from burnproof.report.operations import operations
from burnproof.report.schedule import due_reports
from burnproof.report.slack import post
from burnproof.report.text import as_text
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from burnproof.model.slo import Slo
    from burnproof.prometheus import Connection
    from burnproof.report.delivery import Destination
    from burnproof.report.periods import Span, Unit


class Form(StrEnum):
    """Who is going to read it."""

    TEXT = "text"
    MD = "md"
    HTML = "html"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class _Job:
    """One report to make: what it is about, the SLOs, and where it goes."""

    order: Order
    slos: tuple[Slo, ...]
    file: str = ""
    destinations: tuple[Destination, ...] = ()


Server = Annotated[
    str, typer.Option(metavar="URL", envvar=URL, rich_help_panel=PANEL, help="Address of the server, up to /api/v1.")
]
Period = Annotated[str, typer.Option(metavar="PERIOD", help="day, week, month, or a length such as 30d.  [30d]")]
At = Annotated[
    str, typer.Option(metavar="TIME", help="A moment in the day, week or month; the end of any other length.")
]
Baselines = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Recorded load tests; without --url the report is theirs alone.")
]
Operations = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="With --baselines: this operation; may be repeated.")
]


def report(
    specs: Specs = None,
    url: Server = "",
    period: Period = "",
    at: At = "",
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="Start of the report.")] = "",
    end: Annotated[str, typer.Option("--to", metavar="TIME", help="End of the report; now unless given.")] = "",
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone of the days.")] = "UTC",
    form: Annotated[Form, typer.Option("--format", help="Format of the report.")] = Form.TEXT,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A file; with --due a folder.")] = None,
    due: Annotated[str, typer.Option(metavar="DATE", help="Make what the specs' schedules hold for a day.")] = "",
    deliver: Annotated[bool, typer.Option("--deliver", help="Send it to its recipients.")] = False,
    trend: Annotated[int, typer.Option(metavar="N", min=0, max=24, help="Earlier spans to compare with.")] = 5,
    incidents: Annotated[int, typer.Option(metavar="N", min=0, help="Incidents to show of each SLO.")] = 5,
    baselines: Baselines = None,
    operation: Operations = None,
    token_file: TokenFile = None,
    user: User = "",
    password_file: PasswordFile = None,
    tenant: Tenant = "",
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Report attainment, budgets and incidents of a span from a Prometheus, Mimir, Thanos or VictoriaMetrics.

    With --baselines also the trend of recorded load tests, of seven days at least.

    Exit codes: 0 complete, 1 something is missing (the report says what) or no SLO has data, 2 no report.
    """
    now = int(time.time())
    zone = zone_named(timezone)
    if due and (period or at or start or end):
        raise typer.BadParameter("--due takes its spans from the specs: leave --period, --at, --from and --to out.")
    when = day_named(due, zone, now) if due else span_named(period, at, start, end, zone, now)
    tests = _tests(baselines, operation)
    out = _Out(form, output, bool(due), deliver, quiet, no_color)
    if not url and tests is not None and isinstance(when, tuple) and not deliver and not specs:
        return _run_tests(tests, Order(when[0], zone, when[1], title="Load tests"), now, out)
    if not url:
        raise typer.BadParameter("name the server: --url http://localhost:9090, or BURNPROOF_URL.")
    loaded = read_slos(chosen(specs))
    show_problems(loaded.problems, loaded.texts, no_color=no_color)
    if code := exit_code(loaded.problems):
        return code
    try:
        where = reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout)
        jobs = _jobs(loaded.slos, when, zone, trend, incidents)
        if deliver:
            jobs = [replace(job, destinations=destinations(job.order.recipient, os.environ)) for job in jobs]
    except (ConnectionSettingError, DeliveryError) as error:
        say(f"burnproof: {error}")
        return CANNOT
    if not any(job.slos for job in jobs):
        return _nothing(loaded.slos, due)
    out.check_place_for(len(jobs))
    return _run(jobs, where, now, out, tests)


def _jobs(
    slos: tuple[Slo, ...], when: date | tuple[Span, Unit | None], zone: ZoneInfo, trend: int, incidents: int
) -> list[_Job]:
    """Give the job for a span, or those that are due on a day; files are named by kind, day and title."""
    if isinstance(when, tuple):
        return [_Job(Order(when[0], zone, when[1], trend, incidents), slos)]
    return [
        _Job(
            Order(one.span, zone, one.scheduled.every, trend, incidents, one.scheduled.title, one.scheduled.to),
            one.slos,
            _slug(f"{one.scheduled.every} {one.day} {one.scheduled.title} {one.scheduled.to}"),
        )
        for one in due_reports(slos, when, zone)
    ]


@dataclass(frozen=True, slots=True)
class _Out:
    """Where reports go and how they look there."""

    form: Form
    output: Path | None
    is_folder: bool
    deliver: bool
    quiet: bool
    no_color: bool

    def check_place_for(self, reports: int) -> None:
        """Refuse to print several pages or several JSON documents one after the other.

        Raises:
            typer.BadParameter: that is what was asked for.
        """
        if reports > 1 and self.form in (Form.HTML, Form.JSON) and self.output is None and not self.deliver:
            raise typer.BadParameter(f"{reports} reports are due: name a folder for them with -o.")


@dataclass(frozen=True, slots=True)
class _Tests:
    """Which recorded load tests a report is to have."""

    folder: Path
    names: tuple[str, ...]

    def added(self, made: Report) -> Report:
        """Give the report with them, and with what is missing of them.

        Raises:
            StoreError: there is no such folder.
        """
        found, missing = operations(self.folder, made.span, self.names)
        return replace(made, operations=found, troubles=(*made.troubles, *missing))


def _tests(baselines: Path | None, operation: Sequence[str] | None) -> _Tests | None:
    """Read which load tests are wanted.

    Raises:
        typer.BadParameter: an operation of nothing.
    """
    if baselines is None and operation:
        raise typer.BadParameter("--operation goes with --baselines.")
    return None if baselines is None else _Tests(baselines, tuple(operation or ()))


def _run_tests(tests: _Tests, order: Order, now: int, out: _Out) -> int:
    """Report on recorded load tests alone."""
    try:
        made = tests.added(Report(order.title, "", order.span, order.zone, "", now, ()))
    except StoreError as error:
        say(f"burnproof: {error}")
        return CANNOT
    if not made.operations:
        say(f"burnproof: {'; '.join(made.troubles)}")
        return CANNOT
    _write(made, _Job(order, ()), out)
    return 1 if made.troubles else 0


def _nothing(slos: Sequence[Slo], due: str) -> int:
    """Say why there is nothing to report."""
    if not slos:
        say("burnproof: the specs hold no server-side SLO to report on")
        return CANNOT
    if not any(slo.reports for slo in slos):
        say("burnproof: no spec has a schedule; write for example reports: [{every: week, title: Review, to: Team}]")
        return CANNOT
    say(f"Nothing is due on {due}.")
    return 0


def _run(jobs: Sequence[_Job], where: Connection, now: int, out: _Out, tests: _Tests | None) -> int:
    """Make every report, write it, send it; one that fails does not keep the others back."""
    code = 0
    for job in jobs:
        try:
            made = make_report(Client(where), job.slos, job.order, now)
            made = made if tests is None else tests.added(made)
        except QueryError as error:
            say(f"burnproof: {where.url}: {error}")
            return CANNOT
        except StoreError as error:
            say(f"burnproof: {error}")
            return CANNOT
        code = max(code, 1 if made.troubles or made.empty else 0)
        if out.output is not None or not out.deliver:
            _write(made, job, out)
        for destination in job.destinations:
            code = max(code, _sent(made, destination, quiet=out.quiet))
    return code


def _write(made: Report, job: _Job, out: _Out) -> None:
    """Write a report to its file, or to stdout."""
    if out.output is None:
        width = columns()
        sys.stdout.write(_rendered(made, out.form, no_color=out.no_color, width=width))
        return
    path = out.output
    if out.is_folder:
        suffix = "txt" if out.form is Form.TEXT else out.form.value
        path = out.output / f"{job.file}.{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.burnproof-tmp")
    beside.write_text(_rendered(made, out.form, no_color=True, width=UNKNOWN_WIDTH), encoding="utf-8")
    beside.replace(path)
    if not out.quiet:
        say(f"wrote {path}")


def _rendered(made: Report, form: Form, *, no_color: bool, width: int) -> str:
    match form:
        case Form.TEXT:
            return as_text(made, width=width, colour=colours(sys.stdout, no_color=no_color))
        case Form.MD:
            return as_markdown(made)
        case Form.HTML:
            return as_html(made)
        case Form.JSON:
            return as_json(made)


def _sent(made: Report, destination: Destination, *, quiet: bool) -> int:
    """Send a report one way; say how it went."""
    try:
        if isinstance(destination, Webhook):
            tried(partial(post, made, destination))
        else:
            tried(partial(send, destination, message(made, destination)))
    except DeliveryError as error:
        say(f"burnproof: {made.title} for {made.recipient or 'everybody'}: {destination}: {error}")
        return CANNOT
    if not quiet:
        say(f"sent {made.title} ({made.span.name}): {destination}")
    return 0


def _slug(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:80]

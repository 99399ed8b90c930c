"""Run ``burnproof check``: show every problem of every spec at once."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Final

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
from burnproof.cli.messages import colours, say, text_of
from burnproof.cli.options import NoColor, Quiet, Specs, Strict, chosen
from burnproof.cli.progress import Steps
from burnproof.compile import STEPS
from burnproof.compile.parallel import calm_collector, compile_many
from burnproof.diagnostics import Severity, exit_code
from burnproof.prometheus import ConnectionSettingError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.cli.check_live import Live
    from burnproof.diagnostics import Problem


DEFAULT_LIMIT: Final = 300.0
LONGEST_LIMIT: Final = 7200.0
_LIVE: Final = "burnproof.cli.check_live"  # loaded where a server is asked, with all of HTTP


class Format(StrEnum):
    """Who is going to read the problems."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    specs: Specs = None,
    form: Annotated[
        Format, typer.Option("--format", help="For people, programs, GitHub annotations, or code scanning.")
    ] = Format.TEXT,
    strict: Strict = False,
    quiet: Quiet = False,
    no_color: NoColor = False,
    url: Annotated[
        str, typer.Option(metavar="URL", rich_help_panel=PANEL, help="Ask this server, too (docs/how-to/check-url.md).")
    ] = "",
    max_time: Annotated[
        float,
        typer.Option(
            "--max-time",
            metavar="S",
            min=0.1,
            max=LONGEST_LIMIT,
            rich_help_panel=PANEL,
            help="Seconds for all questions together.",
        ),
    ] = DEFAULT_LIMIT,
    token_file: TokenFile = None,
    user: User = "",
    password_file: PasswordFile = None,
    tenant: Tenant = "",
    ca: Ca = None,
    cert: Cert = None,
    key: Key = None,
    timeout: Timeout = DEFAULT_TIMEOUT,
) -> int:
    """Show every problem in the specs, with its place and a remedy.

    The specs are compiled and the result is verified too, but nothing is written. With --url a Prometheus, Mimir,
    Thanos or VictoriaMetrics is asked for what the specs assume of it: series, labels, buckets, scrapes, rules.

    Exit codes: 0 fine, 1 errors, 2 nothing could be read, or the server did not answer everything.
    """  # fmt: skip
    calm_collector()
    with Steps(STEPS, quiet=quiet) as steps:
        made = compile_many(chosen(specs), strict=strict, step=steps.begin)
    problems = made.problems
    live: Live | None = None
    if url and not exit_code(problems):
        try:
            where = reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout)
        except ConnectionSettingError as error:
            say(f"burnproof: {error}")
            return CANNOT
        live = import_module(_LIVE).asked(where, made.slos, made.texts, max_time)
        if isinstance(live, str):
            say(f"burnproof: {where.url}: {live}")
            return CANNOT
        problems += live.problems
    _shown(problems, made.texts, form, live, no_color=no_color)
    if not quiet:
        _counted(problems, len(made.texts), live)
    if url and live is None:
        say(f"burnproof: {url.rstrip('/')} was not asked: mend the errors first")
    return _code(problems, live, strict=strict)


def _shown(
    problems: Sequence[Problem], texts: Mapping[str, str], form: Format, live: Live | None, *, no_color: bool
) -> None:
    """Write problems to stdout, and what is known of the server where a reader wants it."""
    colour = form is Format.TEXT and colours(sys.stdout, no_color=no_color)
    text = text_of(problems, texts, form.value, colour=colour)
    if live is not None and form is Format.JSON:
        text = import_module(_LIVE).with_facts(text, live)
    sys.stdout.write(text)
    if live is not None and form is Format.TEXT:
        sys.stdout.write(("\n" if text else "") + import_module(_LIVE).facts_text(live))


def _counted(problems: Sequence[Problem], files: int, live: Live | None) -> None:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    say(f"{_count(files, 'file')}, {_count(errors, 'error')}, {_count(warnings, 'warning')}.")
    for what, why in live.absent.items() if live else ():
        say(f"Not asked: {what} ({why}).")


def _code(problems: Sequence[Problem], live: Live | None, *, strict: bool) -> int:
    """Give the exit code; an answer that is missing is no finding, and makes the result incomplete."""
    if live is None or not live.unanswered:
        return exit_code(problems, strict=strict)
    for what, why in live.unanswered.items():
        say(f"burnproof: {live.url}: {what}: {why}")
    return CANNOT


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

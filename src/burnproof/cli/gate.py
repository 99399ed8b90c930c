"""Run ``burnproof gate``: judge results of load tests and CI, or a span on a server, by SLOs."""

from __future__ import annotations

import os
import sys
import time
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from burnproof import prometheus
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
from burnproof.cli.messages import colours, say, show
from burnproof.cli.options import NoColor, Quiet, chosen
from burnproof.cli.run_options import (
    AcrossVersions,
    AppVersion,
    Environment,
    Length,
    Operation,
    Revision,
    Users,
    facts_of,
)
from burnproof.diagnostics import exit_code as problems_exit_code
from burnproof.loadtest import baseline as baselines
from burnproof.loadtest import gate as gates
from burnproof.loadtest.baseline.run_metadata import stated
from burnproof.loadtest.gate import report
from burnproof.loadtest.gate.judge import Baseline, judge, no_baseline
from burnproof.loadtest.gate.model import exit_code
from burnproof.loadtest.results.formats import read_result, read_results
from burnproof.loadtest.results.record import moment
from burnproof.model.quantities import UnitError, duration
from burnproof.prometheus import ConnectionSettingError
from burnproof.prometheus.connection import DEFAULT_TIMEOUT, URL
from burnproof.prometheus.span import Span
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from burnproof.loadtest.gate.model import Verdict
    from burnproof.loadtest.results.model import Result
    from burnproof.specs.resolve import Loaded

_LATEST: Final = 253_402_300_800.0  # the year 10000, in seconds

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILES", help="Results: records, streaming reports, Locust CSV, k6, JUnit, JSON."),
]
SpecPaths = Annotated[
    list[str] | None, typer.Option("--spec", metavar="SPEC", help="Spec file or folder; may be repeated.  [slos/]")
]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="SLO", help="Judge these SLOs only; * stands for anything.")
]
BaselinePath = Annotated[
    Path | None, typer.Option(metavar="PATH", help="A recorded run, or a folder of them, to compare with.")
]
Server = Annotated[
    str,
    typer.Option(
        "--url",
        "--prometheus",
        metavar="URL",
        rich_help_panel=PANEL,
        help="Judge server-side SLOs on this Prometheus; without FILES, BURNPROOF_URL does the same.",
    ),
]
End = Annotated[
    str, typer.Option(metavar="TIME", help="Its end: ISO 8601 (UTC without a zone) or seconds; now unless given.")
]


def gate(
    files: Files = None,
    spec: SpecPaths = None,
    only: Only = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail too.")] = False,
    report_only: Annotated[bool, typer.Option("--report-only", help="Exit 0 whatever the verdicts say.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_github: Annotated[bool, typer.Option("--github", help="Print GitHub annotations.")] = False,
    baseline: BaselinePath = None,
    without_baseline: Annotated[bool, typer.Option("--no-baseline", help="Leave regression rules out.")] = False,
    across_versions: AcrossVersions = False,
    operation: Operation = "",
    environment: Environment = "",
    version: AppVersion = "",
    revision: Revision = "",
    users: Users = None,
    length: Length = "",
    url: Server = "",
    span: Annotated[str, typer.Option(metavar="D", help="The stretch to judge there.")] = "10m",
    end: End = "",
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
    """Judge results by the SLOs of the specs: PASS, WARN or FAIL, with actual, target and headroom.

    Whatever is missing or unsure fails: empty or truncated files, N/A, too few requests, nothing but failures, a
    metric that is not there. Exit codes: 0 passed, 1 failed, 2 nothing could be judged.
    """
    form = _form(json=as_json, markdown=as_markdown, github=as_github)
    facts = facts_of(operation, environment, version, revision, users, length)
    url = url or (os.environ.get(URL, "") if not files else "")
    loaded = read_slos(chosen(spec))
    show(loaded.problems, loaded.texts, no_color=no_color)
    if code := problems_exit_code(loaded.problems):
        return code
    try:
        results = tuple(stated(found, facts) for found in read_results(files or ()))
        finder = None if without_baseline else _finder(baseline, across_versions=across_versions)
        where = reached(url, token_file, user, password_file, tenant, ca, cert, key, timeout) if url else None
        live = (prometheus.Client(where), _span(span, end)) if where else None
        verdicts = _verdicts(loaded, results, only or ["*"], finder, live)
    except prometheus.QueryError as error:
        say(f"burnproof: {url}: {error}")
        return CANNOT
    except (ConnectionSettingError, _NothingError, baselines.StoreError) as error:
        say(f"burnproof: {error}")
        return CANNOT
    if not quiet:
        _note_the_rest(loaded, results, url)
    sys.stdout.write(_render(verdicts, form, colour=colours(sys.stdout, no_color=no_color)))
    return exit_code(verdicts, strict=strict, report_only=report_only)


def _form(**wanted: bool) -> str:
    """Give the one form that is wanted, else text.

    Raises:
        typer.BadParameter: several are.
    """
    chosen_forms = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(chosen_forms) > 1:
        raise typer.BadParameter("choose one of --json, --markdown and --github.")
    return chosen_forms[0] if chosen_forms else "text"


class _NothingError(Exception):
    """There is nothing to judge; a gate that judged nothing must not look like one that passed."""


def _verdicts(
    loaded: Loaded,
    results: Sequence[Result],
    only: Sequence[str],
    finder: Callable[[Result, str], Baseline] | None,
    live: tuple[prometheus.Client, Span] | None,
) -> list[Verdict]:
    """Judge what there is to judge.

    Raises:
        _NothingError: that is nothing.
    """
    if not results and live is None:
        raise _NothingError("name result files, or a server with --url")
    objectives = [found for found in loaded.client_side if _picked(found.name, only)]
    slos = [slo for slo in loaded.slos if _picked(f"{slo.service}/{slo.name}", only)]
    if results and not objectives:
        raise _NothingError("no SLO of kind check is left to judge the files by")
    if live is not None and not slos:
        raise _NothingError("no server-side SLO is left to judge")
    verdicts = judge(objectives, results, env=os.environ, baseline_of=finder) if results else []
    return verdicts + (gates.judge_live(slos, *live) if live is not None else [])


def _picked(name: str, only: Sequence[str]) -> bool:
    """Tell whether ``service/name`` is meant: by a pattern with a slash as a whole, by any other behind the slash."""
    own = name.partition("/")[2]
    return any(fnmatch(name if "/" in pattern else own, pattern) for pattern in only)


def _finder(path: Path | None, *, across_versions: bool) -> Callable[[Result, str], Baseline]:
    """Give the function that finds what a result may be compared with.

    Raises:
        StoreError: the path is no folder and no file.
    """
    if path is None:
        return no_baseline
    if path.is_dir():
        candidates: tuple[Result, ...] = baselines.stored(path).records
    elif path.is_file():
        candidates = (read_result(path),)
    else:
        raise baselines.StoreError(f"there is no baseline {path}")

    def find(result: Result, operation: str) -> Baseline:
        found = baselines.latest_comparable(result, candidates, across_versions=across_versions, operation=operation)
        return Baseline(
            *found, is_itself=found[0] is None and any(baselines.is_copy(result, one) for one in candidates)
        )

    return find


def _span(span: str, end: str) -> Span:
    """Read which stretch of time is to be judged.

    Raises:
        typer.BadParameter: the span or its end cannot be read.
    """
    try:
        length = duration(span)
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None
    return Span(_moment(end), length)


def _moment(text: str) -> float:
    """Read the end of the span; a time without a zone is UTC, whatever the zone of the machine."""
    if not text:
        return time.time()
    if text.replace(".", "", 1).isdecimal() and float(text) < _LATEST:
        return float(text)
    read = moment(text)
    if read is None:
        raise typer.BadParameter(f"{text!r} is neither seconds nor an ISO 8601 time.")
    return read.timestamp()


def _note_the_rest(loaded: Loaded, results: Sequence[Result], url: str) -> None:
    """Say what the specs hold that was not judged."""
    if loaded.slos and not url:
        say(f"{len(loaded.slos)} server-side SLOs were not judged; --url URL does it.")
    if loaded.client_side and not results:
        say(f"{len(loaded.client_side)} client-side SLOs were not judged; name result files.")


def _render(verdicts: Sequence[Verdict], form: str, *, colour: bool) -> str:
    if form == "json":
        return report.as_json(verdicts)
    if form == "markdown":
        return report.markdown(verdicts)
    if form == "github":
        return report.github(verdicts)
    annotations = report.github(verdicts) if os.environ.get("GITHUB_ACTIONS") == "true" else ""
    return report.text(verdicts, colour=colour) + annotations

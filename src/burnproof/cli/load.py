"""Run ``burnproof load``: load tests from profiles, and the list of profiles."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say, show
from burnproof.cli.options import NoColor, Quiet, load_extra
from burnproof.cli.run_options import AppVersion, Environment, Revision, revision_of
from burnproof.loadtest.baseline.drift_page import DRIFTS, drift_rows
from burnproof.loadtest.baseline.report import rows_text
from burnproof.loadtest.results.formats import result_from_text
from burnproof.loadtest.results.streaming_text import human_report
from burnproof.loadtest.run.files import PlaceError, prepare, write
from burnproof.loadtest.run.hosts import HostError, reach, target_of
from burnproof.loadtest.run.interrupts import interrupts
from burnproof.loadtest.run.outcome import Facts, Made, TargetError, made_of, targets
from burnproof.loadtest.run.profile import MAX_USERS, shortfall
from burnproof.loadtest.run.progress import progress
from burnproof.loadtest.run.reading import NoProfileError, changed, load_profile, profile_from_text, shipped, work_order
from burnproof.loadtest.run.summary import summary
from burnproof.loadtest.run.time_series import course_of
from burnproof.model.quantities import Duration, UnitError, duration, ratio

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.profile import Profile

NEEDS = ("locust", "wsproto")
_MAX_WORKERS = 64
_ERRORS = 5
_LONG = 600  # seconds; the drift of shorter runs is in their page, and says little


def run(
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="A shipped profile, or a YAML file.")],
    host: Annotated[str, typer.Option(metavar="URL", help="Target of the load.")] = "http://127.0.0.1:8000",
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Another host that may be loaded.")
    ] = None,
    users: Annotated[
        int | None, typer.Option("--users", "--concurrency", min=1, max=MAX_USERS, help="Users at the peak.")
    ] = None,
    length: Annotated[str, typer.Option("--duration", metavar="D", help="How long, such as 30s.")] = "",
    rounds: Annotated[int | None, typer.Option(min=1, max=1000, help="Rounds of each session.")] = None,
    reconnect: Annotated[str, typer.Option(metavar="SHARE", help="Reconnections per round, such as 10%.")] = "",
    workers: Annotated[
        int, typer.Option(min=0, max=_MAX_WORKERS, help="Processes that share the load; 0 for this one alone.")
    ] = 0,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PATH", help="Folder, or a .json file.")] = Path(
        "results"
    ),
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on a missed target or untrusted figures.")] = False,
    json_only: Annotated[bool, typer.Option("--json-only", help="Print the record, and no report.")] = False,
    environment: Environment = "",
    version: AppVersion = "",
    revision: Revision = "",
    quiet: Quiet = False,
    no_color: NoColor = False,
) -> int:
    """Run a load test and write its record, {operation}_{YYYYMMDD_HHMMSS}.json, for the gate.

    Load goes to this machine only, unless --allow-host names another. Targets of streaming sessions are those of
    the SLO_… variables. Exit codes: 0 the run was made, 1 with --strict when a target was missed, 2 it could not
    be made, 130 and 143 it was interrupted by Ctrl-C and SIGTERM.
    """
    try:
        loaded = load_profile(profile)
        show(loaded.problems, loaded.texts, no_color=no_color)
        if loaded.profile is None:
            return 1
        share = _share(reconnect)
        wanted = changed(loaded.profile, users, _length(length), rounds, share)
        aims, target = targets(), target_of(host, set(allow_host or ()))
        reach(target)
        prepare(output)
    except (NoProfileError, HostError, TargetError, PlaceError) as error:
        say(f"burnproof: {error}")
        return CANNOT
    if short := shortfall(wanted):
        say(f"{profile}: {short}")
    source = work_order(next(iter(loaded.texts.values())), rounds, share)
    facts = Facts(environment or "local", version, revision_of(revision))
    order = _Order(wanted, target, source, workers, facts, aims)
    return _carried_out(order, output, strict=strict, json_only=json_only, quiet=quiet)


@dataclass(frozen=True, slots=True)
class _Order:
    """A run to be made: the profile as changed by options, its text for worker processes, and what to say of it."""

    profile: Profile
    target: Target
    source: str
    workers: int
    facts: Facts
    aims: tuple[Decimal, Decimal, Decimal, Decimal]


def _carried_out(order: _Order, output: Path, *, strict: bool, json_only: bool, quiet: bool) -> int:
    """Run, write the record and tell; give the exit code."""
    wanted = order.profile
    engine = load_extra("burnproof.loadtest.run.engine", NEEDS, "load")
    if engine is None:
        return CANNOT
    # Until the record is written: the first signal must not lose what was measured.
    with interrupts() as interrupt:
        try:
            with progress(wanted=not quiet) as shown:
                outcome = engine.run(
                    wanted, order.target, interrupt, workers=order.workers, order=order.source, show=shown
                )
        except engine.EngineError as error:
            say(f"burnproof: {error}")
            return interrupt.code if interrupt.came else CANNOT
        made = made_of(
            wanted, outcome.samples, outcome.started, outcome.seconds, outcome.distrusted, order.facts, order.aims,
            course_of(wanted, outcome),
        )  # fmt: skip
        written = _written(made, output)
        _print(wanted, made, outcome, json_only=json_only)
        if written is None and not json_only:
            say(f"The record, which could not be written:\n{made.text}")
        elif written is not None and not quiet:
            _tell_course(wanted, outcome, made)
            say(f"Written: {written}")
    if written is None:
        return CANNOT
    if interrupt.came:
        return interrupt.code
    return int(strict and (bool(outcome.distrusted) or (made.report is not None and not made.report.all_passed)))


def list_profiles() -> int:
    """List the shipped profiles: users at the peak, length, and purpose."""
    for name, text in shipped().items():
        profile = profile_from_text(name, text).profile
        if profile is not None:
            length = Duration(round(profile.seconds * 1000))
            sys.stdout.write(f"{name:16} {profile.most_users:4} users {length!s:>6}  {profile.description or ''}\n")
    return 0


COMMANDS = {"run": run, "list": list_profiles}


def _length(text: str) -> Duration | None:
    try:
        return duration(text) if text else None
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None


def _share(text: str) -> Decimal | None:
    try:
        found = ratio(text) if text else None
    except UnitError as error:
        raise typer.BadParameter(f"{error.message}; {error.hint}") from None
    if found is not None and not 0 <= found <= 1:
        raise typer.BadParameter(f"{text} is no share between 0% and 100%.")
    return found


def _written(made: Made, output: Path) -> Path | None:
    """Write the record and its page; None where the disk does not take them, which must not lose them."""
    try:
        return write(made, output)
    except OSError as error:
        say(f"burnproof: {error.filename or output}: {error.strerror or error}; the record could not be written")
        return None


def _tell_course(profile: Profile, outcome: Any, made: Made) -> None:
    """Say what drifted in a run that is long enough to show it, and what the target does not export."""
    for name in profile.watch.gauges if profile.watch else ():
        if name not in outcome.watched:
            say(f"The target exports no {name} at {profile.watch.page if profile.watch else ''}.")
    if profile.seconds >= _LONG:
        say("\n" + rows_text(DRIFTS, drift_rows(result_from_text("run", made.text))))


def _print(profile: Profile, made: Made, outcome: Any, *, json_only: bool) -> None:
    """Print the record or the report to stdout, and doubts to stderr."""
    if json_only:
        sys.stdout.write(made.text)
    elif made.report is not None:
        sys.stdout.write(human_report(made.report))
    else:
        sys.stdout.write(summary(profile, outcome.samples, made.record))
    for error, count in sorted(outcome.samples.errors.items(), key=lambda item: -item[1])[:_ERRORS]:
        say(f"  {count} x {error}")
    late = outcome.late
    say(f"Own delay of the load generator: {'not measured' if late is None else f'{late:.1f} ms at p95'}.")
    if outcome.distrusted:
        say("These figures are not to be trusted:")
        for reason in outcome.distrusted:
            say(f"  {reason}")

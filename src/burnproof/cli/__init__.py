"""Run the command line: arguments to one call, its result to text and an exit code.

0 all well, 1 the thing asked about is false (problems, drift, a failed test), 2 the command could not be carried
out. Data go to stdout, everything else to stderr. A command's module is imported when that command is run, so
that ``burnproof --version`` loads neither YAML nor numpy.
"""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from burnproof import __version__
from burnproof.cli.errors import explained, guarded, quiet_end
from promrules.processes import orderly_end

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Command:
    """A command: where its function is, or its table of commands, and the line that `burnproof --help` has for it."""

    module: str
    function: str
    help: str


COMMANDS = {
    "generate": Command(
        "burnproof.cli.generate", "generate", "Compile specs into rules, alerts and unit tests of the alerts."
    ),
    "check": Command("burnproof.cli.check", "check", "Show every problem in the specs, with its place and a remedy."),
    "test": Command("burnproof.cli.test", "test_command", "Run rule-test files, as `promtool test rules` does."),
    "mutate": Command(
        "promrules.mutation.command", "mutate_command", "Change rules one at a time: some rule test must fail for each."
    ),
    "show": Command(
        "burnproof.cli.show", "show", "Explain one SLO: rules, thresholds, detection and reset times, cost."
    ),
    "import": Command("burnproof.cli.import_files", "import_files", "Make specs of files of Sloth, Pyrra and OpenSLO."),
    "export": Command("burnproof.cli.export", "COMMANDS", "Write SLOs as objects of OpenSLO."),
    "init": Command("burnproof.cli.init", "init", "Write a ready GitOps repository: a spec, Makefile, CI, hook."),
    "schema": Command("burnproof.cli.schema", "schema", "Print the JSON Schema of spec files, for editors."),
    "simulate": Command(
        "burnproof.cli.simulate", "simulate_command", "Play incidents on the compiled rules: what will page, and when."
    ),
    "backtest": Command(
        "burnproof.cli.backtest", "backtest_command", "Run the compiled rules over real history: what would have paged."
    ),
    "tune": Command("burnproof.cli.tune", "tune", "Propose objective, policy and min_events from history."),
    "diff": Command("burnproof.cli.diff", "diff", "Compare two states of the specs: what changes for the pager."),
    "report": Command("burnproof.cli.report", "report", "Report budgets and incidents from a live Prometheus."),
    "gate": Command(
        "burnproof.cli.gate", "gate", "Judge load-test and CI results, or a span on a live server, by SLOs."
    ),
    "baseline": Command("burnproof.cli.baseline", "COMMANDS", "Record runs, compare them, watch their trend."),
    "demo": Command(
        "burnproof.cli.demo", "demo", "Run a small service with faults on request, and a Prometheus that watches it."
    ),
    "load": Command("burnproof.cli.load", "COMMANDS", "Run load tests from profiles; the gate judges their records."),
}
_HELP = """Compile SLOs into Prometheus rules and alerts, with unit tests that show when each alert fires.

Exit codes: 0 all well, 1 problems, drift or a failed test, 2 the command could not be carried out.
"""
_TESTS = "burnproof.cli.test"
_SETTINGS = {"help_option_names": ["-h", "--help"]}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    sys.stdout, sys.stderr = _open(sys.stdout), _open(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name the terminal cannot show is no reason to fail
    debug = "--debug" in itertools.takewhile(lambda argument: argument.startswith("-"), arguments)
    # No linear algebra is done here, and starting threads for it takes longer than a small test does.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    named = next((argument for argument in arguments if not argument.startswith("-")), "")
    # Load tests end in their own way, with the record of what was measured so far.
    with quiet_end(), nullcontext() if named == "load" else orderly_end(), explained(debug=debug):
        if arguments[:1] == ["test"] and not any(argument.startswith("-") for argument in arguments):
            # Files alone need no parser of options, which takes as long to load as the engine.
            raise SystemExit(import_module(_TESTS).run_files(arguments[1:]))
        application(arguments, debug=debug)(args=arguments, prog_name="burnproof")


def _open(stream: TextIO | None) -> TextIO:
    """Give a stream that can be written: nowhere, where the caller closed it (`>&-`)."""
    return stream or Path(os.devnull).open("w", encoding="utf-8")


def application(arguments: Sequence[str], *, debug: bool = False) -> typer.Typer:
    """Give an application with the command that ``arguments`` name, or with the names of all for the help page."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings=_SETTINGS,
        help=_HELP,
    )
    app.callback()(_options)
    named = next((argument for argument in arguments if not argument.startswith("-")), "")
    for name, command in COMMANDS.items():
        found = getattr(import_module(command.module), command.function) if name == named else _listed
        if callable(found):
            function = guarded(found, debug=debug) if name == named else found
            app.command(name, help=command.help, context_settings=_SETTINGS)(function)
        else:
            app.add_typer(_group(found, debug=debug), name=name, help=command.help)
    return app


def _group(commands: Mapping[str, Callable[..., Any]], *, debug: bool) -> typer.Typer:
    """Give a command that has commands of its own, by their names."""
    group = typer.Typer(no_args_is_help=True, context_settings=_SETTINGS)
    for name, function in commands.items():
        group.command(name, context_settings=_SETTINGS)(guarded(function, debug=debug))
    return group


def _listed() -> None:
    """Stand for a command whose module is not needed to print its name."""


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"burnproof {__version__}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    pass

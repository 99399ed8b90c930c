"""`burnproof test`: rule-test files to verdicts and an exit code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import re2
import typer

from burnproof.ruletest.engines import Engine, Job, run_files
from burnproof.ruletest.junit import junit_xml
from burnproof.ruletest.promtool import ENVIRONMENT, Promtool, find_promtools
from burnproof.ruletest.report import Style, file_report, summary
from burnproof.ruletest.run import RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.ruletest.verdicts import FileResult

DEFAULT_FOLDER = "generated/tests"
_ENDINGS = (".yml", ".yaml")
CANNOT = 2


class UsageError(Exception):
    """The command cannot be carried out; the message says why and what to do."""


def test_command(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILES]...", help=f"Rule-test files or folders of them.  [default: {DEFAULT_FOLDER}]"),
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="What evaluates the rules; both: any difference fails.")
    ] = Engine.EMBEDDED,
    run: Annotated[
        list[str] | None, typer.Option("--run", metavar="REGEX", help="Only tests whose name matches (repeatable).")
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show alerts as a difference, line by line.")] = False,
    junit: Annotated[str | None, typer.Option("--junit", metavar="FILE", help="Also write a JUnit report.")] = None,
    ignore_unknown_fields: Annotated[
        bool, typer.Option("--ignore-unknown-fields", help="Skip unknown fields of rule files.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as many as pay.")] = 0,
    compat: Annotated[int, typer.Option(min=2, max=3, help="Semantics of Prometheus 3.x or 2.x.")] = 3,
    delayed_name_removal: Annotated[
        bool, typer.Option("--delayed-name-removal", help="As Prometheus' feature promql-delayed-name-removal.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also name the tests that passed.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print files that failed only.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False,
) -> int:
    """Run rule-test files, in the format of `promtool test rules`."""
    options = RunOptions(
        compat=compat,
        delayed_name_removal=delayed_name_removal,
        ignore_unknown_fields=ignore_unknown_fields,
        run=tuple(run) if run else None,
    )
    style = Style(color=_wants_color(no_color=no_color), diff=diff, verbose=verbose)
    try:
        job = Job(engine, options, tuple(_promtools(engine)))
        check_patterns(options.run)
        paths = list(find_files(files or [DEFAULT_FOLDER]))
    except UsageError as error:
        sys.stderr.write(f"burnproof: {error}\n")
        return CANNOT
    return _run(paths, job, style, jobs=jobs, junit=junit, quiet=quiet)


def run_paths(paths: Sequence[str]) -> int:
    """Run files on the embedded engine with default options; give the exit code."""
    return _run(paths, Job(Engine.EMBEDDED, RunOptions()), Style(), jobs=0, junit=None, quiet=False)


def _run(paths: Sequence[str], job: Job, style: Style, *, jobs: int, junit: str | None, quiet: bool) -> int:
    results: list[FileResult] = []
    unreadable = False
    for path, result in zip(paths, run_files(paths, job, jobs), strict=True):
        if isinstance(result, OSError):
            unreadable = True
            sys.stderr.write(f"burnproof: {path}: {result.strerror or result}\n")
            continue
        results.append(result)
        if not quiet or not result.passed:
            sys.stdout.write(file_report(result, style) + "\n")
            sys.stdout.flush()
    if not quiet and len(results) > 1:
        sys.stdout.write(summary(results, style) + "\n")
    if junit is not None:
        Path(junit).write_text(junit_xml(results), encoding="utf-8")
    if unreadable:
        return CANNOT
    return 0 if all(result.passed for result in results) else 1


def find_files(named: Sequence[str]) -> Iterator[str]:
    """Give the test files that arguments name: files as they are, folders with all below them.

    Raises:
        UsageError: an argument is no file, or a folder holds no test files.
    """
    for name in named:
        if not os.path.isdir(name):
            if not os.path.exists(name):
                hint = "; run `burnproof generate` first, or name test files" if name == DEFAULT_FOLDER else ""
                raise UsageError(f"{name}: no such file or folder{hint}")
            yield name
            continue
        below = sorted(str(path) for path in Path(name).rglob("*") if path.suffix in _ENDINGS and path.is_file())
        if not below:
            raise UsageError(f"{name}: no test files (*.yml, *.yaml) in this folder")
        yield from below


def check_patterns(patterns: Sequence[str] | None) -> None:
    """Refuse a `--run` that is no RE2 expression.

    Raises:
        UsageError: RE2 does not take it.
    """
    quiet = re2.Options()
    quiet.log_errors = False
    for pattern in patterns or ():
        try:
            re2.compile(pattern, quiet)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
            raise UsageError(f"--run {pattern}: {reason}") from None


def _promtools(engine: Engine) -> list[Promtool]:
    if engine is Engine.EMBEDDED:
        return []
    found = find_promtools()
    if not found:
        raise UsageError(f"no promtool on the PATH or in build/; set {ENVIRONMENT}, or use --engine embedded")
    # several are compared only when they were asked for by name
    return found if os.environ.get(ENVIRONMENT) else [max(found, key=lambda tool: tool.version)]


def _wants_color(*, no_color: bool) -> bool:
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()

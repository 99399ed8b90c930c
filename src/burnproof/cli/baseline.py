"""Run ``burnproof baseline record | list | compare | …`` on recorded runs and documented figures."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - typer reads it at run time
from typing import TYPE_CHECKING, Annotated

import typer

from burnproof.cli.baseline_tables import (
    TABLE_HINT,
    Columns,
    Endpoint,
    Row,
    Table,
    against_table,
    is_table,
    show,
    tables_in,
)
from burnproof.cli.baseline_thresholds import derive
from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.options import Quiet  # noqa: TC001 - typer reads it at run time
from burnproof.cli.run_options import (
    DEFAULT_FOLDER,
    AcrossVersions,
    AppVersion,
    Environment,
    Folder,
    Length,
    Operation,
    Revision,
    Users,
    facts_of,
    revision_of,
)
from burnproof.loadtest.baseline import report
from burnproof.loadtest.baseline.compare import compare as compare_runs
from burnproof.loadtest.baseline.drift_page import course_markdown
from burnproof.loadtest.baseline.run_metadata import differences, silence, stated
from burnproof.loadtest.baseline.store import StoreError, is_copy, keep, latest_comparable, stored
from burnproof.loadtest.baseline.trend import Direction, outlook
from burnproof.loadtest.gate.reliability import ended
from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.results.markdown import record_markdown, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.results.model import Result

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown.")]


def record(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Results of any format that gate reads.")],
    store: Folder = DEFAULT_FOLDER,
    operation: Operation = "",
    environment: Environment = "",
    version: AppVersion = "",
    revision: Revision = "",
    users: Users = None,
    length: Length = "",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Write a page beside each record.")] = False,
    quiet: Quiet = False,
) -> int:
    """Keep results as baselines, one JSON file each, named by operation and time."""
    facts = facts_of(operation, environment, version, revision_of(revision), users, length)
    try:
        for path in files:
            made = keep(store, stated(read_result(path), facts))
            if as_markdown:
                kept = read_result(made)
                page = record_markdown(kept) + course_markdown(kept)
                made.with_suffix(".md").write_text(page, encoding="utf-8")
            if not quiet:
                say(f"{path}: recorded as {made}.")
    except StoreError as error:
        say(f"burnproof: {error}{'; ' + TABLE_HINT if is_table(path) else ''}")
        return CANNOT
    return 0


def list_records(
    store: Folder = DEFAULT_FOLDER,
    operation: Annotated[str, typer.Option(metavar="NAME", help="Only this operation.")] = "",
    as_markdown: AsMarkdown = False,
) -> int:
    """List the recorded runs, oldest first, and tables of documented figures; files that are no record are named."""
    try:
        found = stored(store, operation)
    except StoreError as error:
        say(f"burnproof: {error}")
        return CANNOT
    rows = report.record_rows(found.records)
    form = table if as_markdown else report.rows_text
    sys.stdout.write(form(report.RECORDS, rows))
    if tables := tables_in(store):
        sys.stdout.write("\n" + form(report.TABLES, report.tables_rows(tables)))
    for faulty in found.faulty:
        say(ended(f"{faulty.name}: {faulty.fault or 'no load-test record'}"))
    return 0


def compare(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The run; without one, the newest record of the operation.")
    ] = None,
    store: Folder = DEFAULT_FOLDER,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with this record, not with the newest comparable one.")
    ] = None,
    figures: Table = None,
    row: Row = "",
    columns: Columns = None,
    endpoint: Endpoint = "",
    across_versions: AcrossVersions = False,
    operation: Operation = "",
    environment: Environment = "",
    version: AppVersion = "",
    users: Users = None,
    length: Length = "",
    as_json: AsJson = False,
    as_markdown: AsMarkdown = False,
    quiet: Quiet = False,
) -> int:
    """Compare a run with a comparable baseline, or a table's row; exits 1 on a regression, 2 where it may not be.

    A regression is more than 20 % on P95, 15 % of throughput or 5 percentage points of errors. That no number
    regressed says nothing about the objectives: `burnproof gate --baseline` holds both against a run.
    """
    try:
        facts = facts_of(operation, environment, version, "", users, length)
        run, before = _pair(file, store, operation)
        run = stated(run, facts)
        if run.fault:
            say(f"burnproof: {run.name}: {run.fault}")
            return 1
        if figures is None:
            other = _baseline(run, before, baseline, across_versions=across_versions)
            found = compare_runs(run, other)
        else:
            other, found = against_table(run, figures, row, columns, endpoint)
    except StoreError as error:
        say(f"burnproof: {error}")
        return CANNOT
    rows = report.compared_rows(found)
    form = table if as_markdown else report.rows_text
    sys.stdout.write(report.compared_json(run, other, found) if as_json else form(report.COMPARED, rows))
    if not quiet:
        say(f"{run.name} against {other.name}. Only the change was judged; `burnproof gate` judges the objectives.")
    return int(any(one.regressed for one in found))


def _pair(file: Path | None, store: Path, operation: str) -> tuple[Result, tuple[Result, ...]]:
    """Give the run, and the records among which there may be older ones.

    Raises:
        StoreError: there is no run to compare.
    """
    if file is not None:
        run = read_result(file)
        return run, stored(store, "").records if store.is_dir() else ()
    if not operation:
        raise StoreError("name a result file, or an operation with --operation")
    known = stored(store, operation).records
    if not known:
        raise StoreError(f"no run of {operation!r} is recorded in {store}")
    return known[-1], known[:-1]


def _baseline(run: Result, before: Sequence[Result], named: Path | None, *, across_versions: bool) -> Result:
    """Find what a run is compared with.

    Raises:
        StoreError: nothing may be; the message says why.
    """
    if named is None:
        found, refusal = latest_comparable(run, before, across_versions=across_versions)
        if found is None:
            raise StoreError(f"{run.name} cannot be compared: {refusal}")
        return found
    other = read_result(named)
    if is_copy(run, other):
        raise StoreError(f"{run.name} cannot be compared with {named}: they are the same run")
    reasons = (other.fault,) if other.fault else differences(run.run, other.run, across_versions=across_versions)
    if reasons:
        raise StoreError(f"{run.name} cannot be compared with {named}: {' '.join(reasons)}")
    return other


def trend(
    operation: Annotated[str, typer.Option(metavar="NAME", help="The operation.")],
    store: Folder = DEFAULT_FOLDER,
    days: Annotated[int, typer.Option(min=1, help="How far to look back: 7, 30, …")] = 30,
    end: Annotated[str, typer.Option(metavar="TIME", help="The end of the window: ISO 8601; now unless given.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if it is degrading.")] = False,
    as_json: AsJson = False,
    as_markdown: AsMarkdown = False,
) -> int:
    """Show the trend of an operation: improving, stable within 5 %, degrading, mixed, or too few data to tell."""
    try:
        now = _utc(datetime.fromisoformat(end)) if end else datetime.now(UTC)
    except ValueError:
        raise typer.BadParameter(f"{end!r} is no ISO 8601 time.") from None
    try:
        known = stored(store, operation).records
    except StoreError as error:
        say(f"burnproof: {error}")
        return CANNOT
    found = outlook(known, days, now)
    if not found.runs:
        why = f": {silence(one.run for one in known)}" if found.left_out else ""
        say(f"burnproof: no comparable run of {operation!r} is recorded in the last {days} days{why}")
        return CANNOT
    if as_json:
        sys.stdout.write(report.outlook_json(operation, days, found))
    else:
        form = table if as_markdown else report.rows_text
        left = f", {found.left_out} left out as not comparable" if found.left_out else ""
        sys.stdout.write(f"{operation}: {found.direction.value} ({len(found.runs)} runs in {days} days{left})\n\n")
        sys.stdout.write(form(report.COURSES, report.course_rows(found)))
    return int(strict and found.direction in (Direction.DEGRADING, Direction.MIXED))


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


COMMANDS = {
    "record": record,
    "list": list_records,
    "compare": compare,
    "show": show,
    "trend": trend,
    "thresholds": derive,
}
"""The group's commands by name."""

"""Write results as Markdown: what ran, how it went, and the verdict of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.loadtest.results.record import TIMES
from burnproof.model.measured import Dimension, Quantity, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.results.model import Result

_TITLES: Final = dict(zip(TIMES, ("Mean", "Median", "P95", "P99", "Max"), strict=True)) | {
    "requests_per_second": "Throughput",
    "error_rate": "Error rate",
}


def record_markdown(result: Result) -> str:
    """Give the page of a record: facts of the run and its figures; a fault stands first."""
    run = result.run
    facts = (
        ("Time", f"{run.timestamp:%Y-%m-%d %H:%M:%S %Z}" if run.timestamp else ""),
        ("Environment", run.environment),
        ("Version", run.version),
        ("Revision", run.revision),
        ("Users", "" if run.users is None else str(run.users)),
        ("Duration", "" if run.duration is None else f"{shown(run.duration)} s"),
        ("Requests", "" if run.requests is None else f"{run.requests:,}"),
        ("Errors", "" if run.failures is None else f"{run.failures:,}"),
    )
    rows = [(title, value or "not stated") for title, value in facts]
    figures = [(title, _figure(result, metric)) for metric, title in _TITLES.items()]
    fault = f"> **Not to be trusted**: {result.fault}.\n\n" if result.fault else ""
    return (
        f"# {run.operation or result.name}\n\n{fault}{table(('Run', ''), rows)}\n{table(('Figure', 'Value'), figures)}"
    )


def _figure(result: Result, metric: str) -> str:
    found = result.readings.get(metric)
    if found is None or found.quantity is None or found.trouble:
        return "no data"
    if found.unit.dimension is Dimension.RATIO:
        return f"{shown(found.quantity.value * found.unit.scale * 100)}%"
    return str(Quantity(found.quantity.value, found.unit))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a Markdown table in which no cell can break out of its place."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(value: str) -> str:
    line = " ".join("".join(char if char.isprintable() or char.isspace() else "\ufffd" for char in value).split())
    return line.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")

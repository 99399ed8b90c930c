"""Compare a run with a row of a documented table, figure by figure."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from burnproof.loadtest.baseline.compare import RULES, compare
from burnproof.loadtest.baseline.tables import TableError
from burnproof.loadtest.results.model import Reading, Result
from burnproof.model.measured import MILLISECONDS, PER_SECOND, RATIO, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from burnproof.loadtest.baseline.compare import Compared, Rule
    from burnproof.loadtest.baseline.tables import Figure, FigureTable
    from burnproof.model.measured import Unit

# As between two runs; other times may be as much worse as P95.
_P95, _RPS, _ERRORS = RULES
METRICS: Final = {
    "p50": replace(_P95, metric="response_time_median", title="P50"),
    "p95": _P95,
    "p99": replace(_P95, metric="response_time_p99", title="P99"),
    "mean": replace(_P95, metric="response_time_mean", title="Mean"),
    "max": replace(_P95, metric="response_time_max", title="Max"),
    "rps": _RPS,
    "errors": _ERRORS,
}
_UNITS: Final = {"requests_per_second": PER_SECOND, "error_rate": RATIO}
_ALIASES: Final = {
    "ops": "rps", "throughput": "rps", "median": "p50", "average": "mean", "avg": "mean", "error rate": "errors",
    "error_rate": "errors",
}  # fmt: skip
# Where a record has the figures of one endpoint.
_ENDINGS: Final = {
    "response_time_median": "p50", "response_time_p95": "p95", "response_time_p99": "p99", "response_time_max": "max",
    "error_rate": "error_rate",
}  # fmt: skip


def row_of(table: FigureTable, name: str) -> Mapping[str, Figure | None]:
    """Find a row by its name.

    Raises:
        TableError: there is none; the message says which ones there are.
    """
    if name in table.rows:
        return table.rows[name]
    near = difflib.get_close_matches(name, list(table.rows), n=3, cutoff=0.5) or list(table.rows)
    raise TableError(f"{table.name} has no row {name!r}; it has {', '.join(map(repr, near))}")


def metric_of(column: str, stated: Mapping[str, str]) -> str | None:
    """Give which figure of a run a column is about, as stated or by its name; None where it is about none."""
    lowered = column.lower()
    name = stated.get(column, _ALIASES.get(lowered, lowered))
    return name if name in METRICS else None


def against_row(
    run: Result, table: FigureTable, name: str, stated: Mapping[str, str] | None = None, endpoint: str = ""
) -> tuple[Result, tuple[Compared, ...], tuple[str, ...]]:
    """Compare a run, or one endpoint of it, with a row of a table.

    Args:
        run: a record.
        table: documented figures.
        name: of the row.
        stated: column to metric, for columns whose name does not say it.
        endpoint: which one of the run; all of it unless given.

    Returns:
        The row as a result, what was compared, and the columns that were not: with no figure, or none of a run's.

    Raises:
        TableError: no such row, nothing in it to compare with, or a unit that does not fit.
    """
    row = row_of(table, name)
    unknown = [column for column in stated or {} if column not in table.columns]
    if unknown:
        raise TableError(f"{table.name} has no column {unknown[0]!r}; it has {', '.join(table.columns)}")
    found: dict[str, Reading] = {}
    rules, left_out = [], []
    for column, figure in row.items():
        metric = metric_of(column, stated or {})
        if metric is None or figure is None:
            left_out.append(column)
            continue
        rules.append(METRICS[metric])
        found[METRICS[metric].metric] = _reading(table, name, column, figure, METRICS[metric])
    if not rules:
        reason = "no figure that a run has" if any(row.values()) else "no figure at all"
        raise TableError(f"{table.name}: the row {name!r} has {reason}; --column NAME=METRIC says which column is one")
    base = Result(f"{table.name}: {name}", "table", found)
    return base, compare(_of_endpoint(run, endpoint), base, rules), tuple(left_out)


def _reading(table: FigureTable, name: str, column: str, figure: Figure, rule: Rule) -> Reading:
    """Give a figure, a range by its worse end, in the unit that runs have it in."""
    unit: Unit = _UNITS.get(rule.metric, MILLISECONDS)
    own = figure.worse(is_ceiling=rule.is_ceiling)
    if own.unit.dimension is not unit.dimension:
        has = "has no unit" if own.unit is UNKNOWN else f"is {own.unit.dimension.value}"
        raise TableError(
            f"{table.name}: {column} of {name!r}, {figure.text}, {has}, where {rule.title} is {unit.dimension.value}; "
            f"write the unit into the header, such as {column} [{unit.name}]"
        )
    return Reading(own.within(unit).value, unit)


def _of_endpoint(run: Result, endpoint: str) -> Result:
    """Give the run as if it were of one endpoint alone.

    Raises:
        TableError: the run has none of this name.
    """
    if not endpoint:
        return run
    names = _endpoints(run.readings)
    if endpoint not in names:
        raise TableError(f"{run.name} has no endpoint {endpoint!r}; it has {', '.join(names) or 'none'}")
    readings = {
        path: run.readings[f"{endpoint}/{ending}"]
        for path, ending in _ENDINGS.items()
        if f"{endpoint}/{ending}" in run.readings
    }
    requests = run.readings[f"{endpoint}/requests"].value
    if requests is not None and run.run.duration:
        readings["requests_per_second"] = Reading(requests / run.run.duration, PER_SECOND)
    return replace(run, readings=readings)


def _endpoints(paths: Iterable[str]) -> list[str]:
    return [path.removesuffix("/requests") for path in paths if path.endswith("/requests")]

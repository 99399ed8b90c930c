"""Run ``burnproof baseline thresholds``: derive warning and critical bounds, and alerts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from burnproof.cli.errors import CANNOT
from burnproof.cli.messages import say
from burnproof.cli.run_options import DEFAULT_FOLDER, Folder
from burnproof.loadtest.baseline import report
from burnproof.loadtest.baseline.store import StoreError, stored
from burnproof.loadtest.baseline.threshold_tests import failures, proofs, tests_text
from burnproof.loadtest.baseline.thresholds import (
    DISTANCES,
    Distance,
    ThresholdError,
    alert_rules,
    bases_of,
    query_fault,
    rules_text,
    stated_base,
    stated_distance,
    thresholds,
)
from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.results.markdown import table
from burnproof.model.measured import QuantityError, quantity
from burnproof.model.quantities import UnitError
from burnproof.specs.keys.result_check import CHANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.baseline.thresholds import Threshold
    from burnproof.model.measured import Quantity

METRICS = {"p95": "response_time_p95", "rps": "requests_per_second", "errors": "error_rate"}
_NAMES = {metric: name for name, metric in METRICS.items()}


def derive(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The record to derive them from.")] = None,
    operation: Annotated[str, typer.Option(metavar="NAME", help="The operation; the newest record of it.")] = "",
    store: Folder = DEFAULT_FOLDER,
    target: Annotated[
        list[str] | None, typer.Option(metavar="M=V", help="Use a target as base: p95=5000ms, rps=5, errors=5%.")
    ] = None,
    distance: Annotated[
        list[str] | None, typer.Option(metavar="M=W,C", help="Another distance: errors=0.1pp,0.4pp or p95=25%,50%.")
    ] = None,
    alert: Annotated[
        list[str] | None, typer.Option(metavar="M=PROMQL", help="Print alerting rules; the query gives the metric now.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Write the alerts there; to stdout unless given.")
    ] = None,
    tests: Annotated[
        Path | None, typer.Option("--tests", metavar="FILE", help="Write their rule tests there; needs --rules.")
    ] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
) -> int:
    """Derive warning and critical thresholds: P95 +25 % and +50 %, RPS -10 % and -20 %, errors +1 and +5 points."""
    if (rules or tests) and not alert:
        raise typer.BadParameter("--rules and --tests are for alerts: give --alert too.")
    if tests and not rules:
        raise typer.BadParameter("--tests needs --rules: the tests name the file of the rules.")
    targets = {metric: _target(metric, text) for metric, text in _assigned(target).items()}
    queries = _assigned(alert)
    distances = _distances(distance)
    for metric, query in queries.items():
        if fault := query_fault(query):
            raise typer.BadParameter(f"--alert {_NAMES[metric]}={query}: {fault}.")
    try:
        bases = _bases(file, operation, store) if file or (operation and store.is_dir()) or not targets else {}
        made = thresholds(bases | targets, distances)
    except (StoreError, ThresholdError) as error:
        say(f"burnproof: {error}")
        return CANNOT
    baseless = sorted(_NAMES[metric] for metric in queries.keys() - {one.metric for one in made})
    if baseless:
        name = baseless[0]
        say(f"burnproof: the alert on {name} has no threshold: give --target {name}=…, or a record that has {name}")
        return CANNOT
    if queries:
        return _alerts(alert_rules(operation or "baseline", made, queries), made, queries, rules, tests)
    form = table if as_markdown else report.rows_text
    sys.stdout.write(form(report.THRESHOLDS, report.threshold_rows(made)))
    return 0


def _alerts(
    document: dict[str, Any], made: Sequence[Threshold], queries: dict[str, str], rules: Path | None, tests: Path | None
) -> int:
    """Prove alerts and write them with their proofs; what cannot be proved is said."""
    text = rules_text(document)
    proved, unproved = proofs(document["groups"][0]["rules"], made, queries)
    failed = failures(text, proved) if proved else ()
    for name in failed:
        say(f"burnproof: the proof fails: {name}")
    if failed:
        return 1
    if rules is None:
        sys.stdout.write(text)
    else:
        _write(rules, text)
    if tests is not None and rules is not None and proved:
        _write(tests, tests_text(proved, Path(os.path.relpath(rules, tests.parent)).as_posix()))
    if unproved:
        say(f"Unproved: {', '.join(unproved)}. The query is more than a selector, or a sum of one; record it by a rule")
        say("of its own, such as job:p95:5m, and give that.")
    if proved:
        say(f"{len(proved)} rule tests passed.")
    return 0


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _bases(file: Path | None, operation: str, store: Path) -> dict[str, Quantity]:
    """Take the bases from a record.

    Raises:
        StoreError: there is none that is sound.
    """
    if file is None:
        if not operation:
            raise StoreError("name a result file, an operation with --operation, or targets with --target")
        known = stored(store, operation).records
        if not known:
            raise StoreError(f"no run of {operation!r} is recorded in {store}")
        file = Path(known[-1].name)
    found = read_result(file)
    if found.fault:
        raise StoreError(f"{file}: {found.fault}")
    return bases_of(found)


def _target(metric: str, text: str) -> Quantity:
    try:
        return stated_base(metric, quantity(text))
    except (QuantityError, ThresholdError) as error:
        raise typer.BadParameter(f"--target {_NAMES[metric]}={text}: {error}.") from None


def _distances(given: list[str] | None) -> tuple[Distance, ...]:
    """Read ``errors=0.1pp,0.4pp`` options over the usual distances.

    Raises:
        typer.BadParameter: one cannot be read, or cannot be meant.
    """
    found = {usual.metric: usual for usual in DISTANCES}
    for metric, text in _assigned(given).items():
        try:
            warning, critical = (CHANGE.parse(part) for part in text.split(","))
            found[metric] = stated_distance(metric, warning, critical)
        except UnitError as error:
            raise typer.BadParameter(f"{error.message}; {error.hint}") from None
        except ThresholdError as error:
            raise typer.BadParameter(f"--distance {_NAMES[metric]}={text}: {error}.") from None
        except ValueError:
            raise typer.BadParameter(f"{text!r}: write a warning and a critical distance, such as 25%,50%.") from None
    return tuple(found.values())


def _assigned(given: list[str] | None) -> dict[str, str]:
    """Read ``p95=…`` options by metric.

    Raises:
        typer.BadParameter: no such metric, one twice, or no value.
    """
    found: dict[str, str] = {}
    for text in given or ():
        name, _, value = text.partition("=")
        if name not in METRICS or not value.strip():
            raise typer.BadParameter(f"{text!r}: write one of {', '.join(METRICS)}, = and a value.")
        if METRICS[name] in found:
            raise typer.BadParameter(f"{text!r}: {name} is given twice; keep one of the two.")
        found[METRICS[name]] = value.strip()
    return found

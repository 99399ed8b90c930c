"""Keep results as records in a folder: one JSON file for each run, found by operation and time."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.baseline.run_metadata import differences, unstated
from burnproof.loadtest.results import record as records
from burnproof.loadtest.results.formats import read_result
from burnproof.loadtest.results.record import RunRecord, kept_reading
from burnproof.loadtest.results.time_series import Course
from burnproof.model.measured import COUNT, MILLISECONDS, Dimension, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from burnproof.loadtest.results.model import Reading, Result

# Where each format has what a record holds.
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "Locust statistics": {
        "response_time_mean": "Aggregated/Average Response Time", "response_time_median": "Aggregated/50%",
        "response_time_p95": "Aggregated/95%", "response_time_p99": "Aggregated/99%",
        "response_time_max": "Aggregated/Max Response Time", "requests_per_second": "Aggregated/Requests/s",
    },
    "k6 summary": {
        "response_time_mean": "http_req_duration/avg", "response_time_median": "http_req_duration/med",
        "response_time_p95": "http_req_duration/p(95)", "response_time_p99": "http_req_duration/p(99)",
        "response_time_max": "http_req_duration/max", "requests_per_second": "http_reqs/rate",
    },
    "streaming report": {
        "response_time_median": "first_byte_latency_ms.p50", "response_time_p95": "first_byte_latency_ms.p95",
        "response_time_p99": "first_byte_latency_ms.p99",
    },
}  # fmt: skip
_OWN: Final = {name: name for name in (*records.TIMES, "requests_per_second")}


class StoreError(Exception):
    """A result that cannot be kept, or a folder that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a folder holds: sound records, oldest first, and files that are none with the reason."""

    records: tuple[Result, ...]
    faulty: tuple[Result, ...]


def record_of(result: Result, now: datetime) -> tuple[RunRecord, dict[str, Any]]:
    """Make a record of any result whose run is stated, and what else it holds by path.

    Raises:
        StoreError: the result is at fault, or does not state what makes it comparable.
    """
    run = result.run
    if result.fault:
        raise StoreError(f"{result.name}: {result.fault.rstrip('.')}; a baseline must be a good run")
    missing = unstated(run)
    if missing:
        options = ", ".join(f"--{'app-version' if name == 'version' else name}" for name in missing)
        raise StoreError(f"{result.name} does not state its {', '.join(missing)}: give {options}")
    if run.requests is None or run.failures is None or not run.duration:
        raise StoreError(f"{result.name} does not say how many requests were made and failed, and for how long")
    paths = _FIELDS.get(result.format, _OWN)
    times = {name: _value(result, paths.get(name, ""), milliseconds=True) for name in records.TIMES}
    rate = _value(result, paths.get("requests_per_second", ""), milliseconds=False)
    made = RunRecord(
        operation=run.operation,
        environment=run.environment,
        version=run.version,
        timestamp=run.timestamp or now,
        **times,
        requests_per_second=rate if rate is not None else Decimal(run.requests) / run.duration,
        concurrent_users=run.users or 0,
        total_requests=run.requests,
        error_rate=Decimal(run.failures) / run.requests if run.requests else None,
        error_count=run.failures,
        test_duration=run.duration,
        git_revision=run.revision,
    )
    further = {
        path: kept_reading(found)
        for path, found in result.readings.items()
        if found.value is not None and not found.trouble and found.unit.dimension is not Dimension.TRUTH
        if result.format != records.FORMAT or path not in records.RECORD_KEYS
    }
    return made, further


def _value(result: Result, path: str, *, milliseconds: bool) -> Decimal | None:
    found = result.readings.get(path)
    if found is None or found.value is None or found.trouble:
        return None
    if milliseconds and found.unit.dimension is Dimension.TIME:
        return Quantity(found.value, found.unit).within(MILLISECONDS).value
    return found.value


def keep(folder: Path, result: Result, now: datetime | None = None) -> Path:
    """Write a result into the folder; give the file's path.

    Raises:
        StoreError: see ``record_of``; or there is a record of the same operation and second.
    """
    made, further = record_of(result, now or datetime.now(UTC))
    try:
        path = folder / made.file_name
    except ValueError as error:
        raise StoreError(str(error)) from None
    if path.exists():
        raise StoreError(f"{path} exists already; a record is never overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    document = made.as_json() | ({"readings": further} if further else {}) | _course_of(result)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def _course_of(result: Result) -> dict[str, Any]:
    """Give the course of a run as a record keeps it; nothing where it has none."""
    samples = next(iter(result.series.values()), ())
    if not samples or result.run.timestamp is None or result.format != records.FORMAT:
        return {}
    began = Decimal(str(result.run.timestamp.timestamp()))
    series = {
        path: (result.readings[path].unit if path in result.readings else COUNT, tuple(one.value for one in found))
        for path, found in result.series.items()
    }
    return {"course": Course(tuple(sample.time - began for sample in samples), series).as_json()}


def stored(folder: Path, operation: str = "") -> Stored:
    """Read the records of a folder, of one operation or of all.

    Raises:
        StoreError: there is no such folder.
    """
    if not folder.is_dir():
        raise StoreError(f"there is no folder {folder}; `burnproof baseline record` makes one")
    found = [read_result(path) for path in sorted(folder.glob("*.json"))]
    sound = [one for one in found if one.format == records.FORMAT and not one.fault and one.run.timestamp]
    faulty = [one for one in found if one not in sound]
    picked = [one for one in sound if not operation or one.run.operation == operation]
    return Stored(tuple(sorted(picked, key=_moment)), tuple(faulty))


def _moment(result: Result) -> datetime:
    return result.run.timestamp or datetime.min.replace(tzinfo=UTC)


def latest_comparable(
    result: Result, candidates: Iterable[Result], *, across_versions: bool = False, operation: str = ""
) -> tuple[Result | None, str]:
    """Find the newest record that a run may be compared with; without one, say why the newest one may not.

    ``operation`` names another operation on purpose, such as the normal load that a spike is held against.
    """
    run = result.run
    wanted = operation or run.operation
    of_operation = [found for found in candidates if not wanted or found.run.operation == wanted]
    if not of_operation:
        return None, f"no baseline of the operation {wanted!r} is recorded"
    others = [found for found in of_operation if is_before(result, found)]
    if not others:
        return None, f"no baseline of the operation {wanted!r} is older than the run itself"
    refusals: tuple[str, ...] = ()
    for found in sorted(others, key=_moment, reverse=True):
        reasons = differences(run, found.run, across_versions=across_versions, across_loads=bool(operation))
        if not reasons:
            return found, ""
        refusals = refusals or reasons
    return None, " ".join(refusals)


def is_before(result: Result, record: Result) -> bool:
    """Tell whether a record is of no later run, so that it can be a baseline: a run is no baseline of itself.

    A result that does not say when it was made is taken to be newer than all records but the one made of it. Of
    another operation a newer run will do as well: it is another load on the same day, not what came before.
    """
    if is_copy(result, record):
        return False
    ours, theirs = result.run.timestamp, record.run.timestamp
    return ours is None or theirs is None or record.run.operation != result.run.operation or theirs <= ours


def is_copy(result: Result, record: Result) -> bool:
    """Tell whether a record holds all that a result does, so that it is this very run."""
    ours, theirs = result.run, record.run
    if (ours.requests, ours.failures) != (theirs.requests, theirs.failures):
        return False
    if ours.timestamp is not None and ours.timestamp != theirs.timestamp:
        return False
    shared = [path for path in result.readings if path in record.readings]
    return bool(shared) and all(_same(result.readings[path], record.readings[path]) for path in shared)


def _same(ours: Reading, theirs: Reading) -> bool:
    """Tell whether two readings are one; JSON keeps fewer digits than a quotient has."""
    if ours.quantity is None or theirs.quantity is None:
        return ours.quantity is theirs.quantity
    return math.isclose(ours.quantity.canonical, theirs.quantity.canonical, rel_tol=1e-9)

"""Read and write burnproof's result record: one flat JSON object for each run.

Its first fifteen fields are the de-facto record of load-test baselines; response times are milliseconds,
``error_rate`` is a ratio, ``test_duration`` seconds. ``schema`` and ``git_revision`` follow, and for a run of
streaming sessions the sections of the streaming report; ``readings`` of each endpoint, the ``course`` of the run, and
what the ``load_generator`` says of itself are optional.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from burnproof.loadtest.results.any_json import reading
from burnproof.loadtest.results.model import Reading, Result, Run, Sample
from burnproof.loadtest.results.time_series import CourseError, read_course
from burnproof.model.measured import (
    COUNT,
    MILLISECONDS,
    PER_SECOND,
    RATIO,
    SECONDS,
    UNKNOWN,
    QuantityError,
    Unit,
)
from burnproof.model.measured import unit as unit_named

FORMAT: Final = "load-test record"
SCHEMA: Final = "burnproof/result/v1"
TIMES: Final = (
    "response_time_mean",
    "response_time_median",
    "response_time_p95",
    "response_time_p99",
    "response_time_max",
)
_UNITS: Final = dict.fromkeys(TIMES, MILLISECONDS) | {
    "requests_per_second": PER_SECOND, "concurrent_users": COUNT, "total_requests": COUNT, "error_rate": RATIO,
    "error_count": COUNT, "test_duration": SECONDS,
}  # fmt: skip
# A rate that was rounded for people still agrees with its counts this far.
_ROUNDING: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it is written; the fields are those of the file, in its order."""

    operation: str
    environment: str
    version: str
    timestamp: datetime
    response_time_mean: Decimal | None
    response_time_median: Decimal | None
    response_time_p95: Decimal | None
    response_time_p99: Decimal | None
    response_time_max: Decimal | None
    requests_per_second: Decimal
    concurrent_users: int
    total_requests: int
    error_rate: Decimal | None
    error_count: int
    test_duration: Decimal
    git_revision: str = ""

    @property
    def file_name(self) -> str:
        """The name the record is kept under."""
        return record_name(self.operation, self.timestamp)

    def as_json(self) -> dict[str, Any]:
        """Give the JSON object: the fields in order, then the schema and the revision."""
        values = {item.name: _json(getattr(self, item.name)) for item in fields(self) if item.name != "git_revision"}
        return {**values, "schema": SCHEMA, "git_revision": self.git_revision}

    def text(self) -> str:
        """Give the file's text."""
        return json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"


RECORD_KEYS: Final = tuple(item.name for item in fields(RunRecord))[:-1]


def record_name(operation: str, timestamp: datetime) -> str:
    """Name a record's file; the time is UTC, so that names of one operation sort by it.

    Raises:
        ValueError: the operation's name cannot be part of a file name.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", operation):
        raise ValueError(f"the operation {operation!r} cannot name a file: use letters, digits, _ . and -")
    return f"{operation}_{timestamp.astimezone(UTC):%Y%m%d_%H%M%S}.json"


def _json(value: Any) -> Any:
    """Give a value as JSON has it; decimals become the shortest number that equals them."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) and "." not in str(value) else float(value)
    return value


def is_record(root: Any) -> bool:
    """Recognise a record by its schema or by some of its fields: an incomplete one must not pass for plain JSON."""
    if not isinstance(root, dict):
        return False
    schema = root.get("schema")
    if isinstance(schema, str) and schema.startswith("burnproof/result/"):
        return True
    return "operation" in root and sum(key in root for key in _UNITS) >= 3


def read(name: str, root: dict[str, Any]) -> Result:
    """Read a record; a field that is missing or contradicts another is a fault of the whole file."""
    run = run_of(root)
    series, damage = _series(root, run)
    readings = {
        key: reading(key, root.get(key), unit, run.requests, run.failures)
        for key, unit in _UNITS.items()
        if key in root
    }
    every = {**further_readings(root.get("readings")), **readings}
    return Result(name, FORMAT, every, run, fault=_fault(root, run) or damage, series=series)


def _series(root: dict[str, Any], run: Run) -> tuple[dict[str, tuple[Sample, ...]], str]:
    """Read the course of the run, where the record has one, and what is wrong with it."""
    if "course" not in root or run.timestamp is None:
        return {}, ""
    try:
        return read_course(root["course"]).samples(run.timestamp), ""
    except CourseError as error:
        return {}, str(error)


def further_readings(kept: Any) -> dict[str, Reading]:
    """Read what a record keeps of another format's numbers: path to value, unit and samples."""
    found = {}
    for path, item in kept.items() if isinstance(kept, dict) else ():
        if not isinstance(item, dict):
            continue
        unit = _named_unit(str(item.get("unit")))
        found[path] = reading("", item.get("value"), unit, _whole(item.get("samples")))
    return found


def _named_unit(name: str) -> Unit:
    try:
        return unit_named(name)
    except QuantityError:
        return UNKNOWN


def kept_reading(made: Reading) -> dict[str, Any]:
    """Give what ``further_readings`` reads back."""
    unit = "count" if made.unit is COUNT else made.unit.name
    return {"value": _json(made.value), "unit": unit, "samples": made.samples}


def run_of(root: dict[str, Any]) -> Run:
    """Give what the record says of its run."""
    requests, errors = _whole(root.get("total_requests")), _whole(root.get("error_count"))
    users = _whole(root.get("concurrent_users"))
    duration = root.get("test_duration")
    return Run(
        operation=_text(root.get("operation")),
        environment=_text(root.get("environment")),
        version=_text(root.get("version")),
        revision=_text(root.get("git_revision")),
        timestamp=moment(root.get("timestamp")),
        duration=duration if isinstance(duration, Decimal) and duration.is_finite() else None,
        users=users,
        requests=requests,
        failures=errors,
    )


def _fault(root: dict[str, Any], run: Run) -> str:
    """Say why the record cannot be trusted as a whole."""
    schema = root.get("schema", SCHEMA)
    if schema != SCHEMA:
        return f"its schema {schema!r} is not {SCHEMA}"
    missing = [key for key in RECORD_KEYS if key not in root]
    if missing:
        return f"the record is incomplete: {', '.join(missing)} missing"
    if run.timestamp is None:
        return f"its timestamp {str(root['timestamp'])[:40]!r} is no ISO 8601 time"
    if run.requests is None or run.failures is None:
        return "total_requests and error_count must be counts"
    if run.failures > run.requests:
        return f"it counts {run.failures} errors in {run.requests} requests"
    rate = root["error_rate"]
    if run.requests and isinstance(rate, Decimal) and rate.is_finite():
        counted = Decimal(run.failures) / run.requests
        if abs(counted - rate) > _ROUNDING:
            return f"error_rate is {rate}, but {run.failures} errors in {run.requests} requests are {counted:.4f}"
    if run.duration is None or run.duration <= 0:
        return "the run has no duration"
    return _impossible(root)


def _impossible(root: dict[str, Any]) -> str:
    """Say which figures no run can have; ones that only no closed loop has are nobody's business."""
    negative = next((key for key in _UNITS if isinstance(root[key], Decimal) and root[key] < 0), "")
    return f"{negative} is {root[negative]}" if negative else ""


def untrusted(root: dict[str, Any]) -> str:
    """Say why the load generator's own figures are no evidence; "" where it trusts them, or says nothing of itself.

    Whatever is not plainly ``trusted: true`` is not trusted: a late generator asks less of its target than it claims.
    """
    if "load_generator" not in root:
        return ""
    said = root["load_generator"]
    if isinstance(said, dict) and said.get("trusted") is True:
        return ""
    reasons = said.get("reasons") if isinstance(said, dict) else None
    told = " ".join(_text(reason) for reason in reasons).strip() if isinstance(reasons, list) else ""
    return f"the load generator does not trust its figures: {told or 'it does not say why'}"


def moment(value: Any) -> datetime | None:
    """Read an ISO 8601 time; one without a zone is UTC, which is what burnproof writes."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return (
        int(value) if isinstance(value, Decimal) and value.is_finite() and value >= 0 and value == int(value) else None
    )

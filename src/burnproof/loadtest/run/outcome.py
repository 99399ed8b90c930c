"""Write a finished run as a record, with the sections of the streaming report if there were sessions."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.gate.override import OverrideError, override
from burnproof.loadtest.results.model import Reading
from burnproof.loadtest.results.record import RunRecord, kept_reading
from burnproof.loadtest.results.streaming import Distribution, Objective, StreamingReport
from burnproof.loadtest.run.samples import Samples, mean, percentile
from burnproof.loadtest.run.time_series import WATCHED
from burnproof.model.measured import COUNT, MILLISECONDS, PER_SECOND, RATIO, SECONDS, Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from burnproof.loadtest.results.time_series import Course
    from burnproof.loadtest.run.profile import Profile

TARGETS: Final = (
    ("SLO_FIRST_BYTE_P95_MS", Quantity(Decimal(500), MILLISECONDS)),
    ("SLO_MSG_THROUGHPUT_MIN", Quantity(Decimal(10), PER_SECOND)),
    ("SLO_RECONNECT_RATE_MIN", Quantity(Decimal("0.99"), RATIO)),
    ("SLO_COMPLETION_P99_S", Quantity(Decimal(30), SECONDS)),
)
"""The streaming baseline's targets, inclusive, each with the variable that overrides it; in the report's order."""
_ERRORS: Final = 20


class TargetError(ValueError):
    """A variable that is no number."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the user says of a run."""

    environment: str
    version: str
    revision: str


@dataclass(frozen=True, slots=True)
class Made:
    """A run as it is written: the record, the streaming report if it was one, and the JSON of both."""

    record: RunRecord
    report: StreamingReport | None
    document: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The file's text."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"


def targets(env: Mapping[str, str] = os.environ) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Give the streaming targets: milliseconds, messages a second, ratio, seconds; variables are read as the gate does.

    Raises:
        TargetError: a variable holds no positive number of its unit.
    """
    first_byte, throughput, reconnections, completion = (_target(name, usual, env) for name, usual in TARGETS)
    return first_byte, throughput, reconnections, completion


def _target(name: str, usual: Quantity, env: Mapping[str, str]) -> Decimal:
    try:
        given = override(name, env, usual.unit) or usual
    except OverrideError as error:
        raise TargetError(str(error).rstrip(".")) from None
    if given.unit.dimension is not usual.unit.dimension:
        raise TargetError(f"{name}={env[name]} is {given.unit.dimension}, not {usual.unit.dimension}")
    value = given.within(usual.unit).value
    if value <= 0:
        raise TargetError(f"{name}={env[name]} is no positive number")
    if usual.unit is RATIO and value > 1:
        raise TargetError(f"{name}={env[name]} is a ratio: write 0.99 or 99%")
    return value


def made_of(
    profile: Profile, samples: Samples, started: datetime, seconds: float, distrusted: tuple[str, ...], facts: Facts,
    aims: tuple[Decimal, Decimal, Decimal, Decimal], course: Course | None = None,
) -> Made:  # fmt: skip
    """Make the record and the report of a run; the course of it goes into the record.

    Response times are of what succeeded: a fast failure must not make a latency look good. For sessions they are the
    times to the final result. Percentiles are exact but for the resolution of the record, a microsecond.
    """
    record = _record(profile, samples, started, seconds, facts)
    document: dict[str, Any] = record.as_json()
    report = None
    if profile.sessions is not None:
        report = _report(profile, samples, record, started, aims, distrusted)
        document |= report.as_json()
    readings = _readings(samples) | (_watched(course) if course else {})
    document["readings"] = {path: kept_reading(made) for path, made in readings.items()}
    if course is not None:
        document["course"] = course.as_json()
    document["load_generator"] = {"trusted": not distrusted, "reasons": list(distrusted)}
    return Made(record, report, document)


def _record(profile: Profile, samples: Samples, started: datetime, seconds: float, facts: Facts) -> RunRecord:
    times = [took * 1000 for took in samples.completions] if profile.sessions else samples.all_times()
    failures = samples.failed + sum(made.failures for made in samples.requests.values())
    total = len(times) + failures
    lasted = Decimal(str(round(seconds, 3)))
    return RunRecord(
        operation=profile.record_name,
        environment=facts.environment,
        version=facts.version,
        timestamp=started,
        response_time_mean=_decimal(mean(times)),
        response_time_median=_decimal(percentile(times, 0.5)),
        response_time_p95=_decimal(percentile(times, 0.95)),
        response_time_p99=_decimal(percentile(times, 0.99)),
        response_time_max=_decimal(max(times, default=None)),
        # Of all requests, failed ones too: what the target was asked, not what it managed.
        requests_per_second=_decimal(total / seconds) or Decimal(0),
        concurrent_users=profile.most_users,
        total_requests=total,
        error_rate=_decimal(failures / total) if total else None,
        error_count=failures,
        test_duration=lasted,
        git_revision=facts.revision,
    )


def _report(
    profile: Profile, samples: Samples, record: RunRecord, started: datetime,
    aims: tuple[Decimal, Decimal, Decimal, Decimal], distrusted: tuple[str, ...],
) -> StreamingReport:  # fmt: skip
    first, rates, done = samples.first_bytes, samples.rates, samples.completions
    reconnected = Decimal(samples.successes) / samples.attempts if samples.attempts else None
    actual = (
        _decimal(percentile(first, 0.95)),
        _decimal(percentile(rates, 0.05)),
        reconnected,
        _decimal(percentile(done, 0.99)),
    )
    objectives = tuple(
        Objective(_met(found, aim, is_ceiling=is_ceiling), found, aim)
        for found, aim, is_ceiling in zip(actual, aims, (True, False, False, True), strict=True)
    )
    counted = sorted(samples.errors.items(), key=lambda item: -item[1])[:_ERRORS]
    return StreamingReport(
        concurrency=profile.most_users,
        target_duration=Decimal(str(profile.seconds)),
        actual_duration=record.test_duration,
        started_at=started.isoformat(),
        completed_at=(started + _seconds(record.test_duration)).isoformat(),
        completed=samples.completed,
        failed=samples.failed,
        first_byte=Distribution(*(_decimal(percentile(first, share)) for share in (0.5, 0.95, 0.99))),
        throughput=Distribution(
            _decimal(mean(rates)), _decimal(min(rates, default=None)), _decimal(percentile(rates, 0.05))
        ),
        completion=Distribution(*(_decimal(percentile(done, share)) for share in (0.5, 0.95, 0.99))),
        attempts=samples.attempts,
        successes=samples.successes,
        objectives=(objectives[0], objectives[1], objectives[2], objectives[3]),
        errors=(*(f"{count} x {error}" for error, count in counted), *distrusted),
    )


def _met(actual: Decimal | None, aim: Decimal, *, is_ceiling: bool) -> bool:
    if actual is None:
        return False
    return actual <= aim if is_ceiling else actual >= aim


def _readings(samples: Samples) -> dict[str, Reading]:
    """Give the figures of each endpoint, and those of the load generator itself."""
    found: dict[str, Reading] = {}
    for title, made in samples.requests.items():
        for name, value in _figures(made.times):
            found[f"{title}/{name}"] = Reading(_decimal(value), MILLISECONDS, samples=len(made.times))
        share = made.failures / made.total if made.total else None
        found[f"{title}/error_rate"] = Reading(_decimal(share), RATIO, samples=made.total)
        found[f"{title}/requests"] = Reading(Decimal(made.total), COUNT, samples=made.total)
    for name, value in _figures(samples.delays):
        found[f"load_generator/delay/{name}"] = Reading(_decimal(value), MILLISECONDS, samples=len(samples.delays))
    found["load_generator/busy"] = Reading(_decimal(samples.busy), RATIO, samples=len(samples.delays))
    return found


def _watched(course: Course) -> dict[str, Reading]:
    """Give the highest that was seen of each gauge of the target."""
    seen = {
        path: (unit, [value for value in values if value is not None])
        for path, (unit, values) in course.series.items()
        if path.startswith(WATCHED)
    }
    return {path: Reading(max(values), unit, samples=len(values)) for path, (unit, values) in seen.items() if values}


def _figures(times: Any) -> tuple[tuple[str, float | None], ...]:
    shares = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    return (*((name, percentile(times, share)) for name, share in shares), ("max", max(times, default=None)))


def _seconds(value: Decimal) -> timedelta:
    return timedelta(seconds=float(value))


def _decimal(value: float | None) -> Decimal | None:
    """Give a figure with as many digits as it deserves: microseconds of a millisecond figure."""
    return None if value is None else Decimal(str(round(value, 6)))

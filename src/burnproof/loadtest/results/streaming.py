"""Read and write the report of a run of streaming sessions.

The JSON has the sections configuration, timing, results, metrics, slo_validation, all_slos_passed and errors.
Percentiles are over completed sessions only; p5 of the throughput is its floor, which 95 % of sessions exceed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from burnproof.loadtest.results.any_json import reading
from burnproof.loadtest.results.model import Reading, Result, Run
from burnproof.loadtest.results.record import moment
from burnproof.model.measured import COUNT, MILLISECONDS, PER_SECOND, RATIO, SECONDS, TRUTH

FORMAT: Final = "streaming report"
SECTIONS: Final = ("configuration", "timing", "results", "metrics", "slo_validation", "all_slos_passed", "errors")
_ROUNDING: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Distribution:
    """Three numbers of a distribution; which ones depends on what it is of. None without a completed session."""

    first: Decimal | None
    second: Decimal | None
    third: Decimal | None


@dataclass(frozen=True, slots=True)
class Objective:
    """How one objective came out; ``actual`` is None where there were no data, which never passes."""

    passed: bool
    actual: Decimal | None
    target: Decimal


@dataclass(frozen=True, slots=True)
class StreamingReport:
    """A run of streaming sessions.

    Attributes:
        first_byte: p50, p95, p99 in milliseconds, from the session's start to the first streamed byte.
        throughput: mean, min, p5 of messages per second and session.
        completion: p50, p95, p99 in seconds, from start to final result.
        attempts: Reconnections that were attempted.
        successes: Reconnections that succeeded.
        objectives: First byte, throughput, reconnection and completion, in this order.
        errors: What went wrong, as text.
    """

    concurrency: int
    target_duration: Decimal
    actual_duration: Decimal
    started_at: str
    completed_at: str
    completed: int
    failed: int
    first_byte: Distribution
    throughput: Distribution
    completion: Distribution
    attempts: int
    successes: int
    objectives: tuple[Objective, Objective, Objective, Objective]
    errors: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All sessions that ended."""
        return self.completed + self.failed

    @property
    def all_passed(self) -> bool:
        """Whether every objective was met, by at least one completed session."""
        return self.completed > 0 and all(objective.passed for objective in self.objectives)

    def as_json(self) -> dict[str, Any]:
        """Give the JSON object with exactly the fields that readers of this report expect."""
        names = ("first_byte_latency", "message_throughput", "reconnection_success_rate", "debate_completion")
        return {
            "configuration": {
                "concurrency": self.concurrency,
                "target_duration_seconds": _float(self.target_duration),
                "total_debates": self.total,
            },
            "timing": {
                "actual_duration_seconds": _float(self.actual_duration),
                "started_at": self.started_at,
                "completed_at": self.completed_at,
            },
            "results": {
                "completed_debates": self.completed,
                "failed_debates": self.failed,
                "success_rate": _float(_share(self.completed, self.total)),
            },
            "metrics": {
                "first_byte_latency_ms": _named(("p50", "p95", "p99"), self.first_byte),
                "message_throughput_per_sec": _named(("mean", "min", "p5"), self.throughput),
                "reconnection": {
                    "total_attempts": self.attempts,
                    "success_rate": _float(_share(self.successes, self.attempts)),
                },
                "debate_completion_s": _named(("p50", "p95", "p99"), self.completion),
            },
            "slo_validation": {
                name: {"passed": made.passed, "actual": _float(made.actual), "target": _float(made.target)}
                for name, made in zip(names, self.objectives, strict=True)
            },
            "all_slos_passed": self.all_passed,
            "errors": list(self.errors),
        }


def _named(names: tuple[str, str, str], values: Distribution) -> dict[str, float | None]:
    return dict(zip(names, (_float(values.first), _float(values.second), _float(values.third)), strict=True))


def _share(part: int, whole: int) -> Decimal | None:
    """Give part / whole; nothing of nothing is no share."""
    return Decimal(part) / whole if whole else None


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def is_report(root: Any) -> bool:
    """Recognise a report by three of its sections."""
    return isinstance(root, dict) and sum(name in root for name in SECTIONS) >= 3 and "slo_validation" in root


# (path, unit, what its samples count)
_METRICS: Final = (
    *((f"first_byte_latency_ms.{q}", MILLISECONDS, "completed") for q in ("p50", "p95", "p99")),
    *((f"message_throughput_per_sec.{q}", PER_SECOND, "completed") for q in ("mean", "min", "p5")),
    ("reconnection.total_attempts", COUNT, ""),
    ("reconnection.success_rate", RATIO, "attempts"),
    *((f"debate_completion_s.{q}", SECONDS, "completed") for q in ("p50", "p95", "p99")),
)
_OTHERS: Final = (
    ("results.completed_debates", COUNT), ("results.failed_debates", COUNT), ("results.success_rate", RATIO),
    ("configuration.concurrency", COUNT), ("configuration.total_debates", COUNT),
    ("configuration.target_duration_seconds", SECONDS), ("timing.actual_duration_seconds", SECONDS),
    ("all_slos_passed", TRUTH),
)  # fmt: skip


def read(name: str, root: dict[str, Any]) -> Result:
    """Read a report; metrics can be named with or without ``metrics.`` in front."""
    total = _whole(_at(root, "configuration.total_debates"))
    completed, failed = _whole(_at(root, "results.completed_debates")), _whole(_at(root, "results.failed_debates"))
    attempts = _whole(_at(root, "metrics.reconnection.total_attempts"))
    readings: dict[str, Reading] = {}
    for path, unit, counted in _METRICS:
        value = _at(root, f"metrics.{path}")
        if value is _MISSING:
            continue
        samples = {"completed": completed, "attempts": attempts}.get(counted)
        made = reading(path, value, unit, samples)
        if counted == "attempts" and attempts == 0:
            made = Reading(None, unit, samples=0, trouble="no reconnection was attempted, so there are no data")
        readings[path] = readings[f"metrics.{path}"] = made
    for path, unit in _OTHERS:
        value = _at(root, path)
        if value is not _MISSING:
            readings[path] = reading(path, value, unit, total)
    run = Run(
        timestamp=moment(_at(root, "timing.started_at")),
        duration=_number(_at(root, "timing.actual_duration_seconds")),
        users=_whole(_at(root, "configuration.concurrency")),
        requests=total,
        failures=failed,
    )
    return Result(name, FORMAT, readings, run, fault=_fault(root, total, completed, failed))


def _fault(root: dict[str, Any], total: int | None, completed: int | None, failed: int | None) -> str:
    missing = [section for section in SECTIONS if section not in root]
    if missing:
        return f"the report is incomplete: {', '.join(missing)} missing"
    if total is None or completed is None or failed is None:
        return "total_debates, completed_debates and failed_debates must be counts"
    if completed == 0:
        return "no session was completed"
    if completed + failed > total:
        return f"{completed} completed and {failed} failed sessions are more than the {total} in total"
    rate = _number(_at(root, "results.success_rate"))
    if rate is None or abs(rate - Decimal(completed) / total) > _ROUNDING:
        return f"success_rate is {rate}, but {completed} of {total} sessions were completed"
    return ""


_MISSING: Final = object()


def _at(root: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(root, dict) or key not in root:
            return _MISSING
        root = root[key]
    return root


def _number(value: Any) -> Decimal | None:
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _whole(value: Any) -> int | None:
    found = _number(value)
    return int(found) if found is not None and found >= 0 and found == int(found) else None

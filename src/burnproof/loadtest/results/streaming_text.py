"""Write a streaming report for a terminal.

Numbers are rounded for the eye, but never so that a value beyond its target looks as if it stood on it.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from burnproof.loadtest.results.streaming import Distribution, Objective, StreamingReport

WIDTH: Final = 70
# (title, unit, whether the unit is repeated behind the target, whether smaller is better, digits, digits of headroom)
_LINES: Final = (
    ("First Byte Latency p95", "ms", True, True, 2, 2),
    ("Message Throughput", "messages/sec/debate", False, False, 2, 2),
    ("Reconnection Success Rate", "ratio", False, False, 4, 4),
    ("End-to-End Debate Completion p99", "seconds", False, True, 3, 2),
)


def human_report(report: StreamingReport, product: str = "ARAGORA") -> str:
    """Give the report of a run, ending in a line break."""
    frame, rule = "=" * WIDTH, "-" * WIDTH
    share = _percent(report.completed, report.total, 1)
    rate = _percent(report.successes, report.attempts, 2)
    lines = [
        frame,
        f"  {product} STREAMING SLO BASELINE REPORT",
        frame,
        f"Configuration: {report.concurrency} concurrent, {_rounded(report.actual_duration, 2)}s duration",
        f"Debates: {report.completed}/{report.total} completed ({share} success)",
        f"First Byte Latency (ms): {_three(('p50', 'p95', 'p99'), report.first_byte, 2)}",
        f"Message Throughput (messages/sec/debate): {_three(('mean', 'min', 'p5'), report.throughput, 2)}",
        f"Reconnection: attempts {report.attempts}, successes {report.successes}, rate {rate}",
        f"Debate Completion (s): {_three(('p50', 'p95', 'p99'), report.completion, 3)}",
        rule,
        "SLO Validation:",
        *(_line(shape, made) for shape, made in zip(_LINES, report.objectives, strict=True)),
        f"Overall: {'ALL PASSED' if report.all_passed else 'FAILED'}",
        frame,
    ]
    return "\n".join(lines) + "\n"


def _line(shape: tuple[str, str, bool, bool, int, int], made: Objective) -> str:
    title, unit, repeats, is_ceiling, digits, room_digits = shape
    mark = "PASS" if made.passed else "FAIL"
    target = f"{float(made.target)}{f' {unit}' if repeats else ''}"
    if made.actual is None:
        return f"[{mark}] {title}: no data (target: {target})"
    room = made.target - made.actual if is_ceiling else made.actual - made.target
    shown = _rounded(made.actual, digits, apart_from=made.target)
    return f"[{mark}] {title}: {shown} {unit} (target: {target}, headroom: {_rounded(room, room_digits)})"


def _three(names: tuple[str, str, str], values: Distribution, digits: int) -> str:
    pairs = zip(names, (values.first, values.second, values.third), strict=True)
    return ", ".join(f"{name} {'no data' if value is None else _rounded(value, digits)}" for name, value in pairs)


def _rounded(value: Decimal, digits: int, apart_from: Decimal | None = None) -> str:
    """Round, with more digits where rounding would put a value onto the bound it does not reach."""
    if value and abs(value) < Decimal(10) ** -digits / 2:
        return f"{value:.2g}"
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    if apart_from is not None and rounded == apart_from != value:
        return str(float(value))
    return str(float(rounded))


def _percent(part: int, whole: int, digits: int) -> str:
    """Give a share in percent; less than all is never shown as 100."""
    if not whole:
        return "no data"
    share = Decimal(part) * 100 / whole
    rounded = share.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    if rounded == 100 and part < whole:
        rounded -= Decimal(1).scaleb(-digits)
    return f"{rounded}%"

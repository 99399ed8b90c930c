"""Compare two comparable runs: what changed, and whether it is a regression."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model.result_check import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.loadtest.results.model import Reading, Result
    from burnproof.model.measured import Quantity


@dataclass(frozen=True, slots=True)
class Rule:
    """How much worse one number may become.

    Attributes:
        metric: Its path in a record.
        title: What people call it.
        is_ceiling: Whether smaller is better.
        worst: The largest worsening that is no regression; exactly that much is none.
    """

    metric: str
    title: str
    is_ceiling: bool
    worst: Change


# P95 more than 20 % up, throughput more than 15 % down, errors more than 5 percentage points up; all strict.
RULES: Final = (
    Rule("response_time_p95", "P95", True, Change(Decimal("0.20"))),
    Rule("requests_per_second", "RPS", False, Change(Decimal("0.15"))),
    Rule("error_rate", "Error rate", True, Change(Decimal("0.05"), in_points=True)),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One number of two runs.

    Attributes:
        change: now / was - 1, or now - was for a ratio; None where one of the two is missing.
        regressed: Whether it is a regression; a number that is missing now is one.
        remark: Why it could not be compared.
    """

    rule: Rule
    was: Quantity | None
    now: Quantity | None
    change: Decimal | None
    regressed: bool
    remark: str = ""


def compare(run: Result, baseline: Result, rules: Sequence[Rule] = RULES) -> tuple[Compared, ...]:
    """Compare a run with a baseline that it may be compared with (see ``facts.differences``)."""
    return tuple(_compared(rule, run.readings.get(rule.metric), baseline.readings.get(rule.metric)) for rule in rules)


def _compared(rule: Rule, now: Reading | None, was: Reading | None) -> Compared:
    before, after = _quantity(was), _quantity(now)
    if after is None:
        return Compared(rule, before, None, None, regressed=True, remark="The run has no such value.")
    if before is None:
        return Compared(rule, None, after, None, regressed=True, remark="The baseline has no such value.")
    limit = rule.worst.limit(before.value, is_ceiling=rule.is_ceiling)
    regressed = after.value > limit if rule.is_ceiling else after.value < limit
    if rule.worst.in_points:
        return Compared(rule, before, after, after.value - before.value, regressed)
    change = after.value / before.value - 1 if before.value else None
    return Compared(rule, before, after, change, regressed)


def _quantity(reading: Reading | None) -> Quantity | None:
    return None if reading is None or reading.trouble else reading.quantity


def change_text(compared: Compared) -> str:
    """Write a change: ``+4.2%``, or ``+0.3pp`` for a ratio."""
    if compared.change is None:
        return "-"
    return f"{compared.change * 100:+.1f}{'pp' if compared.rule.worst.in_points else '%'}"

"""Hold verdicts: what became of an objective, and which exit code that means."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.diagnostics import Span
    from burnproof.model.measured import Quantity


class Outcome(StrEnum):
    """How an objective came out."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Override:
    """A target that a variable of the environment has set.

    Attributes:
        variable: Its name.
        target: What it says; None where that is no target.
        spec: What the spec says.
    """

    variable: str
    target: Quantity | None
    spec: Quantity


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one objective in one result.

    Attributes:
        slo: ``service/name`` of the objective, or the file where the file itself is at fault.
        outcome: Pass, warn or fail.
        metric: What was looked at.
        source: Where: a file, or a Prometheus server.
        op: The comparison with the target, "" where there is none.
        actual: The number found, None where there was none.
        target: What it was held against.
        headroom: What is left: of a ratio the share of its error budget, of others the distance to the target.
        headroom_share: The same as a share of the budget or the target, to compare objectives with each other.
        samples: How many observations are behind it.
        level: The worst level that was broken: concern, warning, critical; "" for none.
        reasons: Why it did not pass, as sentences; also what a reader of a pass should know.
        baseline: What it was compared with, None without.
        override: The variable that set the target, None where the spec did.
        in_percent: Whether people read its ratios in percent, as the spec has the target.
        span: The objective's place in the spec.
    """

    slo: str
    outcome: Outcome
    metric: str = ""
    source: str = ""
    op: str = ""
    actual: Quantity | None = None
    target: Quantity | None = None
    headroom: Quantity | None = None
    headroom_share: Decimal | None = None
    samples: int | None = None
    level: str = ""
    reasons: tuple[str, ...] = ()
    baseline: Quantity | None = None
    override: Override | None = None
    in_percent: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """What a comparison came to: of a run with its baseline, or of its end with its start."""

    outcome: Outcome = Outcome.PASS
    baseline: Quantity | None = None
    reasons: tuple[str, ...] = ()


def worst(outcomes: list[Outcome]) -> Outcome:
    """Give the worst of several outcomes; of none, nothing was shown and nothing passes."""
    for outcome in (Outcome.FAIL, Outcome.WARN):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS if outcomes else Outcome.FAIL


def exit_code(verdicts: list[Verdict], *, strict: bool = False, report_only: bool = False) -> int:
    """Give the exit code: 1 where an objective failed, or warned under ``strict``; 0 otherwise.

    ``report_only`` reports without judging, which is 0 whatever happened.
    """
    outcome = worst([verdict.outcome for verdict in verdicts])
    if report_only:
        return 0
    return int(outcome is Outcome.FAIL or (strict and outcome is Outcome.WARN))

"""Hold a client-side check: what must be true of one number of a load-test or CI result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.diagnostics import Span
    from burnproof.model.measured import Quantity, Unit
    from burnproof.model.quantities import Duration

Op = Literal["<=", "<", ">=", ">"]
# How the spec calls the four comparisons; what is equal to an inclusive bound keeps it.
OPS: Final[dict[str, Op]] = {"at_most": "<=", "below": "<", "at_least": ">=", "above": ">"}


@dataclass(frozen=True, slots=True)
class Bound:
    """What must hold of a number."""

    op: Op
    limit: Quantity

    @property
    def is_ceiling(self) -> bool:
        """Whether smaller is better."""
        return self.op in ("<=", "<")

    def holds(self, value: Decimal, limit: Decimal) -> bool:
        """Tell whether ``value`` keeps ``limit``; both in the same unit."""
        match self.op:
            case "<=":
                return value <= limit
            case "<":
                return value < limit
            case ">=":
                return value >= limit
            case ">":
                return value > limit


@dataclass(frozen=True, slots=True)
class Change:
    """How much worse than a baseline a number may be: relative to it, or in percentage points.

    Attributes:
        amount: 0.2 for 20 %, and 0.05 for 5 percentage points.
        in_points: Whether it is added to the baseline instead of scaling it.
    """

    amount: Decimal
    in_points: bool = False

    def limit(self, baseline: Decimal, *, is_ceiling: bool) -> Decimal:
        """Give the worst value that is no regression yet; exactly there it is none."""
        sign = 1 if is_ceiling else -1
        return baseline + sign * self.amount if self.in_points else baseline * (1 + sign * self.amount)

    def __str__(self) -> str:
        """Write it as the spec has it: ``20%``, ``5pp``."""
        number = f"{(self.amount * 100).normalize():f}"
        return f"{number}pp" if self.in_points else f"{number}%"


@dataclass(frozen=True, slots=True)
class Level:
    """A further bound beside the target: breaking a warning warns, breaking a critical one is said with the failure."""

    name: str
    bound: Bound

    @property
    def warns(self) -> bool:
        """Whether breaking it is a warning only."""
        return self.name in WARNING_LEVELS


WARNING_LEVELS: Final = ("concern", "warning")
CRITICAL_LEVEL: Final = "critical"
LEVELS: Final = (*WARNING_LEVELS, CRITICAL_LEVEL)


@dataclass(frozen=True, slots=True)
class Check:
    """A client-side indicator.

    Attributes:
        metric: The path of the number in a result.
        bound: The target.
        unit: The unit of bare bounds, and of the number where the file does not say.
        levels: Warning and critical bounds.
        min_samples: The fewest observations behind the number; None for what its percentile needs.
        samples: The path of the number of observations, where the format has none.
        max_failures: The largest share of failed requests at which the number still means something.
        env: The environment variable that overrides the target.
        file: A pattern for the names of the files it is about; "" for every file that has the metric.
        operation: The operation whose records it is about, "" for any.
        fail_change: How much worse than the baseline it may be before it fails.
        warn_change: The same before it warns.
        baseline_operation: The operation whose baseline is meant; "" for its own.
        drift: How much worse it may become from the start of a run to its end.
        recovers_within: The longest stretch for which the bound may be broken, judged on the run's course.
    """

    metric: str
    bound: Bound
    unit: Unit | None = None
    levels: tuple[Level, ...] = ()
    min_samples: int | None = None
    samples: str = ""
    max_failures: Decimal | None = None
    env: str = ""
    file: str = ""
    operation: str = ""
    fail_change: Change | None = None
    warn_change: Change | None = None
    baseline_operation: str = ""
    drift: Change | None = None
    recovers_within: Duration | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """A named check, as the gate judges it."""

    name: str
    check: Check
    description: str = ""
    remediation: str = ""
    span: Span | None = field(default=None, compare=False)

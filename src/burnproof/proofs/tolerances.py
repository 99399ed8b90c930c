"""How close to a limit proofs go, and how far from arithmetic a recorded value may be: one table, each with its reason.

A proof stands on both sides of a limit. The nearer the sides, the smaller the mistake that it notices: with 0.99 and
1.01 a factor that is off by 2 % fails it. How near they can be is given by what series and ranges can hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Sides:
    """Factors of a limit: just under it, and just over it."""

    less: Decimal
    more: Decimal

    def side(self, *, over: bool) -> Decimal:
        """Give the factor of one side."""
        return self.more if over else self.less


THRESHOLD: Final = Sides(Decimal("0.99"), Decimal("1.01"))
"""Of a tier's threshold. Nearer than ``MARGIN_OF_THRESHOLD`` allows, predictions would be uncertain."""

BUDGET_STEP: Final = Sides(Decimal("0.99"), Decimal("1.01"))
"""Of what a step of the budget policy allows to be spent, for the same reason (``MARGIN_OF_BUDGET``)."""

GUARD: Final = Sides(Decimal("0.985"), Decimal("1.015"))
"""Of ``min_events`` in a tier's window: a guard that is off by 2 % judges the first, or none. A closed range may hold a
scrape more than its window."""

SLICE_GUARD: Final = Sides(Decimal("0.9"), Decimal("1.1"))
"""Of ``min_events`` in a slice, which holds ten samples: ranges that are closed on the left hold one more of them."""

CONDITION: Final = Sides(Decimal("0.9"), Decimal("1.1"))
"""Of the bound of a value's condition, likewise looked at in one slice."""

TOLERATED: Final = Sides(Decimal("0.9"), Decimal("1.1"))
"""Of a comparison's tolerance. Two counters are scraped apart, and the window holds few scrapes."""

QUANTILE: Final = Sides(Decimal("0.85"), Decimal("1.15"))
"""Of the slow observations that a quantile tolerates in a slice: within a bucket quantiles are interpolated."""

MEMBER_BUDGET: Final = Sides(Decimal("0.85"), Decimal("1.15"))
"""Of the error budget that a member of a composite may spend in a slice, which holds ten samples or fewer."""

BEYOND_BOUND: Final = Decimal("1.1")
"""The bucket just above a bound, as a factor of it: slow observations lie there, so that another bound is noticed."""

APART: Final = 1.1
"""By which factor two windows must differ for a check to tell them apart, with room for one scrape more or less."""

PARTS: Final = 1000
"""A recorded value is within one part in so many. Two versions of Prometheus round differently in the last place, and
counters rise by binary fractions (``timeline.grained``)."""

LEAST_RECORDED: Final = 0.001
"""The value of which that is a part where the value itself is nearer to 0: a share of 0 must not be met exactly."""

MARGIN_OF_THRESHOLD: Final = 0.002
"""Of a threshold. Counters rise by multiples of 1/1024, so the shares of a story are not quite exact. No evaluation
within this margin is checked."""

MARGIN_OF_BUDGET: Final = 0.002
"""Of the budget, for the same reason."""

FLOAT: Final = 1e-9
"""What sums of floats may be off by, where counts are whole numbers."""

FEWEST_PER_SAMPLE: Final = 4
"""Grains (``timeline.REPLICAS_GRAIN``) by which a counter rises at least: less cannot be told in a test."""

"""Find mistakes that compile: queries that are valid PromQL, and measure something else than was meant.

A lint looks at the selectors and at the expressions of one SLI. Each is one row here and one function in a file of its
own kind. What they find are warnings where a name is all that tells, and errors where the functions of a query do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.specs.checks.mistakes import (
    buckets,
    counters,
    joins,
    label_values,
    names,
    outcomes,
    quantities,
    times,
)
from burnproof.specs.checks.mistakes.reading import check_of

if TYPE_CHECKING:
    from burnproof.specs.checks.mistakes.reading import Lint

LINTS: Final[tuple[Lint, ...]] = (
    names.near_names,
    names.near_labels,
    names.without_total,
    label_values.regex_as_text,
    label_values.variables,
    outcomes.inverted,
    outcomes.inverted_name,
    outcomes.outside_total,
    counters.recorded_sums,
    counters.gauges,
    buckets.spelling,
    buckets.all_buckets,
    quantities.alike,
    quantities.additive,
    joins.silent_groups,
)

CHECKS: Final = (*map(check_of, LINTS), buckets.undeclared, times.unit_of_time)

RELATIONS: Final = (joins.unwatched,)

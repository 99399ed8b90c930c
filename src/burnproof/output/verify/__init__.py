"""Check rendered texts against the plan: nothing is written that was not read back.

``verify(plan, files)`` gives every problem of every check; none means that the files may be written. The templates
are held against the plan, and the plan against what Prometheus, its operator and its rulers demand.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from burnproof.output.render import KINDS
from burnproof.output.verify.context import Written
from burnproof.output.verify.dashboards import dashboards
from burnproof.output.verify.joins import joins
from burnproof.output.verify.limits import files as file_limits
from burnproof.output.verify.limits import groups, names, templates, thresholds
from burnproof.output.verify.pages import alertmanager, runbooks
from burnproof.output.verify.round_trip import round_trip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.output.plan import Plan

    Check = Callable[[Written], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    round_trip,
    file_limits,
    names,
    groups,
    joins,
    thresholds,
    templates,
    dashboards,
    alertmanager,
    runbooks,
)
"""The order in which they are reported."""

PAGES = (round_trip, file_limits, dashboards, alertmanager, runbooks)
"""Those of them that look at pages: enough where the rules were checked already."""

MOST = 25
"""Problems shown per check: one wrong template spoils every rule in the same way."""


def verify(
    plan: Plan, files: Mapping[str, str], kinds: Sequence[str] = KINDS, checks: Sequence[Check] = CHECKS
) -> tuple[Problem, ...]:
    """Give what is wrong with ``files`` or with the plan they were made from."""
    written = Written(plan, files, kinds)
    return tuple(problem for check in checks for problem in islice(check(written), MOST))

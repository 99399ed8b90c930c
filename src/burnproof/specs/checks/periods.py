"""Check calendar periods: zones that shift by a part of an hour, and years without a table."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.slo import Calendar, Count
from burnproof.model.time_zones import END_YEAR, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo

_YEARS_AHEAD: Final = 2
_EPOCH_VARIABLE: Final = "SOURCE_DATE_EPOCH"
"""What builds that must not depend on the day set instead of it: https://reproducible-builds.org/specs/source-date-epoch."""


def whole_hours(slo: Slo) -> Iterator[Problem]:
    """Errors are summed in hours, so local hours must begin alike all year."""
    if not isinstance(slo.period, Calendar) or isinstance(slo.indicator, Count):
        return
    if not zone_of(slo.period.timezone).has_whole_hours:
        message = f"the clocks of {slo.period.timezone} are changed by a part of an hour"
        hint = "in one half of the year an hour would contain midnight; choose a neighbouring zone"
        yield problem("calendar-zone", message, slo.span("window.timezone"), hint)


def within_horizon(slo: Slo) -> Iterator[Problem]:
    """Rules know the changes of the clock up to a fixed year, and must be compiled anew before."""
    if not isinstance(slo.period, Calendar) or isinstance(slo.indicator, Count):
        return
    if zone_of(slo.period.timezone).transitions and _this_year() > END_YEAR - _YEARS_AHEAD:
        message = f"the rules know when the clocks of {slo.period.timezone} change until the end of {END_YEAR - 1}"
        hint = "compile with a newer burnproof, whose table goes further"
        yield problem("calendar-horizon", message, slo.span("window.timezone"), hint)


def _this_year() -> int:
    given = os.environ.get(_EPOCH_VARIABLE, "")
    return time.gmtime(int(given) if given.isdecimal() else None).tm_year

"""Name every metric, label and group that burnproof writes; no other module spells one out.

Where the meaning is the same, the names are the de-facto ones of the field, so that existing dashboards
go on working. All recorded names follow Prometheus' ``level:metric:operations``.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from burnproof.model.quantities import Duration

Side = Literal["errors", "total"]
"""The two sides of a pair, as they stand in names."""

# Identity: on every recorded series, and all that rules ever select by.
SERVICE = "slo_service"
SLO = "slo"
ID = "slo_id"
IDENTITY = (SERVICE, SLO, ID)

# On alerts only.
TIER = "slo_tier"
LEVEL = "slo_level"
SEVERITY = "severity"
TEAM = "team"
NO_DATA_SUFFIX = "NoData"
BAD_DATA_SUFFIX = "BadData"
MISSING_SUFFIX = "MissingSeries"
GROUP_SUFFIX = "GroupNoData"
BUDGET_SUFFIX = "BudgetLow"
BUDGET_BELOW = "slo_budget_below"

# Bad and total events per second over the last five minutes: what dashboards draw and NoData watches.
ERRORS = "slo:sli_errors:rate5m"
TOTAL = "slo:sli_total:rate5m"
# Of slices: whether the last whole one on the clock was bad (0 or 1), and 1 where there are data.
SLICE_ERRORS = "slo:slice_errors:bool"
SLICE_TOTAL = "slo:slice_total:bool"
# Up to which full hour (or part of one) the closed sums of long windows reach, in seconds since 1970.
CLOSED = "slo:sli_closed:timestamp"
# Up to which hour the settled sums reach, which are added up seldom; and up to which tile the open sums read them.
SETTLED = "slo:sli_settled:timestamp"
# It is there while rules have run before and know of no settled sum.
LOST = "slo:sli_settled:missing"
TILED = "slo:sli_tiled:timestamp"
SLICE_VALUE = "slo:slice_value:current"
SLICE_LEFT = "slo:slice_left:current"
SLICE_RIGHT = "slo:slice_right:current"
SERIES = "slo:sli_series:count"
# Series of good or bad events that would not end by themselves, and how many of them are missing; groups with data.
LASTING = "slo:sli_counted:lasting"
MISSING = "slo:sli_counted:missing"
GROUP_SEEN = "slo:sli_group:seen1d"

OBJECTIVE = "slo:objective:ratio"
ERROR_BUDGET = "slo:error_budget:ratio"
PERIOD_DAYS = "slo:time_period:days"
CURRENT_BURN_RATE = "slo:current_burn_rate:ratio"
PERIOD_BURN_RATE = "slo:period_burn_rate:ratio"
BUDGET_REMAINING = "slo:period_error_budget_remaining:ratio"
INFO = "slo:info:labels"
# With a window behind it: whether the rules are as old as that.
COVERED = "slo:window_covered:bool"

# Of the period: its oldest record, the share of it that was seen, the rate of events expected of the rest (a mean, or
# the highest of the last day), and the events that the whole of it is expected to have.
OLDEST = "slo:period_oldest:timestamp"
PERIOD_SEEN = "slo:period_seen:ratio"
PEAK = "slo:sli_total:peak1d"
USUAL = "slo:sli_total:mean"
EXPECTED_RATE = "slo:sli_total:expected_rate"
PERIOD_EXPECTED = "slo:period_total:expected"

# Of SLOs whose budget begins anew with each calendar unit: the zone's clock, the beginning of the unit by it and in
# UTC, and the unit's length, all in seconds.
PERIOD_CLOCK = "slo:period_clock:local"
PERIOD_BEGIN = "slo:period_start:local"
PERIOD_START = "slo:period_start:timestamp"
PERIOD_LENGTH = "slo:period_length:seconds"

# Written for every SLO, always, with identity labels alone: its presence shows that the rules were running.
ANCHOR = ERROR_BUDGET

MAX_UID = 40
_UID = re.compile(r"[A-Za-z0-9_-]+")

# The reserved labels: what a user's own labels may not be called.
RESERVED_LABELS = frozenset(
    {SERVICE, SLO, ID, TIER, LEVEL, SEVERITY, BUDGET_BELOW, "alertname", "alertstate", "__name__", "le", "quantile"}
)


def error_ratio(window: Duration) -> str:
    """Name the error ratio over ``window``: ``slo:sli_error:ratio_rate1h``."""
    return f"slo:sli_error:ratio_rate{window}"


def calendar_ratio(unit: str) -> str:
    """Name the error ratio since a calendar unit began: ``slo:sli_error:ratio_rate_month``."""
    return f"slo:sli_error:ratio_rate_{unit}"


def tile(side: Side, length: Duration, *, again: bool = False) -> str:
    """Name what one side of a pair had in the last whole five minutes or hour of the clock.

    ``slo:sli_errors:tile1h``; ``again`` is the one before that, computed once more.
    """
    return f"slo:sli_{side}:tile{length}{'_again' if again else ''}"


def recent(side: Side, unit: str = "") -> str:
    """Name what one side had in the last two whole hours, as far as they lie in a unit: ``slo:sli_errors:last2``."""
    return f"slo:sli_{side}:last2{unit}"


def closed(side: Side, window: Duration | str) -> str:
    """Name the sum of one side's whole tiles in a long window: ``slo:sli_errors:closed30d``."""
    return f"slo:sli_{side}:closed{window}"


def settled(side: Side, window: Duration | str) -> str:
    """Name the sum of one side's older whole tiles in a long window, added up seldom: ``slo:sli_errors:settled30d``."""
    return f"slo:sli_{side}:settled{window}"


def opened(side: Side, window: str = "") -> str:
    """Name the sum of one side since the closed tiles: ``slo:sli_errors:open``."""
    return f"slo:sli_{side}:open{window}"


def seldom(name: str) -> str:
    """Name what the rare rules of a calendar record for themselves: ``slo:period_start_settled:timestamp``."""
    level, metric, operation = name.split(":")
    return f"{level}:{metric}_settled:{operation}"


def summed(side: Side, window: Duration | str) -> str:
    """Name the number of one side's events in a window: ``slo:sli_total:increase1h``."""
    return f"slo:sli_{side}:increase{window}"


def covered(window: Duration) -> str:
    """Name whether the rules are as old as a window: ``slo:window_covered:bool3d`` is 1 or 0."""
    return f"{COVERED}{window}"


def count_over(window: Duration) -> str:
    """Name the number of counted events over ``window``: ``slo:sli_errors:increase1d``."""
    return f"slo:sli_errors:increase{window}"


def selector(metric: str, slo_id: str) -> str:
    """Select a recorded series of one SLO, by identity and nothing else."""
    return f'{metric}{{{ID}="{slo_id}"}}'


def dashboard_uid(name: str) -> str:
    """Give the uid of a service's dashboard, or of a board named ``service.board``.

    Grafana takes 40 characters of letters, digits, - and _; a name that does not fit ends in a hash of itself.
    """
    uid = f"slo-{name}"
    if len(uid) <= MAX_UID and _UID.fullmatch(uid):
        return uid
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{re.sub('[^A-Za-z0-9_-]+', '-', uid)[: MAX_UID - 11]}-{digest}"


def board_name(title: str) -> str:
    """Turn a board's title into the name of its file: ``Aragora Performance`` into ``aragora-performance``."""
    return re.sub("[^a-z0-9]+", "-", title.lower()).strip("-")


def runbook_url(base: str, service: str, slo: str) -> str:
    """Give the address of an SLO's part of its service's runbook, below the folder ``base``."""
    return f"{base}/{service}.md#{slo.lower()}"


def records_group(slo_id: str, part: int = 1) -> str:
    """Name the group that records an SLO's series."""
    return f"slo-records-{slo_id}" if part == 1 else f"slo-records-{slo_id}-{part}"


def history_group(slo_id: str, part: int = 1) -> str:
    """Name the group that adds up what was recorded long ago, a few times an hour."""
    return f"slo-history-{slo_id}" if part == 1 else f"slo-history-{slo_id}-{part}"


def windows_group(slo_id: str, part: int = 1) -> str:
    """Name the group that records what long windows are made of, every few minutes."""
    return f"slo-windows-{slo_id}" if part == 1 else f"slo-windows-{slo_id}-{part}"


COMPAT_GROUP = "slo-compat-"


def compat_group(slo_id: str, part: int = 1) -> str:
    """Name the group that records an SLO's series under the names of another tool."""
    return f"{COMPAT_GROUP}{slo_id}" if part == 1 else f"{COMPAT_GROUP}{slo_id}-{part}"


def alerts_group(slo_id: str, part: int = 1) -> str:
    """Name the group that holds an SLO's metadata and alerts."""
    return f"slo-alerts-{slo_id}" if part == 1 else f"slo-alerts-{slo_id}-{part}"

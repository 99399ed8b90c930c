"""What a file of this folder or of ``derived`` declares, and the keys that every kind may have."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from burnproof.specs.keys import fields
from burnproof.specs.keys.table import ListOf, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from decimal import Decimal

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Indicator, NoTraffic, Slo
    from burnproof.specs.keys.table import Table

GROUPS: Final = ListOf(fields.LABEL, single=True, at_least=1, distinct=True)
BUCKETS: Final = ListOf(fields.SECONDS, at_least=1, distinct=True, rising=True)
_BY_DOC: Final = "labels to group by: one SLO for each of their values"
_DEDUP_DOC: Final = (
    "labels by which replicas of one scrape differ, as of two Prometheus servers: each series counts once, "
    "by the replica that saw most"
)
_MIN_DOC: Final = "fewest events in a window for which an alert may fire; of a quantile, in a slice that is judged"
_IDLE_DOC: Final = "how time without traffic counts: not at all (ignore), or as good"
SLICE_DOC: Final = "the stretch of time that is good or bad as a whole: a part of an hour in whole minutes, or hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every kind may have."""

    by: tuple[str, ...] | None = key(GROUPS, _BY_DOC)
    dedup: tuple[str, ...] | None = key(GROUPS, _DEDUP_DOC)
    min_events: Decimal | None = key(fields.EVENTS, _MIN_DOC)
    no_traffic: NoTraffic | None = key(fields.NO_TRAFFIC, _IDLE_DOC)


@dataclass(frozen=True)
class SliKind:
    """A key under ``sli``.

    Attributes:
        name: the key.
        doc: what it means, in a few words.
        table: its own keys.
        indicator: what was read by that table, as the indicator that it is; None where that takes other SLOs, or where
            nothing is measured by rules.
        checks: problems of meaning that only this kind has; those of several kinds stand in ``specs/checks``.
    """

    name: str
    doc: str
    table: Table
    indicator: Callable[[Any], Indicator] | None
    checks: tuple[Callable[[Slo], Iterable[Problem]], ...] = ()


@dataclass(frozen=True)
class Derived:
    """A kind that is a reading of another.

    Attributes:
        name: its key under ``sli``.
        doc: what it means, in a few words.
        table: its own keys.
        reading: what was read by that table, as the kind that it is measured by.
    """

    name: str
    doc: str
    table: Table
    reading: Callable[[Any], Common]


def rising(buckets: tuple[Decimal, ...] | None) -> tuple[Decimal, ...]:
    """Give declared buckets in order, each once."""
    return tuple(sorted(set(buckets or ())))

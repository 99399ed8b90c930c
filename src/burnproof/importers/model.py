"""Hold the objectives of other tools in the terms of ``burnproof/v1``.

A dialect fills in these values, ``write`` lays them out. Nothing is resolved or defaulted here: what an objective
does not say is None, and is not written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Tier
    from burnproof.specs.source import Mapping, Scalar

Pairs = tuple[tuple[str, str], ...]
Content = str | tuple[str, ...] | Pairs
"""What a key of an SLI holds: text, a list, or a mapping."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A period that begins anew with each unit of a time zone."""

    unit: str
    timezone: str = ""


@dataclass(frozen=True, slots=True)
class Sli:
    """One kind of SLI with its keys, in the order in which they are written."""

    kind: str
    keys: tuple[tuple[str, Content], ...]

    def with_groups(self, by: tuple[str, ...]) -> Sli:
        """Give the same for each value of some labels."""
        return Sli(self.kind, (*self.keys, ("by", by))) if by else self


@dataclass(frozen=True, slots=True)
class Level:
    """A further objective for the same SLI."""

    name: str
    objective: Decimal | None = None
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What the other tool makes of an objective.

    Attributes:
        tool: Sloth or Pyrra.
        ratio: its error ratio in a window, with ``$window``.
        tiers: its alerts, those that cannot fire too.
        period: the period of its budget.
    """

    tool: str
    ratio: str
    tiers: tuple[Tier, ...]
    period: Duration


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of another tool.

    Attributes:
        node: where it stands, for its comments and for problems.
        objective: the share that must be good, between 0 and 1.
        tiers: its alerts; None for the policy that is written by default, () for none.
        policy: what to call them if they are a policy of its own.
        shared: labels that it has from what it stands in, such as a document; ``labels`` are its own.
        title: a name for people, which is kept as a comment.
        before: what the other tool makes of it, where that is known.
        places: the node that a written key comes from, by the key's path, such as ``sli`` or ``labels.owner``.
    """

    service: str
    name: str
    objective: Decimal
    sli: Sli
    node: Mapping
    description: str = ""
    title: str = ""
    window: str | Calendar = ""
    shared: Pairs = ()
    labels: Pairs = ()
    levels: tuple[Level, ...] = ()
    alert: str = ""
    alert_labels: Pairs = ()
    annotations: Pairs = ()
    runbook: str = ""
    dashboard: str = ""
    no_data: str = ""
    tiers: tuple[Tier, ...] | None = None
    policy: str = ""
    budget_steps: tuple[tuple[str, str], ...] = ()
    before: Before | None = None
    places: dict[str, Scalar] = field(default_factory=dict, compare=False)

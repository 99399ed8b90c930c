"""What all questions share: the server, what the specs read, the rules they compile to, and what is known so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.model.slo import Slo
    from burnproof.rules.types import RuleGroup
    from burnproof.specs.live.asker import Asker
    from burnproof.specs.live.inputs import Input


@dataclass
class SloFacts:
    """What is known of one SLO on the server.

    Attributes:
        series: how many series each selector of its queries matches now, by the selector as the user wrote it.
        interval: seconds between two samples, where it could be measured.
        samples: samples that its rules would read per second.
        rules: how far its rules are loaded.
    """

    series: dict[str, int] = field(default_factory=dict)
    interval: float | None = None
    samples: float | None = None
    rules: str = ""


@dataclass
class ServerFacts:
    """What the server says of itself; empty where it does not say.

    Attributes:
        version: its version.
        flags: the flags of its command line.
        features: what is switched on beyond the default.
        retention: seconds for which it keeps samples.
    """

    version: str = ""
    flags: dict[str, str] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    retention: float | None = None


@dataclass(frozen=True)
class Subject:
    """What is asked about.

    Attributes:
        asker: the server.
        slos: the objectives.
        inputs: their selectors.
        groups: the rules of each SLO, by its id.
        counts: series that are there now, by the text of a selector; questions fill it in their order.
        server: what the server says of itself.
        facts: what is known of each SLO, by its id.
    """

    asker: Asker
    slos: Sequence[Slo]
    inputs: Sequence[Input]
    groups: Mapping[str, tuple[RuleGroup, ...]]
    counts: dict[str, int] = field(default_factory=dict)
    server: ServerFacts = field(default_factory=ServerFacts)
    facts: dict[str, SloFacts] = field(default_factory=dict)

    def of(self, slo: Slo) -> SloFacts:
        """Give what is known of an SLO."""
        return self.facts.setdefault(slo.id, SloFacts())

"""Run ``burnproof check --url``: question a server, and show what it answered."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from burnproof.compile.plan import rule_groups
from burnproof.model.quantities import Duration
from burnproof.prometheus import Client, QueryError
from burnproof.specs.live import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.prometheus import Connection
    from burnproof.specs.live.subject import ServerFacts, SloFacts


@dataclass(frozen=True)
class Live:
    """What a server said.

    Attributes:
        url: its address.
        problems: the findings.
        server: what it says of itself.
        facts: what is known of each SLO, by its id.
        unanswered: what it should have answered, with the reason why not.
        absent: what a server of its kind cannot be asked.
    """

    url: str
    problems: tuple[Problem, ...]
    server: ServerFacts
    facts: Mapping[str, SloFacts]
    unanswered: Mapping[str, str]
    absent: Mapping[str, str]


def asked(where: Connection, slos: Sequence[Slo], texts: Mapping[str, str], limit: float) -> Live | str:
    """Ask a server all questions; a sentence where it cannot be used."""
    groups = {slo.id: rule_groups(slo) for slo in slos}
    try:
        problems, subject = ask(Client(where), slos, groups, texts, time.time(), limit)
    except QueryError as error:
        return str(error)
    asker = subject.asker
    facts = {slo.id: subject.of(slo) for slo in slos}
    return Live(where.url, problems, subject.server, facts, asker.unanswered, asker.absent)


def facts_text(live: Live) -> str:
    """Write what is known of the server and of each SLO on it, a block each."""
    return (
        "\n".join([_server(live), *(line for slo_id, facts in live.facts.items() for line in _slo(slo_id, facts))])
        + "\n"
    )


def _server(live: Live) -> str:
    server = live.server
    parts = [f"version {server.version}" if server.version else "version unknown"]
    if server.retention is not None:
        parts.append(f"keeps samples for {Duration(int(server.retention * 1000))}")
    if server.features or server.flags:
        parts.append(f"switched on: {', '.join(server.features)}" if server.features else "no feature switched on")
    return f"{live.url}: {'; '.join(parts)}"


def _slo(slo_id: str, facts: SloFacts) -> Iterator[str]:
    parts = [f"rules {facts.rules}"] if facts.rules else []
    if facts.interval is not None:
        parts.append(f"a sample every {facts.interval:g} s")
    if facts.samples is not None:
        parts.append(f"its rules read {facts.samples:,.0f} samples per second")
    yield f"{slo_id}: {'; '.join(parts)}" if parts else slo_id
    for selector, count in facts.series.items():
        yield f"{count:>8,} series of {selector}"


def with_facts(text: str, live: Live) -> str:
    """Add what is known to the JSON of problems, under ``server``."""
    document: dict[str, Any] = json.loads(text)
    document["server"] = {
        "url": live.url,
        "version": live.server.version,
        "features": list(live.server.features),
        "retention_seconds": live.server.retention,
        "unanswered": dict(live.unanswered),
        "slos": {slo_id: asdict(facts) for slo_id, facts in live.facts.items()},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

"""Plan Alertmanager's routes and inhibitions: who gets an alert, and which alerts silence others.

A severity silences those below it in the same policy, for the same SLO, group and environment alone; of an SLO with
levels, the level that is broken last silences those that must then be broken too, unless they are more urgent. Of two
levels with the wider bound under the stricter objective neither implies the other, so neither is silenced. Alerts about
missing data and about low budgets neither silence nor are silenced: they carry no tier, and say something else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Threshold
from burnproof.pages.types import AlertmanagerConfig, Inhibition, TeamRoute
from promrules.syntax.labels import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.model.slo import Slo

_OURS = f'{naming.ID}!=""'
_BURNING = f'{naming.TIER}!=""'
EXTERNAL = ("cluster", "datacenter", "env", "environment", "namespace", "region", "stage", "tenant")
"""Labels that Prometheus, Thanos or Mimir commonly add to every alert, and that tell one environment from another.

Alertmanager counts a label that both alerts lack as equal, so that naming one that nobody has changes nothing.
"""
UNOWNED = "unowned"
"""The receiver of alerts whose SLO names no team."""


def alertmanager_config(slos: Sequence[Slo]) -> AlertmanagerConfig:
    """Plan routes and inhibitions for all SLOs."""
    same = _identity(slos)
    contacts: dict[str, list[str]] = {}
    for slo in slos:
        if slo.owner.team:
            contacts.setdefault(slo.owner.team, []).append(slo.owner.contact)
    teams = tuple(
        TeamRoute(team, ", ".join(sorted({c for c in given if c})), (f"{naming.TEAM}={quote(team)}", _OURS))
        for team, given in sorted(contacts.items())
    )
    urgent = sorted({slo.policy.tiers[0].severity for slo in slos if slo.policy.tiers and len(_severities(slo)) > 1})
    return AlertmanagerConfig(
        default=_free_name(set(contacts)),
        teams=teams,
        group_by=(naming.SERVICE, naming.SLO, naming.ID, *same),
        ours=_OURS,
        urgent=f"{naming.SEVERITY}=~{quote('|'.join(map(re.escape, urgent)))}" if urgent else "",
        inhibitions=(*_by_severity(slos, same), *_by_level(slos, same)),
    )


def _identity(slos: Sequence[Slo]) -> tuple[str, ...]:
    """List the labels besides SLO and level that two alerts about the same thing share.

    Groups, the users' labels, and what is added from outside. Without the latter a page in staging would silence the
    ticket in production.
    """
    own = {name for slo in slos for name, _ in (*slo.labels, *slo.alert_labels)}
    own -= {name for slo in slos for tier in slo.policy.tiers for name, _ in tier.labels}  # they tell tiers apart
    groups = {label for slo in slos for label in slo.by}
    return tuple(sorted(groups | own | set(EXTERNAL) | {name for slo in slos for name in slo.external_labels}))


def _free_name(taken: set[str]) -> str:
    name = UNOWNED
    while name in taken:
        name += "-"
    return name


def _severities(slo: Slo) -> tuple[str, ...]:
    """List a policy's severities, the most urgent first."""
    return tuple(dict.fromkeys(tier.severity for tier in slo.policy.tiers))


def _by_severity(slos: Sequence[Slo], same: Sequence[str]) -> tuple[Inhibition, ...]:
    """Let each severity silence the milder ones.

    Where two policies rank the same two severities differently, each rule names the SLOs it is for.
    """
    ranked = _ranked(slos)
    made = []
    for (stronger, milder), ids in sorted(ranked.items()):
        disputed = (milder, stronger) in ranked
        whose = f'{naming.ID}=~"{"|".join(re.escape(one) for one in sorted(ids))}"' if disputed else _OURS
        burning = (whose, _BURNING)
        made.append(
            Inhibition(
                source=(f'{naming.SEVERITY}="{stronger}"', *burning),
                target=(f'{naming.SEVERITY}="{milder}"', *burning),
                equal=(*naming.IDENTITY, *same),
            )
        )
    return tuple(made)


def _ranked(slos: Iterable[Slo]) -> dict[tuple[str, str], list[str]]:
    """Give (stronger, milder) severity -> ids of the SLOs whose policy ranks them so."""
    ranked: dict[tuple[str, str], list[str]] = {}
    for slo in slos:
        severities = _severities(slo)
        for index, stronger in enumerate(severities):
            for milder in severities[index + 1 :]:
                ranked.setdefault((stronger, milder), []).append(slo.id)
    return ranked


def _by_level(slos: Sequence[Slo], same: Sequence[str]) -> tuple[Inhibition, ...]:
    """Let the level that is broken last silence those that it implies, alerts as urgent as its own or less."""
    ranked = _ranked(slos)
    found: dict[tuple[str, str, str], set[str]] = {}
    whose: dict[tuple[str, str, str], list[str]] = {}
    apart: set[frozenset[str]] = set()  # levels of which, in some SLO, neither implies the other
    for members in _leveled(slos):
        for index, loose in enumerate(members):
            for tight in members[index + 1 :]:
                if not _implies(loose, tight):
                    apart.add(frozenset((loose.level, tight.level)))
                    continue
                for severity in _severities(loose):
                    milder = {other for other in _severities(tight) if (other, severity) not in ranked}
                    key = (loose.level, tight.level, severity)
                    found.setdefault(key, set()).update(milder)
                    whose.setdefault(key, []).append(loose.id)
    made = []
    for (loose_level, tight_level, severity), milder in sorted(found.items()):
        turned = any((tight_level, loose_level, other) in found for other in (severity, *milder))
        disputed = turned or frozenset((loose_level, tight_level)) in apart
        ids = sorted(whose[loose_level, tight_level, severity])
        sources = (_OURS,) if not disputed else (f"{naming.ID}=~{quote('|'.join(map(re.escape, ids)))}",)
        if milder:
            made.append(
                Inhibition(
                    source=(f'{naming.LEVEL}="{loose_level}"', f'{naming.SEVERITY}="{severity}"', *sources, _BURNING),
                    target=(
                        f'{naming.LEVEL}="{tight_level}"',
                        f"{naming.SEVERITY}=~{quote('|'.join(map(re.escape, sorted(milder))))}",
                        _OURS,
                        _BURNING,
                    ),
                    equal=(naming.SERVICE, naming.SLO, *same),
                )
            )
    return tuple(made)


def _leveled(slos: Iterable[Slo]) -> Iterator[list[Slo]]:
    """Yield the levels of each SLO that has several, the loosest first."""
    by_name: dict[tuple[str, str], list[Slo]] = {}
    for slo in slos:
        if slo.level:
            by_name.setdefault((slo.service, slo.name), []).append(slo)
    for members in by_name.values():
        yield sorted(members, key=_tightness)


def _implies(loose: Slo, tight: Slo) -> bool:
    """Tell whether what breaks one level breaks the other: its bound is no wider, and its budget no larger."""
    if isinstance(loose.indicator, Threshold) and loose.indicator.op in ("==", "!="):
        return loose.indicator == tight.indicator and _tightness(loose) <= _tightness(tight)
    return all(one <= other for one, other in zip(_tightness(loose), _tightness(tight), strict=True))


def _tightness(slo: Slo) -> tuple[Decimal, Decimal]:
    """Say how little it takes to break a level: its objective, and its bound in the direction in which that is kept."""
    return slo.objective or Decimal(0), slo.indicator.strictness

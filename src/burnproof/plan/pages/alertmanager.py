"""SLOs to Alertmanager's part: who hears of an alert, and which alerts another one already tells of.

A severity silences those below it in the same policy, for the same SLO and group alone. Alerts about missing data
and about low budgets neither silence nor are silenced: they carry no tier, and say something else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.plan.pages.types import AlertmanagerConfig, Inhibition, TeamRoute
from burnproof.promql.labels import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model import Slo

_OURS = f'{naming.ID}!=""'
UNOWNED = "unowned"
"""The receiver of alerts whose SLO names no team."""


def alertmanager_config(slos: Sequence[Slo]) -> AlertmanagerConfig:
    """Plan routes and inhibitions for all SLOs."""
    groups = sorted({label for slo in slos for label in slo.by})
    contacts: dict[str, list[str]] = {}
    for slo in slos:
        if slo.owner.team:
            contacts.setdefault(slo.owner.team, []).append(slo.owner.contact)
    teams = tuple(
        TeamRoute(team, ", ".join(sorted({c for c in given if c})), (f"{naming.TEAM}={quote(team)}", _OURS))
        for team, given in sorted(contacts.items())
    )
    urgent = sorted({slo.policy.tiers[0].severity for slo in slos if len(_severities(slo)) > 1})
    return AlertmanagerConfig(
        default=_free_name(set(contacts)),
        teams=teams,
        group_by=(naming.SERVICE, naming.SLO, naming.ID, *groups),
        ours=_OURS,
        urgent=f"{naming.SEVERITY}=~{quote('|'.join(map(re.escape, urgent)))}" if urgent else "",
        inhibitions=_inhibitions(slos, groups),
    )


def _free_name(taken: set[str]) -> str:
    name = UNOWNED
    while name in taken:
        name += "-"
    return name


def _severities(slo: Slo) -> tuple[str, ...]:
    """List a policy's severities, the most urgent first."""
    return tuple(dict.fromkeys(tier.severity for tier in slo.policy.tiers))


def _inhibitions(slos: Sequence[Slo], groups: Sequence[str]) -> tuple[Inhibition, ...]:
    """Let each severity silence the milder ones.

    Where two policies rank the same two severities differently, each rule names the SLOs it is for.
    """
    ranked: dict[tuple[str, str], list[str]] = {}
    for slo in slos:
        severities = _severities(slo)
        for index, stronger in enumerate(severities):
            for milder in severities[index + 1 :]:
                ranked.setdefault((stronger, milder), []).append(slo.id)
    made = []
    for (stronger, milder), ids in sorted(ranked.items()):
        disputed = (milder, stronger) in ranked
        whose = f'{naming.ID}=~"{"|".join(re.escape(one) for one in sorted(ids))}"' if disputed else _OURS
        burning = (whose, f'{naming.TIER}!=""')
        made.append(
            Inhibition(
                source=(f'{naming.SEVERITY}="{stronger}"', *burning),
                target=(f'{naming.SEVERITY}="{milder}"', *burning),
                equal=(naming.ID, *groups),
            )
        )
    return tuple(made)

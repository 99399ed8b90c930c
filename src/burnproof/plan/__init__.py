"""From objectives to everything that is written for them, by arithmetic alone."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from burnproof import naming
from burnproof.plan.alerts import alerting_rules
from burnproof.plan.budgetalerts import budget_rules
from burnproof.plan.kinds import measure_of
from burnproof.plan.proofs import proof_files
from burnproof.plan.rules import metadata_rules, recording_rules
from burnproof.plan.types import Plan, RuleFile, RuleGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from burnproof.model import Slo
    from burnproof.plan.types import Rule

MAX_RULES = 20  # per group: Mimir's and Cortex' default limit


def make_plan(slos: Iterable[Slo], *, proofs: bool = True) -> Plan:
    """Plan the rule files, one per service, and the proofs that go with them.

    Args:
        slos: the objectives of all services, in any order.
        proofs: whether to plan the unit tests too.
    """
    ordered = sorted(slos, key=lambda slo: (slo.service, slo.id))
    services = {service: tuple(members) for service, members in groupby(ordered, key=lambda slo: slo.service)}
    files = tuple(
        RuleFile(service, tuple(group for slo in members for group in rule_groups(slo)))
        for service, members in services.items()
    )
    if not proofs:
        return Plan(files, ())
    return Plan(files, tuple(made for file in files for made in proof_files(file, services[file.service])))


def rule_groups(slo: Slo) -> tuple[RuleGroup, ...]:
    """Give an SLO's groups: what is recorded, and metadata with the alerts."""
    measure = measure_of(slo)
    records: tuple[Rule, ...] = recording_rules(slo, measure)
    alerts: tuple[Rule, ...] = (*metadata_rules(slo), *alerting_rules(slo, measure), *budget_rules(slo, measure))
    return (*_groups(slo, records, naming.records_group), *_groups(slo, alerts, naming.alerts_group))


def _groups(slo: Slo, rules: tuple[Rule, ...], name: Callable[[str, int], str]) -> tuple[RuleGroup, ...]:
    parts = tuple(rules[start : start + MAX_RULES] for start in range(0, len(rules), MAX_RULES))
    return tuple(RuleGroup(name(slo.id, number), part) for number, part in enumerate(parts, start=1))

"""Plan everything that is written for some SLOs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.output.plan import Plan
from burnproof.pages.alertmanager import alertmanager_config
from burnproof.pages.dashboards import dashboards
from burnproof.pages.inputs import input_metrics
from burnproof.pages.runbooks import runbooks
from burnproof.proofs import proof_files
from burnproof.rules.alerting import alerting_rules
from burnproof.rules.budget_policy import budget_rules
from burnproof.rules.compat import compat_rules
from burnproof.rules.data_quality import bad_data_rules, missing_rules
from burnproof.rules.kinds import measure_of
from burnproof.rules.measure import FAST_INTERVAL, RARE_INTERVAL, slow_interval
from burnproof.rules.recording import metadata_rules, recordings
from burnproof.rules.types import RuleFile, RuleGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from burnproof.model.boards import Board
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Slo
    from burnproof.rules.types import Rule

MAX_RULES = 20  # per group: Mimir's and Cortex' default limit


ALL = ("rules", "tests", "dashboards", "alertmanager", "runbooks")
"""What can be planned; rules always are, for everything else is about them."""


def make_plan(
    slos: Iterable[Slo], boards: Iterable[Board] = (), *, proofs: bool = True, kinds: Sequence[str] = ALL
) -> Plan:
    """Plan the rule files, one per service, the proofs that go with them, and the pages about them.

    Args:
        slos: the objectives of all services, in any order.
        boards: dashboards that specs declare.
        proofs: whether to plan the unit tests too.
        kinds: what to plan, of ``ALL``.
    """
    ordered = sorted(slos, key=lambda slo: (slo.service, slo.id))
    services = {service: tuple(members) for service, members in groupby(ordered, key=lambda slo: slo.service)}
    files = tuple(
        RuleFile(service, tuple(group for slo in members for group in rule_groups(slo)))
        for service, members in services.items()
    )
    proved = proofs and "tests" in kinds
    return Plan(
        rules=files,
        proofs=tuple(made for file in files for made in proof_files(file, services[file.service])) if proved else (),
        dashboards=dashboards(ordered, boards) if "dashboards" in kinds else (),
        alertmanager=(alertmanager_config(ordered),) if ordered and "alertmanager" in kinds else (),
        runbooks=runbooks(ordered) if "runbooks" in kinds else (),
        inputs=input_metrics(ordered) if "dashboards" in kinds else frozenset(),
    )


def rule_groups(slo: Slo) -> tuple[RuleGroup, ...]:
    """Give an SLO's groups: what is recorded, and metadata with the alerts."""
    measure = measure_of(slo)
    made = recordings(slo, measure)
    alerts: tuple[Rule, ...] = (
        *metadata_rules(slo),
        *alerting_rules(slo, measure),
        *bad_data_rules(slo, measure),
        *missing_rules(slo, measure),
        *budget_rules(slo),
    )
    return (
        *_groups(slo, made.rare, naming.history_group, RARE_INTERVAL),
        *_groups(slo, made.slow, naming.windows_group, slow_interval(slo.query_offset)),
        *_groups(slo, made.fast, naming.records_group, FAST_INTERVAL),
        *_groups(slo, alerts, naming.alerts_group),
        *_groups(slo, compat_rules(slo, measure), naming.compat_group, FAST_INTERVAL),
    )


def _groups(
    slo: Slo, rules: tuple[Rule, ...], name: Callable[[str, int], str], interval: Duration | None = None
) -> tuple[RuleGroup, ...]:
    parts = tuple(rules[start : start + MAX_RULES] for start in range(0, len(rules), MAX_RULES))
    every = "" if interval is None else str(interval)
    late = "" if slo.query_offset is None else str(slo.query_offset)
    return tuple(RuleGroup(name(slo.id, number), part, every, late) for number, part in enumerate(parts, start=1))

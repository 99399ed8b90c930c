"""What a compilation makes, as typed values: rules, and the proofs that go with them.

Templates only lay these out; every decision has been made when one of them exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.pages.types import AlertmanagerConfig, Dashboard, Runbook

Labels = tuple[tuple[str, str], ...]  # sorted by name


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """A series that Prometheus computes and keeps."""

    record: str
    expr: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """A condition that pages or tickets somebody."""

    alert: str
    expr: str
    labels: Labels
    annotations: Labels
    hold: str = ""  # the rule's `for`, "" for none
    keep_firing_for: str = ""


Rule = RecordingRule | AlertingRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated one after the other, each after all that it reads."""

    name: str
    rules: tuple[Rule, ...]
    interval: str = ""  # "" leaves it to the server
    query_offset: str = ""  # how far back its rules look and record; "" leaves it to the server


@dataclass(frozen=True, slots=True)
class RuleFile:
    """All rule groups of one service."""

    service: str
    groups: tuple[RuleGroup, ...]


@dataclass(frozen=True, slots=True)
class InputSeries:
    """A series of a proof in promtool's notation, such as ``x{a="b"}`` and ``0+60x120``."""

    series: str
    values: str


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """A firing alert with exactly these labels and annotations."""

    labels: Labels
    annotations: Labels


@dataclass(frozen=True, slots=True)
class AlertCheck:
    """At ``eval_time`` exactly the expected alerts of this name fire."""

    eval_time: str
    alertname: str
    expected: tuple[ExpectedAlert, ...]


@dataclass(frozen=True, slots=True)
class ExprCheck:
    """At ``eval_time`` the expression has exactly these samples: (series text, value)."""

    eval_time: str
    expr: str
    expected: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """One unit test: input, and what arithmetic says the alerts do with it."""

    name: str
    interval: str
    series: tuple[InputSeries, ...]
    alert_checks: tuple[AlertCheck, ...]
    expr_checks: tuple[ExprCheck, ...]


@dataclass(frozen=True, slots=True)
class ProofFile:
    """The unit tests of one service that share an evaluation interval (promtool has one a file)."""

    name: str  # file name without folder and extension: the service, or service.days
    service: str
    evaluation_interval: str
    group_eval_order: tuple[str, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a compilation will write.

    Attributes:
        inputs: the metrics that the specs name, which pages may read beside the recorded ones.
    """

    rules: tuple[RuleFile, ...]
    proofs: tuple[ProofFile, ...]
    dashboards: tuple[Dashboard, ...] = ()
    alertmanager: tuple[AlertmanagerConfig, ...] = ()
    runbooks: tuple[Runbook, ...] = ()
    inputs: frozenset[str] = frozenset()

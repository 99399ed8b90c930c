"""Hold recording and alerting rules, their groups and files, as typed values."""

from __future__ import annotations

from dataclasses import dataclass

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

"""Hold proofs as typed values: promtool's unit tests, one file for each service and evaluation interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnproof.rules.types import Labels


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

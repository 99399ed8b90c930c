"""What the server says of itself: its version, what is switched on, and for how long it keeps samples."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.quantities import Duration, UnitError, duration
from burnproof.prometheus import catalog
from promrules.syntax.nodes import MatrixSelector, Subquery, VectorSelector, children
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.rules.types import RuleGroup
    from burnproof.specs.live.subject import Subject
    from promrules.syntax.nodes import Node

_DEFAULT: Final = 15 * 86_400.0
"""Prometheus keeps 15 days unless told otherwise (https://prometheus.io/docs/prometheus/latest/storage/)."""
_TIME: Final = re.compile(r"[1-9]\d{0,8}(?:ms|[smhdwy])(?:\d{1,9}(?:ms|[smhdwy]))*")
_UNSET: Final = ("0s", "0")
MAX_FEATURES: Final = 30


def introduce(subject: Subject) -> Iterator[Problem]:
    """Note version, flags, features and retention; no server but Prometheus has flags."""
    asker, server = subject.asker, subject.server
    build = asker.optional("the version", catalog.build) or {}
    server.version = asker.client.connection.shown(str(build.get("version", "")))
    flags = asker.optional("the flags", catalog.flags) or {}
    shown = asker.client.connection.shown
    server.flags = {str(name): shown(str(value)) for name, value in list(flags.items())[:1000]}
    features = build.get("features")
    named = [name for name, on in features.items() if on] if isinstance(features, dict) else []
    named += [name.strip() for name in server.flags.get("enable-feature", "").split(",")]
    server.features = tuple(shown(str(name)) for name in named if name)[:MAX_FEATURES]
    server.retention = _kept(server.flags)
    yield from ()


def _kept(flags: dict[str, str]) -> float | None:
    """Read the retention from flags; None where it is not known or bounded by size alone."""
    given = flags.get("storage.tsdb.retention.time", "")
    if given in _UNSET:
        return _DEFAULT if flags.get("storage.tsdb.retention.size", "0B") in ("0B", "0") else None
    if not _TIME.fullmatch(given):
        return None
    try:
        return float(duration(given).seconds)
    except UnitError:
        return None


def long_enough(subject: Subject) -> Iterator[Problem]:
    """Find SLOs whose rules look back further than samples are kept."""
    kept = subject.server.retention
    if kept is None:
        return
    for slo in subject.slos:
        longest = reach(subject.groups.get(slo.id, ()))
        if longest / 1000 > kept:
            message = (
                f"the rules of {slo.id} look back {Duration(longest)}, and the server keeps samples for "
                f"{Duration(int(kept * 1000))}"
            )
            hint = f"set --storage.tsdb.retention.time to {Duration(-(-longest // 86_400_000) * 86_400_000)} or more"
            yield problem("live-retention", message, slo.span("window") or slo.span("name"), hint)


def reach(groups: tuple[RuleGroup, ...]) -> int:
    """Give how far back, in milliseconds, the oldest sample is that the rules read at one evaluation."""
    return max((_reach(parse(rule.expr)) for group in groups for rule in group.rules), default=0)


def _reach(node: Node) -> int:
    match node:
        case VectorSelector(offset=offset):
            return max(0, offset) if isinstance(offset, int) else 0
        case MatrixSelector(selector=selector, range=length):
            return (length if isinstance(length, int) else 0) + _reach(selector)
        case Subquery(expr=expr, range=length, offset=offset):
            own = (length if isinstance(length, int) else 0) + (offset if isinstance(offset, int) else 0)
            return max(0, own) + _reach(expr)
        case _:
            return max(map(_reach, children(node)), default=0)

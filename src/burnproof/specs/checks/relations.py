"""Check what SLOs must not share: ids, file names, and what they measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burnproof.diagnostics import problem
from burnproof.model.slo import Count, Latency, Quantile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo


def ids(slos: Sequence[Slo]) -> Iterator[Problem]:
    """Two SLOs must differ in their id, not only in how service and name share it or in case."""
    first: dict[str, Slo] = {}
    for slo in slos:
        if not slo.service or not slo.name:
            continue
        before = first.setdefault(slo.id.casefold(), slo)
        if before is slo:
            continue
        where = before.span("name")
        at = f"; the first is at {where}" if where else ""
        if (before.service, before.name) == (slo.service, slo.name):
            message = f"the service {slo.service} has a second SLO {slo.name}{at}"
        else:
            both = f"{before.service} + {before.name} and {slo.service} + {slo.name}"
            message = f"{both} give the same id {slo.id}{at}"
        yield problem("duplicate-id", message, slo.span("name"), "rename one of the two")


def services(slos: Sequence[Slo]) -> Iterator[Problem]:
    """Services are file names, and many file systems do not tell cases apart."""
    first: dict[str, Slo] = {}
    for slo in slos:
        before = first.setdefault(slo.service.casefold(), slo)
        if before.service != slo.service:
            where = before.span("service")
            message = f"the services {before.service} and {slo.service} differ in case only"
            at = f"; the other is at {where}" if where else ""
            yield problem("nested-ids", message + at, slo.span("service"), "spell them alike, or rename one")


def same_sli(slos: Sequence[Slo]) -> Iterator[Problem]:
    """Where one SLO implies another on the same series, each incident alerts twice."""
    seen: dict[Any, list[Slo]] = {}
    for slo in slos:
        key = _series(slo)
        if key is None or (slo.objective is None and not isinstance(slo.indicator, Count)):
            continue
        others = seen.setdefault(key, [])
        # Levels of one SLO are meant to lie within each other.
        rivals = (
            other for other in others if other.id != slo.id and (other.service, other.name) != (slo.service, slo.name)
        )
        before = next((other for other in rivals if _implies(other, slo) or _implies(slo, other)), None)
        if before is not None:
            stricter = before if _implies(before, slo) else slo
            message = f"{slo.id} measures the same as {before.id}, and whoever meets {stricter.id} meets both"
            where = before.span("sli")
            at = f"the other is at {where}; keep one, or choose another bound" if where else "keep one of the two"
            yield problem("same-sli", message, slo.span("sli"), at)
        others.append(slo)


def _series(slo: Slo) -> Any:
    """Give what an SLO reads, without the bound that it must keep; None for a composite, and what was not readable."""
    measured = slo.indicator.measured
    return None if measured is None else (*measured, slo.by, slo.dedup, slo.period)


def _implies(strict: Slo, loose: Slo) -> bool:
    """Tell whether meeting one objective means meeting the other."""
    one, two = strict.indicator, loose.indicator
    higher = (strict.objective or 0) >= (loose.objective or 0)
    if isinstance(one, Latency | Quantile) and isinstance(two, Latency | Quantile):
        return higher and one.bound <= two.bound
    return higher

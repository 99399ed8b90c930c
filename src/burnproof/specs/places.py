"""Name the places in a spec that checks point to, and write values for messages."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

from burnproof.model.decimals import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from burnproof.diagnostics import Span
    from burnproof.model.slo import Slo


def sli_path(slo: Slo, key: str) -> str:
    """Give the path of a key of the SLO's kind."""
    return f"sli.{slo.indicator.key}.{key}"


def tier_span(slo: Slo, index: int, key: str) -> Span | None:
    """Find where a tier's value is written: in the policy itself, else where the policy is chosen."""
    path = f"alerting.policy.tiers.{index}.{key}"
    if path in slo.spans:
        return slo.spans[path]
    return slo.spans.get("alerting.policy") or slo.spans.get("objective") or slo.span("name")


def percent(ratio: Decimal, places: int = 2) -> str:
    """Write a ratio as a percentage, rounded up: ``0.930556`` is ``93.06 %``."""
    step = Decimal(1).scaleb(-places)
    return f"{plain((ratio * 100).quantize(step, rounding=ROUND_UP))} %"


def listed(values: Iterable[Decimal]) -> str:
    """Write numbers one after the other."""
    return ", ".join(plain(value) for value in values)

"""The series and labels of Sloth and Pyrra beside burnproof's own, so that dashboards and routes go on meanwhile.

Each is a copy of a series that is recorded anyway, under the old name and with the old labels. It has not the identity
of its SLO: what selects by that never sees a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof import __version__
from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Latency, Ratio
from burnproof.rules import selectors
from burnproof.rules.periods import period, period_ratio
from burnproof.rules.recording import sorted_labels, windows
from burnproof.rules.types import RecordingRule
from promrules.syntax.printer import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels

TOOLS: Final = ("sloth", "pyrra")
_DAY: Final = Decimal(86_400)
_MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Copy:
    """A series under another name.

    Attributes:
        record: the old name.
        labels: the old labels.
        of: the name of the series that it is a copy of.
        factor: what the value is multiplied by.
        rest: whether it is one minus the value.
    """

    record: str
    labels: Labels
    of: str
    factor: Decimal = Decimal(1)
    rest: bool = False

    def expr(self, slo: Slo) -> str:
        """Write the rule."""
        own = f"max without ({', '.join(naming.IDENTITY)}) ({naming.selector(self.of, slo.id)})"
        own = own if self.factor == 1 else f"{plain(self.factor)} * {own}"
        return f"1 - {own}" if self.rest else own

    def value(self, own: float) -> float:
        """Give its value where the series has this one."""
        return 1 - own * float(self.factor) if self.rest else own * float(self.factor)


def copies(slo: Slo, measure: Measure) -> tuple[Copy, ...]:
    """Give the copies that an SLO's compatibility asks for."""
    find = _COPIES.get(slo.compat)
    return () if find is None else find(slo, measure)


def compat_rules(slo: Slo, measure: Measure) -> tuple[RecordingRule, ...]:
    """Give the rules that record the copies."""
    return tuple(RecordingRule(copy.record, copy.expr(slo), copy.labels) for copy in copies(slo, measure))


def compat_labels(slo: Slo, tier: Tier) -> Labels:
    """Give the labels that the other tool has on the alert of a tier."""
    find = _LABELS.get(slo.compat)
    return () if find is None else find(slo, tier)


# Sloth: internal/plugin/slo/core/sli_rules_v1, metadata_rules_v1 and alert_rules_v1


def _sloth(slo: Slo, measure: Measure) -> tuple[Copy, ...]:
    # Some of its names are burnproof's, too: what joins on the identity must find each series once.
    labels = sorted_labels((*slo.labels, *_sloth_identity(slo), (naming.ID, f"sloth:{slo.id}")))
    ratios = [
        Copy(naming.error_ratio(window), sorted_labels((*labels, ("sloth_window", str(window)))), of)
        for window in windows(slo, measure)
        for of in [naming.error_ratio(window)]
    ]
    same = [naming.ERROR_BUDGET, naming.PERIOD_DAYS, naming.CURRENT_BURN_RATE, naming.PERIOD_BURN_RATE]
    same += [naming.OBJECTIVE] if slo.objective is not None else []
    shown = "" if slo.objective is None else percent(slo.objective).removesuffix("%").strip()
    described = (("sloth_mode", "cli-gen-prom"), ("sloth_objective", shown), ("sloth_spec", "prometheus/v1"))
    info = sorted_labels((*labels, *described, ("sloth_version", f"burnproof-{__version__}")))
    return (
        *ratios,
        *(Copy(name, labels, name) for name in (*same, naming.BUDGET_REMAINING)),
        Copy("sloth_slo_info", info, naming.ERROR_BUDGET, Decimal(0), rest=True),
    )


def _sloth_identity(slo: Slo) -> Labels:
    name = slo.id.removeprefix(f"{slo.service}-")
    return (("sloth_id", slo.id), ("sloth_service", slo.service), ("sloth_slo", name))


def _sloth_labels(slo: Slo, tier: Tier) -> Labels:
    """Sloth knows two severities: the more urgent alerts are pages."""
    urgent = slo.policy.tiers[0].severity
    return (*_sloth_identity(slo), ("sloth_severity", "page" if tier.severity == urgent else "ticket"))


# Pyrra: slo/rules.go, Burnrates, Alerts and GenericRules


def _pyrra(slo: Slo, measure: Measure) -> tuple[Copy, ...]:
    # Levels are objectives of their own there, and another service may have an SLO of the same name.
    name = slo.id.removeprefix(f"{slo.service}-")
    labels = sorted_labels((*slo.labels, (naming.SLO, name), (naming.SERVICE, slo.service)))
    metric = _metric(slo)
    named = [
        Copy(f"{metric}:burnrate{format_duration(window.ms)}", labels, naming.error_ratio(window))
        for window in windows(slo, measure)
        if metric and window != period(slo)
    ]
    events = measure.pair is not None and not measure.pair.slices
    rates = [("pyrra_requests:rate5m", naming.TOTAL), ("pyrra_errors:rate5m", naming.ERRORS)] if events else []
    return (
        *named,
        *([Copy("pyrra_objective", labels, naming.OBJECTIVE)] if slo.objective is not None else []),
        Copy("pyrra_window", labels, naming.PERIOD_DAYS, _DAY),
        Copy("pyrra_availability", labels, period_ratio(slo), rest=True),
        *(Copy(name, labels, of) for name, of in rates),
    )


def _metric(slo: Slo) -> str:
    """Name the metric that Pyrra names its series after; "" where the total is no selector."""
    match slo.indicator:
        case Ratio(total=total) if total.is_selector:
            name = selectors.read(total).name or ""
        case Latency(histogram=histogram):
            name = selectors.read(histogram).name or ""
        case _:
            return ""
    return name.removesuffix("_total").removesuffix("_count")


def _pyrra_labels(slo: Slo, tier: Tier) -> Labels:
    exhausted = round(period(slo).ms / tier.factor / _MINUTE) * _MINUTE
    short = tier.short or tier.long
    return (
        ("exhaustion", format_duration(exhausted)),
        ("long", format_duration(tier.long.ms)),
        ("short", format_duration(short.ms)),
    )


_COPIES: Final[dict[str, Callable[[Slo, Measure], tuple[Copy, ...]]]] = {"sloth": _sloth, "pyrra": _pyrra}
_LABELS: Final[dict[str, Callable[[Slo, Tier], Labels]]] = {"sloth": _sloth_labels, "pyrra": _pyrra_labels}

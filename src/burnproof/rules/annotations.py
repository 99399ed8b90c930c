"""Write what an alert says: value, threshold, budget spent, what to do, where to look."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Count
from burnproof.rules.periods import period, period_text
from burnproof.rules.recording import sorted_labels

if TYPE_CHECKING:
    from burnproof.model.slo import Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels


def tier_annotations(slo: Slo, measure: Measure, tier: Tier, limit: Decimal) -> Labels:
    """Annotate a burn-rate alert. ``{{ … }}`` is Prometheus' own template language."""
    spent = budget_spent(slo, tier)
    over = "at or above" if measure.breaks_at else "above"
    if isinstance(slo.indicator, Count):
        said = (
            f"{{{{ $value | humanizePercentage }}}} of what {tier.long} may see was counted in the last {tier.long}, "
            f"{over} the threshold of {percent(limit)} "
            f"(the limit is fewer than {plain(slo.indicator.limit)} per {slo.indicator.per})."
        )
    else:
        said = (
            f"The error ratio over {tier.long} is {{{{ $value | humanizePercentage }}}}, {over} the threshold of "
            f"{percent(limit)}, which is {plain(tier.factor)} times the error budget of {percent(slo.budget)}."
        )
    if slo.parts != (slo,):
        said += f" It is made of {', '.join(part.id for part in slo.parts)}; look which of them burns."
    if tier.note:
        said += f" (This tier is {tier.note}.)"
    pairs = [
        (
            "summary",
            f"{slo.service} {slo.name}{group_text(slo)} burns its error budget {plain(tier.factor)}x or faster",
        ),
        ("description", said),
        ("value", "{{ $value | humanizePercentage }}"),
        ("threshold", percent(limit)),
        ("budget_spent", f"{spent} of the {period_text(slo)} budget goes within {tier.long} at this rate"),
        ("budget_remaining", _remaining(slo)),
    ]
    return sorted_labels((*pairs, *pointers(slo), *slo.annotations, *tier.annotations))


def no_data_annotations(slo: Slo, measure: Measure) -> Labels:
    """Annotate a no-data alert."""
    return sorted_labels(
        (
            ("summary", f"{slo.service} {slo.name} has no data"),
            (
                "description",
                (
                    f"No series feeds {measure.presence} any more: the target is down, not scraped, or its metrics "
                    f"were renamed. A service that is merely idle does not raise this alert. Until data return, no "
                    f"burn-rate alert of this SLO can fire."
                ),
            ),
            *pointers(slo),
            *slo.annotations,
        )
    )


def group_no_data_annotations(slo: Slo, measure: Measure) -> Labels:
    """Annotate the alert that one group has no data."""
    return sorted_labels(
        (
            ("summary", f"{slo.service} {slo.name}{group_text(slo)} has no data"),
            (
                "description",
                (
                    f"This group had data within the last day, and no series of it feeds {measure.presence} any more: "
                    f"its target is down or was taken away. The alert ends when data return, or after a day."
                ),
            ),
            *pointers(slo),
            *slo.annotations,
        )
    )


def budget_spent(slo: Slo, tier: Tier) -> str:
    """Say which share of the period's budget a burn at the factor spends in the long window: factor x long / period.

    Source: The Site Reliability Workbook, chapter 5, table 5-8.
    """
    share = tier.factor * tier.long.ms / period(slo).ms
    return f"{plain((share * 100).quantize(Decimal('0.01')))}%"


def group_text(slo: Slo) -> str:
    """Name an alert's group, in Prometheus' template language; nothing where the SLO has none."""
    if not slo.by:
        return ""
    return " (" + ", ".join(f"{name}={{{{ $labels.{name} }}}}" for name in slo.by) + ")"


def _remaining(slo: Slo) -> str:
    """Ask for the budget that is left; in the first hour after deployment nobody knows."""
    matchers = "".join(f",{name}=%q" for name in slo.by)
    values = "".join(f" $labels.{name}" for name in slo.by)
    text = f'{naming.BUDGET_REMAINING}{{{naming.ID}=\\"{slo.id}\\"{matchers}}}'
    query = f'printf "{text}"{values} | query' if slo.by else f'query "{text}"'
    return f"{{{{ with {query} }}}}{{{{ . | first | value | humanizePercentage }}}}{{{{ else }}}}unknown{{{{ end }}}}"


def pointers(slo: Slo) -> tuple[tuple[str, str], ...]:
    """Give the annotations that say where to look, what to do and whom to ask."""
    found = (
        ("runbook_url", slo.runbook),
        ("dashboard_url", slo.dashboard),
        ("remediation", slo.remediation),
        ("owner", " ".join(part for part in (slo.owner.team, slo.owner.contact) if part)),
    )
    return tuple((name, escape(text)) for name, text in found if text)


def escape(text: str) -> str:
    """Keep a user's braces from being read as a template."""
    return text.replace("{{", '{{ "{{" }}') if "{{" in text else text

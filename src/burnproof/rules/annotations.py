"""Write what an alert says: value, threshold, budget spent, what to do, where to look."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.model import naming
from burnproof.model.decimals import percent, plain
from burnproof.model.slo import AnyBad, Compare, Count, Floor, Latency, Quantile, Threshold, slice_of
from burnproof.rules.periods import period, period_text
from burnproof.rules.recording import sorted_labels
from burnproof.rules.units import unit_of

if TYPE_CHECKING:
    from burnproof.model.slo import Indicator, Slo, Tier
    from burnproof.rules.measure import Measure
    from burnproof.rules.types import Labels


def tier_annotations(slo: Slo, measure: Measure, tier: Tier, limit: Decimal) -> Labels:
    """Annotate a burn-rate alert. ``{{ … }}`` is Prometheus' own template language."""
    who, spent = f"{slo.service} {slo.name}{group_text(slo)}", budget_spent(slo, tier)
    said = [_how_bad(slo, measure, tier, limit), bad_means(slo.indicator), _now(slo)]
    if slo.parts != (slo,):
        said.append(f"It is made of {', '.join(part.id for part in slo.parts)}; look which of them burns.")
    if tier.note:
        said.append(f"(This tier is {tier.note}.)")
    pairs = [
        ("summary", f"{who} burns its error budget {plain(tier.factor)}x or faster: {_in_short(slo, tier)}"),
        ("description", " ".join(part for part in said if part)),
        ("value", _VALUE),
        ("threshold", percent(limit)),
        ("budget_spent", f"{spent} of the {period_text(slo)} budget goes within {tier.long} at this rate"),
        ("budget_remaining", _remaining(slo)),
    ]
    return sorted_labels((*pairs, *pointers(slo), *slo.annotations, *tier.annotations))


_VALUE: Final = "{{ $value | humanizePercentage }}"


def _in_short(slo: Slo, tier: Tier) -> str:
    """Say how much is bad, for the line that a phone shows."""
    match slo.indicator:
        case Latency(bound=bound) as latency:
            return f"{_VALUE} slower than {unit_of(latency).write(bound)} over {tier.long}"
        case Floor(bound=bound) as floor:
            return f"{_VALUE} at or below {unit_of(floor).write(bound)} over {tier.long}"
        case Quantile(quantile=quantile, bound=bound) as found:
            return f"p{plain(quantile * 100)} missed {unit_of(found).write(bound)} in {_slices(slo, tier)}"
        case Threshold(op=op, bound=bound) as found:
            return f"value not {op} {unit_of(found).write(bound)} in {_slices(slo, tier)}"
        case Count(limit=most, per=per):
            return f"{_VALUE} of the limit of {plain(most)} per {per}"
        case Compare() | AnyBad():
            return f"bad in {_slices(slo, tier)}"
        case _:
            return f"{_VALUE} bad over {tier.long}"


def _slices(slo: Slo, tier: Tier) -> str:
    return f"{_VALUE} of the slices of {slice_of(slo.indicator)} over {tier.long}"


def _how_bad(slo: Slo, measure: Measure, tier: Tier, limit: Decimal) -> str:
    """Give the measured value and the bound; a value that rounds to the bound is never called above it."""
    fires = "at" if measure.breaks_at else "above"
    if isinstance(slo.indicator, Count):
        most, per = plain(slo.indicator.limit), slo.indicator.per
        return (
            f"In the last {tier.long} {_VALUE} of what they may see was counted; the alert fires {fires} "
            f"{percent(limit)}. The limit is fewer than {most} per {per}."
        )
    what = "The error ratio" if slice_of(slo.indicator) is None else "The share of bad slices"
    return (
        f"{what} over {tier.long} is {_VALUE}; the alert fires {fires} {percent(limit)}, which is "
        f"{plain(tier.factor)} times the error budget of {percent(slo.budget)}."
    )


def bad_means(indicator: Indicator) -> str:
    """Say when an event or a slice is bad, with the bound and its unit; "" where only the spec's queries say so."""
    match indicator:
        case Latency(bound=bound):
            return f"A request is bad that takes longer than {unit_of(indicator).write(bound)}."
        case Floor(bound=bound):
            return f"An observation is bad at or below {unit_of(indicator).write(bound)}."
        case Quantile(quantile=quantile, op=op, bound=bound, slice=length):
            shown = unit_of(indicator).write(bound)
            return f"A slice of {length} is bad unless its p{plain(quantile * 100)} is {op} {shown}."
        case Threshold(op=op, bound=bound, slice=length):
            return f"A slice of {length} is bad unless its value is {op} {unit_of(indicator).write(bound)}."
        case Compare(op=op, tolerance=tolerance, slice=length):
            within = f" within a tolerance of {percent(tolerance)}" if tolerance else ""
            return f"A slice of {length} is bad unless left {op} right{within}."
        case AnyBad(slice=length):
            return f"A slice of {length} is bad where it is bad of any member."
        case _:
            return ""


def shows_present(slo: Slo) -> bool:
    """Tell whether an alert looks up what the value is at that moment."""
    return isinstance(slo.indicator, Quantile | Threshold | Count)


def _now(slo: Slo) -> str:
    """Look up the value of the slice that is under way, or the count so far; nothing where there is none."""
    match slo.indicator:
        case Quantile(quantile=quantile) as indicator:
            return _looked_up(slo, naming.SLICE_VALUE, f"p{plain(quantile * 100)}", unit_of(indicator).template)
        case Threshold() as indicator:
            return _looked_up(slo, naming.SLICE_VALUE, "The value", unit_of(indicator).template)
        case Count(per=per):
            return _looked_up(slo, naming.count_over(per), f"The count of the last {per}", "humanize")
        case _:
            return ""


def _looked_up(slo: Slo, name: str, what: str, template: str) -> str:
    return f"{{{{ with {_query(slo, name)} }}}}{what} is {{{{ . | first | value | {template} }}}} now.{{{{ end }}}}"


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
    asked = _query(slo, naming.BUDGET_REMAINING)
    return f"{{{{ with {asked} }}}}{{{{ . | first | value | humanizePercentage }}}}{{{{ else }}}}unknown{{{{ end }}}}"


def _query(slo: Slo, name: str) -> str:
    """Write the call that asks for a recorded series of the alert's own group."""
    matchers = "".join(f",{label}=%q" for label in slo.by)
    values = "".join(f" $labels.{label}" for label in slo.by)
    text = f'{name}{{{naming.ID}=\\"{slo.id}\\"{matchers}}}'
    return f'printf "{text}"{values} | query' if slo.by else f'query "{text}"'


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

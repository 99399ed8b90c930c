"""Write what an SLO promises, who owns it, and what to do, as sentences and Markdown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from burnproof.model.decimals import percent, plain
from burnproof.model.slo import Count, slice_of
from burnproof.pages.markdown import address, escaped
from burnproof.rules.periods import period, period_text

if TYPE_CHECKING:
    from burnproof.model.slo import BudgetStep, Slo


def title(slo: Slo) -> str:
    """Name an SLO within its service, and its level where it is not the first."""
    return slo.name if slo.id == f"{slo.service}-{slo.name}" else f"{slo.name} {slo.level}"


def promise(slo: Slo) -> str:
    """Say what is promised: ``99.5% of events over 30d``."""
    if isinstance(slo.indicator, Count):
        return f"fewer than {plain(slo.indicator.limit)} in {slo.indicator.per}"
    return f"{percent(slo.objective or Decimal(0))} of {things(slo)} over {period_text(slo)}"


def things(slo: Slo) -> str:
    """Name what is good or bad: events, or slices of a length."""
    length = slice_of(slo.indicator)
    return "events" if length is None else f"slices of {length}"


def budget_text(slo: Slo) -> str:
    """Say how large the budget is: as a share and, for time under total outage, as a length."""
    if isinstance(slo.indicator, Count):
        return f"{plain(slo.indicator.limit)} events in {slo.indicator.per}"
    minutes = slo.budget * period(slo).ms / 60_000
    return (
        f"{percent(slo.budget)} of {period_text(slo)}, or {plain(minutes.quantize(Decimal('0.1')))} min of full outage"
    )


def owner_text(slo: Slo) -> str:
    """Name the owner and how to reach it; "" where nobody is named."""
    return ", ".join(part for part in (slo.owner.team, slo.owner.contact) if part)


def step_text(step: BudgetStep) -> str:
    """Say when a step of the budget policy holds."""
    return f"less than {percent(step.below)} left" if step.below else "nothing left"


def links(slo: Slo) -> tuple[tuple[str, str], ...]:
    """Give the addresses that the spec names for an SLO, with their titles."""
    return tuple((title, url) for title, url in (("Runbook", slo.runbook), ("Dashboard", slo.dashboard)) if url)


def about(slo: Slo) -> str:
    """Write the panel that tells a reader what this SLO is and what to do."""
    lines = [f"**{escaped(slo.service)} {escaped(title(slo))}**: {promise(slo)}."]
    if slo.description:
        lines.append(escaped(slo.description))
    facts = [("Owner", escaped(owner_text(slo)) or "nobody is named in the spec")]
    facts += [("Journey", escaped(text)) for _, text in slo.journeys]
    facts.append(("Budget", budget_text(slo)))
    facts.append(("When missed", escaped(slo.remediation) or "the spec names no remediation"))
    facts += [(f"With {step_text(step)}", escaped(step.action)) for step in slo.budget_policy]
    lines += [f"- **{name}:** {text}" for name, text in facts]
    lines += [f"- [{title}]({address(url)})" for title, url in links(slo)]
    return "\n".join([lines[0], "", *lines[1:]])

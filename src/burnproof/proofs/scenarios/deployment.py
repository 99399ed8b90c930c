"""The day of deployment: each tier waits for its window, then says what is the matter."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs import tolerances
from burnproof.proofs.assertions import (
    at,
    copy_is_near,
    copy_is_there,
    is_near,
)
from burnproof.proofs.prediction import changes, counts_counters, predict, shape_of
from burnproof.proofs.scenarios.outage import around
from burnproof.proofs.scene import Case, Scene, sample_seconds, slice_seconds
from burnproof.proofs.spending import account_of, balance
from burnproof.proofs.timeline import (
    EVENTS_PER_SECOND,
    Stretch,
    Timeline,
    round_up,
)
from burnproof.proofs.types import AlertCheck, ExpectedAlert, ExprCheck
from burnproof.rules.alerting import (
    threshold,
    tier_labels,
)
from burnproof.rules.annotations import shows_present, tier_annotations
from burnproof.rules.compat import copies
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import DAY, HOUR, Measure, Pair
from burnproof.rules.periods import period, reads_raw
from burnproof.rules.recording import identity_labels, info_labels, sorted_labels, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
        Tier,
    )
    from burnproof.rules.types import Labels


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of an SLO whose budget is a share."""
    if not case.measure.breaks_at:
        yield _deployment(case.slo, case.measure, case.groups)


def _deployment(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Everything burns from the first scrape on: each tier waits for its window, then says what is the matter.

    Every record is checked against the arithmetic, and every annotation word for word.
    """
    length = slice_seconds(slo)
    # Windows of slices have no ratio where most of them were never judged, so each slice is evaluated.
    grid = min(HOUR.ms // 1000, length or HOUR.ms // 1000)
    share = Decimal(1) if length else _steady_share(slo)
    last = max((tier.long.ms // 1000 for tier in slo.policy.tiers), default=DAY.ms // 1000)
    hold = max((0 if t.hold is None else t.hold.ms // 1000 for t in slo.policy.tiers), default=0)
    end = round_up(max(last, 2 * length, 2 * grid) + hold, grid) + 2 * grid
    story = Timeline((Stretch(end, share=share, rate=_whole_rate(share)),))
    sample = sample_seconds(slo, grid)
    checks: list[ExprCheck] = []
    for tier in slo.policy.tiers:
        shape = shape_of(slo, measure, tier)
        if shape.covered:
            found = changes(predict(shape, shape.view(grid, sample), story), grid)
            checks += around(slo, tier, found, groups)
    left = _left(slo, measure, story, grid, sample)
    checks += _record_checks(slo, measure, share, left, end, groups)
    checks.append(ExprCheck(at(end), f'ALERTS{{{naming.ID}="decoy"}}', ()))
    fired = tuple(
        ExpectedAlert(
            sorted_labels((*identity_labels(slo), *group, *tier_labels(slo, tier))),
            _expanded(slo, measure, tier, share, left, group),
        )
        for tier in slo.policy.tiers
        for group in groups
    )
    # What a user's own template or the present value expands to is for Prometheus to say; the rest is known.
    own = (*slo.annotations, *(pair for tier in slo.policy.tiers for pair in tier.annotations))
    templated = shows_present(slo) or any("{{" in text for _, text in own)
    # A text would show 0%, or the last digit of a float.
    spent = left is not None and abs(left) < tolerances.FLOAT
    return Scene(
        "each tier waits for its window, then tells what is the matter",
        story,
        grid,
        sample_seconds(slo),
        tuple(checks),
        () if templated or spent else (AlertCheck(at(end), slo.alert_name, fired),),
        decoys=True,
    )


def _left(slo: Slo, measure: Measure, story: Timeline, grid: int, sample: int) -> float | None:
    """Give the budget that is left at the end; None where the rules cannot know it yet."""
    if reads_raw(slo, measure):
        return 1 - story.mean(0, story.end) / float(slo.budget)
    shape = shape_of(slo, measure)
    found = balance(account_of(slo, shape.view(grid, sample)), story, story.end)
    return None if found is None else found.left


def _record_checks(
    slo: Slo, measure: Measure, share: Decimal, left: float | None, end: int, groups: tuple[Labels, ...]
) -> list[ExprCheck]:
    """Check each recorded series under a constant share of bad events, with ``left`` of the budget at the end."""
    bad = float(share)
    cost = bad / float(slo.budget)
    checks = [
        is_near(slo, naming.ERROR_BUDGET, float(slo.budget), end),
        is_near(slo, naming.PERIOD_DAYS, period(slo).ms / 86_400_000, end),
        is_near(slo, naming.INFO, 1, end, labels=info_labels(slo)),
    ]
    if slo.objective is not None:
        checks.append(is_near(slo, naming.OBJECTIVE, float(slo.objective), end))
    for group in groups:
        if measure.pair is not None:
            checks += _pair_checks(slo, measure.pair, share, end, group)
        checks += [is_near(slo, naming.error_ratio(window), bad, end, group) for window in windows(slo, measure)]
        checks.append(is_near(slo, naming.CURRENT_BURN_RATE, cost, end, group))
        if left is not None:
            checks.append(is_near(slo, naming.PERIOD_BURN_RATE, cost, end, group))
            checks.append(is_near(slo, naming.BUDGET_REMAINING, left, end, group, scale=1 - left))
    return [*checks, *_copy_checks(slo, measure, share, left, end, groups)]


def _copy_checks(
    slo: Slo, measure: Measure, share: Decimal, left: float | None, end: int, groups: tuple[Labels, ...]
) -> list[ExprCheck]:
    """Check the copies under another tool's names by the same arithmetic, and that nothing else has their labels."""
    bad = float(share)
    cost = bad / float(slo.budget)
    alone = {naming.ERROR_BUDGET: float(slo.budget), naming.PERIOD_DAYS: period(slo).ms / 86_400_000}
    alone |= {} if slo.objective is None else {naming.OBJECTIVE: float(slo.objective)}
    grouped = {naming.error_ratio(window): bad for window in windows(slo, measure)}
    grouped[naming.CURRENT_BURN_RATE] = cost
    if left is not None:
        grouped |= {naming.PERIOD_BURN_RATE: cost, naming.BUDGET_REMAINING: left}
    found = []
    for copy in copies(slo, measure):
        if copy.of in alone:
            found.append(copy_is_near(copy, alone[copy.of], end))
        elif copy.of in grouped:
            found += [copy_is_near(copy, grouped[copy.of], end, group) for group in groups]
        else:
            found += [copy_is_there(copy, end, groups)]
    return found


def _whole_rate(share: Decimal) -> Decimal:
    """Choose so many events per second that the bad among them are a whole number: then every ratio is exact."""
    digits = -int(share.normalize().as_tuple().exponent)
    return max(EVENTS_PER_SECOND, Decimal(10) ** digits)


def _pair_checks(slo: Slo, pair: Pair, share: Decimal, end: int, group: Labels) -> list[ExprCheck]:
    """Check the recorded pair: verdicts are 1, events as many as the story tells."""
    bad = float(share)
    if pair.slices:
        return [is_near(slo, pair.total, 1, end, group), is_near(slo, pair.errors, bad, end, group)]
    if not counts_counters(slo):
        return []  # as many events as there are scrapes: for the story to tell, not for the spec
    rate = float(_whole_rate(share) * weight_of(slo)) * (pair.base.ms // 1000) / float(pair.weight)
    sides = ((naming.TOTAL, rate), (naming.ERRORS, rate * bad), (pair.total, rate), (pair.errors, rate * bad))
    return [is_near(slo, metric, value, end, group) for metric, value in sides]


def _steady_share(slo: Slo) -> Decimal:
    """Choose a share of bad events that fires every tier, with few digits so that people can read the proof."""
    highest = max((threshold(slo, tier) for tier in slo.policy.tiers), default=slo.budget)
    wanted = min(highest * Decimal("1.25"), (1 + highest) / 2)
    digits = Decimal(1).scaleb(wanted.adjusted() - 2)
    return min(Decimal(1), wanted.quantize(digits, rounding=ROUND_CEILING))


def _expanded(slo: Slo, measure: Measure, tier: Tier, share: Decimal, remaining: float | None, group: Labels) -> Labels:
    """Expand a tier's annotations by hand: the value and the budget left are known, so their text is."""
    value = _humanize_percentage(float(share))
    left = "unknown" if remaining is None else _humanize_percentage(remaining)
    values = {"{{ $value | humanizePercentage }}": value}
    values |= {f"{{{{ $labels.{name} }}}}": text for name, text in group}
    found = []
    for name, text in tier_annotations(slo, measure, tier, threshold(slo, tier)):
        if name == "budget_remaining":
            found.append((name, left))
            continue
        expanded = text
        for template, expansion in values.items():
            expanded = expanded.replace(template, expansion)
        found.append((name, expanded.replace('{{ "{{" }}', "{{")))
    return tuple(found)


def _humanize_percentage(ratio: float) -> str:
    """Format as Prometheus' humanizePercentage does: four significant digits of the percentage."""
    return f"{ratio * 100:.4g}%"

"""The proofs every SLO gets beside its tiers': outage, idleness, silence, first deployment, what is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Compare, Ratio, Threshold, slice_of
from burnproof.proofs.assertions import (
    all_silent,
    at,
    is_absent,
    is_near,
    no_data_fires,
    tier_fires,
    tier_silent,
)
from burnproof.proofs.prediction import changes, counts_counters, predict, shape_of, unseen
from burnproof.proofs.scenarios.recovery import ebb_checks
from burnproof.proofs.series.decoys import anchor_decoy
from burnproof.proofs.series.feed import LeftOut, Without
from burnproof.proofs.series.queries import has_gauge
from burnproof.proofs.series.value_solver import lasts
from burnproof.proofs.spending import account_of, balance
from burnproof.proofs.timeline import EVENTS_PER_SECOND, Stretch, Timeline, round_down, round_up
from burnproof.proofs.types import AlertCheck, ExpectedAlert, ExprCheck
from burnproof.rules.alerting import NO_DATA_FOR, threshold, tier_labels
from burnproof.rules.annotations import tier_annotations
from burnproof.rules.kinds.composite import weight_of
from burnproof.rules.measure import HOUR
from burnproof.rules.periods import budget, period, reads_raw
from burnproof.rules.query_terms import counts_per_second as query_counts_per_second
from burnproof.rules.recording import identity_labels, info_labels, sorted_labels, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo, Tier
    from burnproof.proofs.types import InputSeries
    from burnproof.rules.measure import Measure, Pair
    from burnproof.rules.types import Labels

MINUTE = 60
_EXACTLY_SPENT = 1e-9  # of a budget: 0% or a last digit of a float, which texts would show
NO_DATA_HOLD = 10 * MINUTE
_FORGOTTEN = "a full outage is forgotten at the predicted minute"
assert NO_DATA_FOR == "10m"  # noqa: S101 - the arithmetic below is about this very figure


@dataclass(frozen=True, slots=True)
class Scene:
    """A story with its checks, before there are series: one unit test of one SLO."""

    name: str
    story: Timeline
    grid: int
    sample: int
    exprs: tuple[ExprCheck, ...]
    alerts: tuple[AlertCheck, ...] = ()
    without: Without | None = None
    decoys: bool = False  # whether series that no rule may read are there too
    others: tuple[InputSeries, ...] = ()  # of another SLO, with what this one's rules wait for
    alike: bool = True  # all groups live through the same; otherwise the first suffers and the others stay healthy


def slice_seconds(slo: Slo) -> int:
    """Give the length of the SLO's slices, 0 for events."""
    length = slice_of(slo.indicator)
    return 0 if length is None else length.ms // 1000


def sample_seconds(slo: Slo, grid: int = MINUTE) -> int:
    """Choose the seconds between samples: those between scrapes, or fewer where a slice or a window is too short."""
    length, scrape = slice_seconds(slo), slo.scrape.ms // 1000
    shortest = length or min(min(tier.long, tier.short or tier.long) for tier in slo.policy.tiers).ms // 1000
    if scrape and 2 * scrape <= shortest and grid % scrape == 0:
        return scrape
    if length:
        return max(1, min(length // 4, grid, 300))
    return max((step for step in (1, 5, 10, 15, 30, 60) if step <= min(grid, shortest // 4)), default=1)


def outage(slo: Slo, measure: Measure, group: Labels, without: LeftOut | None = None) -> Scene | None:
    """A full outage: each tier that can tell by then fires at the predicted minute, the others stay silent."""
    length = slice_seconds(slo)
    if length > 5 * MINUTE:
        return None
    warm = round_up(75 * MINUTE, length or MINUTE)
    shapes = [(tier, shape_of(slo, measure, tier)) for tier in slo.policy.tiers]
    # A tier that no history covers by then stays silent; the others fire once as much is bad as they tolerate.
    ready = [shape for _, shape in shapes if shape.covered <= warm]
    needed = [float(shape.threshold) * shape.long + shape.hold + length for shape in ready]
    if not ready and without is LeftOut.GOOD:
        return None
    lasts = round_up(max([*needed, 10.0 * MINUTE]), length or MINUTE) + 3 * MINUTE
    view = shapes[0][1].view(MINUTE, sample_seconds(slo))
    story = Timeline((Stretch(warm), Stretch(round_up(lasts, length or MINUTE), share=Decimal(1))))
    more: list[ExprCheck] = []
    title = "a full outage in which the good series vanish still pages"
    if without is not LeftOut.GOOD:
        title = "a full outage pages at the predicted minute, and is forgotten" if ready else _FORGOTTEN
        ends = max((tier.short.ms // 1000 + shape.keep for tier, shape in shapes if tier.short), default=0)
        healed = min(ends, 40 * MINUTE) + 3 * MINUTE
        for after, check in ebb_checks(slo, measure, story, view, group):
            more.append(check)
            healed = max(healed, after)
        story = story.then(Stretch(round_up(healed, length or MINUTE)))
    # Where a series vanishes, `rate` goes on for half a scrape.
    slack = 2 if without else 0
    checks = [
        check
        for tier, shape in shapes
        for check in _around(slo, tier, changes(predict(shape, view, story), MINUTE, slack), (group,))
    ]
    return Scene(title, story, MINUTE, view.sample, (*checks, *more), without=without, alike=False)


def _around(
    slo: Slo, tier: Tier, found: tuple[tuple[int, bool], ...], groups: tuple[Labels, ...]
) -> Iterator[ExprCheck]:
    """Check a tier around its changes."""
    for time, fires in found:
        yield tier_fires(slo, tier, time, groups) if fires else tier_silent(slo, tier, time)


def idle(slo: Slo, measure: Measure) -> Scene:
    """Traffic stops while the counters stay: nobody is woken, and a ratio of nothing is no ratio."""
    rest = max(90 * MINUTE, 2 * slice_seconds(slo))
    story = Timeline((Stretch(30 * MINUTE), Stretch(rest, rate=Decimal(0))))
    checks = [all_silent(slo, 30 * MINUTE), all_silent(slo, 60 * MINUTE), all_silent(slo, story.end)]
    if measure.pair is not None and not has_gauge(slo):
        shortest = windows(slo, measure)[0]
        metric = naming.error_ratio(shortest)
        if shortest.ms // 1000 * 2 < rest and not measure.breaks_at:
            idle_ratio = is_absent(slo, metric, story.end)
            if slo.no_traffic == "ignore" and not slo.by:
                checks.append(idle_ratio)
    grid = _grid_for(story.end, slice_seconds(slo))
    return Scene("idle traffic wakes nobody", story, grid, sample_seconds(slo, grid), tuple(checks))


def no_data(slo: Slo, measure: Measure) -> Scene | None:
    """The series vanish: the no-data alert fires, and only that one."""
    if not slo.no_data_alert:
        return None
    lag, warm = presence_lag(slo, measure), warm_up(slo)
    fires = warm + lag + NO_DATA_HOLD
    # A verdict on a comparison stands for a slice more where ranges are closed, and a composite reads it as a value.
    slack = slice_seconds(slo) if slo.parts != (slo,) and any(map(unseen, slo.parts)) else 0
    seen = round_up(fires + slack + 3 * MINUTE, 5 * MINUTE)
    story = Timeline((Stretch(warm), Stretch(lag + slack + NO_DATA_HOLD + 20 * MINUTE, rate=None)))
    checks = (
        all_silent(slo, warm),
        all_silent(slo, fires - 3 * MINUTE if lag <= 10 * MINUTE else round_down(fires - 5 * MINUTE, 5 * MINUTE)),
        no_data_fires(slo, seen),
        ExprCheck(at(seen), f'ALERTS{{{naming.ID}="decoy"}}', ()),
        *(tier_silent(slo, tier, seen) for tier in slo.policy.tiers),
    )
    grid = MINUTE if lag <= 10 * MINUTE else 5 * MINUTE
    sample = min(MINUTE, sample_seconds(slo, grid))
    return Scene(
        "vanished data raise the no-data alert alone",
        story,
        grid,
        sample,
        checks,
        others=(anchor_decoy(story, sample),),
    )


def warm_up(slo: Slo) -> int:
    """Give the seconds of data before they vanish; what is judged later than it ends is told as much earlier."""
    return max(30 * MINUTE, round_up(unseen(slo) + 15 * MINUTE, 5 * MINUTE))


def presence_lag(slo: Slo, measure: Measure) -> int:
    """Give the seconds for which the presence series outlives its input."""
    if measure.presence == naming.TOTAL:
        return 5 * MINUTE
    if measure.presence in (naming.SLICE_VALUE, naming.SLICE_RIGHT):
        # What is judged late is told as much earlier.
        return max(_lasts(part) - unseen(part) for part in slo.parts)
    return 0


def _lasts(slo: Slo) -> int:
    """Give the seconds for which the value that slices are judged by outlives its input."""
    match slo.indicator:
        case Threshold(value=value, slice=length):
            return lasts(value, length)
        case Compare() as indicator:
            return indicator.judged_over(slo.scrape).ms // 1000
        case _:
            return slice_seconds(slo)


def no_errors(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """No error ever happened, so no error series exists: that reads as zero errors, not as nothing."""
    story = Timeline((Stretch(65 * MINUTE),))
    end = story.end
    checks = [all_silent(slo, end)]
    for group in groups:
        checks.append(is_near(slo, naming.ERRORS, 0, end, group))
        checks += [
            is_near(slo, naming.error_ratio(window), 0, end, group)
            for window in windows(slo, measure)
            if window.ms <= HOUR.ms
        ]
        checks.append(is_near(slo, naming.BUDGET_REMAINING, 1, end, group))
    title = "no error series reads as no errors"
    return Scene(title, story, 5 * MINUTE, sample_seconds(slo), tuple(checks), without=LeftOut.BAD, decoys=True)


def deployment(slo: Slo, measure: Measure, groups: tuple[Labels, ...]) -> Scene:
    """Everything burns from the first scrape on: each tier waits for its window, then says what is the matter.

    Every record is checked against the arithmetic, and every annotation word for word.
    """
    length = slice_seconds(slo)
    # Windows of slices have no ratio where most of them were never judged, so each slice is evaluated.
    grid = min(HOUR.ms // 1000, length or HOUR.ms // 1000)
    share = Decimal(1) if length else _steady_share(slo)
    last = max(tier.long.ms // 1000 for tier in slo.policy.tiers)
    hold = max((0 if t.hold is None else t.hold.ms // 1000) for t in slo.policy.tiers)
    end = round_up(max(last, 2 * length, 2 * grid) + hold, grid) + 2 * grid
    story = Timeline((Stretch(end, share=share, rate=_whole_rate(share)),))
    sample = sample_seconds(slo, grid)
    checks: list[ExprCheck] = []
    for tier in slo.policy.tiers:
        shape = shape_of(slo, measure, tier)
        if shape.covered:
            found = changes(predict(shape, shape.view(grid, sample), story), grid)
            checks += _around(slo, tier, found, groups)
    left = _left(slo, measure, story, grid, sample)
    checks += record_checks(slo, measure, share, left, end, groups)
    checks.append(ExprCheck(at(end), f'ALERTS{{{naming.ID}="decoy"}}', ()))
    fired = tuple(
        ExpectedAlert(
            sorted_labels((*identity_labels(slo), *group, *tier_labels(slo, tier))),
            _expanded(slo, measure, tier, share, left, group),
        )
        for tier in slo.policy.tiers
        for group in groups
    )
    # What a user's own template expands to is for Prometheus to say; the rest is known.
    templated = any("{{" in text for _, text in slo.annotations)
    spent = left is not None and abs(left) < _EXACTLY_SPENT
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
        return 1 - story.mean(0, story.end) / float(budget(slo))
    shape = shape_of(slo, measure, slo.policy.tiers[0])
    found = balance(account_of(slo, shape.view(grid, sample)), story, story.end)
    return None if found is None else found.left


def record_checks(
    slo: Slo, measure: Measure, share: Decimal, left: float | None, end: int, groups: tuple[Labels, ...]
) -> list[ExprCheck]:
    """Check each recorded series under a constant share of bad events, with ``left`` of the budget at the end."""
    bad = float(share)
    cost = bad / float(budget(slo))
    checks = [
        is_near(slo, naming.ERROR_BUDGET, float(budget(slo)), end),
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
    return checks


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


def counts_per_second(slo: Slo) -> bool:
    """Tell whether an events SLI is read as events per second, and not as their number in a window."""
    ratios = [part.indicator for part in slo.parts if isinstance(part.indicator, Ratio)]
    return all(query_counts_per_second(ratio.total) for ratio in ratios)


def _steady_share(slo: Slo) -> Decimal:
    """Choose a share of bad events that fires every tier, with few digits so that people can read the proof."""
    highest = max(threshold(slo, tier) for tier in slo.policy.tiers)
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


def _grid_for(end: int, length: int) -> int:
    if length >= 3600:
        return 3600
    return MINUTE if end <= 3600 else 5 * MINUTE

"""Draw a scenario: the share of bad events over time, and when each tier fired."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from burnproof.lab.amounts import time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.lab.course import Course

BINS: Final = 240
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_ON: Final = "━"


@dataclass(frozen=True, slots=True)
class Bar:
    """When a tier fired, in seconds of the incident; ``end`` is that of the chart where it goes on."""

    tier: str
    severity: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn.

    Attributes:
        start, end: of the chart, in seconds of the incident.
        lasts: seconds of the incident, which begins at 0.
        shares: the share of bad events in each of so many equal parts of the time; -1 where there were none.
        bars: when tiers fired.
    """

    start: float
    end: float
    lasts: float
    shares: tuple[float, ...]
    bars: tuple[Bar, ...]

    def place(self, at: float) -> float:
        """Give where a time lies between start and end, from 0 to 1."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))


def chart_of(course: Course, fired: Sequence[tuple[str, str, float, float | None]]) -> Chart:
    """Draw an incident from a little before it until its last alert has ended, or a little after it."""
    last = course.seconds - course.before
    ends = [last if end is None else end for _, _, _, end in fired]
    margin = max(600.0, course.lasts * 0.1)
    start, end = -margin, min(float(last), max([course.lasts + margin, *(end + margin / 2 for end in ends)]))
    edges = [int(course.before + start + (end - start) * number / BINS) for number in range(BINS + 1)]
    shares = []
    for left, right in pairwise(edges):
        later = min(max(right, left + 1), course.seconds)
        total = float((course.total[:, later] - course.total[:, left]).sum())
        bad = float((course.bad[:, later] - course.bad[:, left]).sum())
        shares.append(bad / total if total else -1.0)
    bars = tuple(Bar(tier, severity, begin, last if until is None else until) for tier, severity, begin, until in fired)
    return Chart(start, end, course.lasts, tuple(shares), bars)


def as_lines(chart: Chart, width: int) -> Iterator[str]:
    """Yield the lines of a chart for a terminal: errors as blocks, a line for each tier that fired, and the times."""
    names = list(dict.fromkeys(f"{bar.severity} {bar.tier}" for bar in chart.bars))
    label = max(len(name) for name in (*names, "bad events"))
    columns = max(20, width - label - 4)
    yield f"  {'bad events'.ljust(label)} {_blocks(chart, columns)}"
    for name in names:
        cells = [" "] * columns
        for bar in chart.bars:
            if f"{bar.severity} {bar.tier}" == name:
                left, right = (int(chart.place(at) * columns) for at in (bar.start, bar.end))
                cells[left : max(right, left + 1)] = _ON * (max(right, left + 1) - left)
        yield f"  {name.ljust(label)} {''.join(cells[:columns]).rstrip()}"
    marks = [" "] * (columns + 12)
    for at, text in ((0.0, "0"), (chart.lasts, time(chart.lasts))):
        left = int(chart.place(at) * columns)
        marks[left : left + len(text)] = text
    yield f"  {' ' * label} {''.join(marks).rstrip()}"


def _blocks(chart: Chart, columns: int) -> str:
    """Draw shares as blocks; the highest fills the line, and any share above 0 is seen."""
    highest = max((share for share in chart.shares), default=0.0)
    made = []
    for column in range(columns):
        left, right = (int(BINS * place / columns) for place in (column, column + 1))
        share = max(chart.shares[left : max(right, left + 1)])
        height = 0 if share <= 0 or highest <= 0 else max(1, round(share / highest * (len(_BLOCKS) - 1)))
        made.append(_BLOCKS[height])
    return "".join(made).rstrip()

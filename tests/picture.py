"""``docs/proof.svg``: the proof of one alert, drawn from the arithmetic that the proof was made of.

``python tests/picture.py`` draws it anew. Nothing in it is typed in: the stretches of bad events, both windows and the
times of the checks are those of the story that is written to ``generated/tests/processor.yaml``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from burnproof.proofs.prediction import shape_of
from burnproof.proofs.scenarios.burn_rate import tell
from burnproof.rules.kinds import measure_of
from burnproof.specs.resolve import read_slos

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.proofs.prediction import Shape
    from burnproof.proofs.scenarios.burn_rate import Story

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "proof.svg"
SLO, TIER = "processor-availability", "1h"

WIDTH, LEFT, RIGHT = 880, 64, 20
SHARE_TOP, SHARE_HEIGHT = 74, 56
RATIO_TOP, RATIO_HEIGHT = 172, 196
CHECKS_Y = 394
TABLE_TOP, ROW = 470, 22
CEILING = 0.12  # where the ratio axis ends; the short window goes through it, which the picture says
BEFORE = 300  # seconds of the healthy stretch that are shown
STEP = 10  # seconds between points of a curve

# What each check is about, in the order of time.
MEANINGS = (
    "after a rest, both windows see a hundredth less than the threshold",
    "a little more of it: both are over",
    "an outage has passed, and the short window still remembers it",
    "the short window has forgotten it: reset, while the long one is far over",
    "the short one is held a hundredth below",
    "the short one is a hundredth above: both are over again",
    "no events any more: the last known ratio stands for half an hour",
    "it is forgotten, and the alert ends five minutes later",
    "and stays silent",
)

TIMES, MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; } .soft { fill: #59636e; } .num { font-variant-numeric: tabular-nums; }
.back { fill: #ffffff; } .axis { stroke: #d1d9e0; } .bad { fill: #8b949e; fill-opacity: .45; }
.over { fill: #cf222e; fill-opacity: .10; }
.limit { stroke: #cf222e; stroke-dasharray: 6 4; } .limit-text { fill: #cf222e; }
.long { stroke: #0969da; } .long-text { fill: #0969da; } .short { stroke: #9a6700; } .short-text { fill: #9a6700; }
.long, .short { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.silent { fill: #ffffff; stroke: #1f2328; stroke-width: 1.6; }
.firing { fill: #cf222e; stroke: #cf222e; stroke-width: 1.6; }
.drop { stroke: #8b949e; stroke-width: .8; stroke-dasharray: 2 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .soft { fill: #9198a1; } .back { fill: #0d1117; } .axis { stroke: #3d444d; }
  .over { fill: #ff7b72; fill-opacity: .16; } .limit { stroke: #ff7b72; } .limit-text { fill: #ff7b72; }
  .long { stroke: #58a6ff; } .long-text { fill: #58a6ff; } .short { stroke: #e3b341; } .short-text { fill: #e3b341; }
  .long, .short { fill: none; }
  .silent { fill: #0d1117; stroke: #e6edf3; } .firing { fill: #ff7b72; stroke: #ff7b72; }
}
"""


@dataclass(frozen=True)
class Drawing:
    """A tier's story and the stretch of it that is shown; lengths in seconds."""

    shape: Shape
    story: Story
    factor: str
    objective: str

    @property
    def start(self) -> int:
        """The first moment shown."""
        return max(0, self.story.silent[0] - BEFORE)

    @property
    def limit(self) -> float:
        """The threshold."""
        return float(self.shape.threshold)

    def x(self, time: float) -> float:
        """Place a time."""
        return round(LEFT + (time - self.start) / (self.story.timeline.end - self.start) * (WIDTH - LEFT - RIGHT), 1)

    def ratio(self, window: int, time: float) -> float:
        """Give the error ratio that a window sees."""
        return self.story.timeline.mean(time - window, time)

    def over(self, time: float) -> bool:
        """Tell whether both windows are over the threshold."""
        return all(self.ratio(window, time) > self.limit for window in (self.shape.long, self.shape.short))


def drawing() -> Drawing:
    """Find the tier and its story."""
    slo = next(slo for slo in read_slos([str(ROOT / "slos" / "processor.yaml")]).slos if slo.id == SLO)
    tier = next(tier for tier in slo.policy.tiers if str(tier.long) == TIER)
    shape = shape_of(slo, measure_of(slo), tier)
    return Drawing(shape, tell(shape), str(tier.factor), f"{slo.objective * 100:f}".rstrip("0"))


def picture() -> str:
    """Draw it."""
    made = drawing()
    height = TABLE_TOP + ROW * len(MEANINGS) + 8
    title = f"The proof of one alert: {SLO}, {made.factor} {TIMES} over {TIER}"
    spoken = f"{title}. Bad events over time, what both windows see of them, and the checks of the alert."
    limit = f"{made.factor} {TIMES} (1 {MINUS} objective) = {percent(made.limit)}"
    subtitle = f"Objective {made.objective} %, threshold {limit}. It fires while both windows are above it (red)."
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    wide = WIDTH - LEFT - RIGHT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{spoken}">',
        f"<title>{title}</title><style>{STYLE}</style>",
        f'<clipPath id="plot"><rect x="{LEFT}" y="{RATIO_TOP}" width="{wide}" height="{RATIO_HEIGHT}"/></clipPath>',
        f'<rect class="back" width="{WIDTH}" height="{height}" rx="8"/>',
        f'<text class="title" x="{LEFT}" y="30">{title}</text>',
        f'<text class="soft" x="{LEFT}" y="50">{subtitle}</text>',
        *shares(made),
        *ratios(made),
        *checks(made),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def shares(made: Drawing) -> Iterator[str]:
    """Draw the share of bad events, stretch by stretch."""
    floor = SHARE_TOP + SHARE_HEIGHT
    yield f'<text class="soft" x="{LEFT}" y="{SHARE_TOP + 10}">share of bad events</text>'
    at = 0
    for stretch in made.story.timeline.stretches:
        begin, at = at, at + stretch.seconds
        if not stretch.seconds or not stretch.share:
            continue
        left, right, tall = made.x(begin), made.x(at), round(float(stretch.share) * SHARE_HEIGHT, 1)
        yield f'<rect class="bad" x="{left}" y="{floor - tall}" width="{right - left:.1f}" height="{tall}"/>'
        inside = tall > SHARE_HEIGHT / 2
        small = right - left < 60
        # Where a bar is too narrow for its number, the number stands to its right.
        x, anchor = (right + 4, "start") if small else ((left + right) / 2, "middle")
        y = floor - tall + 16 if inside else floor - tall - 5
        yield f'<text class="num" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{percent(float(stretch.share))}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>'


def ratios(made: Drawing) -> Iterator[str]:
    """Draw what both windows see, the threshold, and when the condition holds."""
    floor = RATIO_TOP + RATIO_HEIGHT
    for begin, end in conditions(made):
        left, width = made.x(begin), made.x(end) - made.x(begin)
        yield f'<rect class="over" x="{left}" y="{RATIO_TOP}" width="{width:.1f}" height="{RATIO_HEIGHT}"/>'
    for level in (0, 0.04, 0.08, CEILING):
        yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_of(level)}" y2="{y_of(level)}"/>'
        yield f'<text class="soft num" x="{LEFT - 8}" y="{y_of(level) + 4}" text-anchor="end">{percent(level)}</text>'
    for minute in range(made.start // 60, made.story.timeline.end // 60 + 1, 5):
        yield f'<text class="soft num" x="{made.x(minute * 60)}" y="{floor + 56}" text-anchor="middle">{minute}m</text>'
    yield f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_of(made.limit)}" y2="{y_of(made.limit)}"/>'
    yield f'<text class="limit-text" x="{LEFT + 6}" y="{y_of(made.limit) + 15}">{percent(made.limit)}</text>'
    for name, window in (("long", made.shape.long), ("short", made.shape.short)):
        times = range(made.start, made.story.timeline.end + 1, STEP)
        points = " ".join(f"{made.x(time)},{y_of(made.ratio(window, time))}" for time in times)
        yield f'<polyline class="{name}" clip-path="url(#plot)" points="{points}"/>'
    peak = max(made.ratio(made.shape.short, t) for t in range(made.start, made.story.timeline.end, STEP))
    yield f'<text class="soft" x="{LEFT}" y="{RATIO_TOP - 10}">error ratio over</text>'
    yield f'<text class="long-text" x="{LEFT + 106}" y="{RATIO_TOP - 10}">━ 1h, the long window</text>'
    yield (
        f'<text class="short-text" x="{LEFT + 266}" y="{RATIO_TOP - 10}">━ 5m, the short window '
        f"(up to {percent(peak)}, beyond the top)</text>"
    )


def checks(made: Drawing) -> Iterator[str]:
    """Mark the checks on the axis of time, and list what each of them is about."""
    firing = set(made.story.firing)
    times = sorted({*made.story.silent, *firing})
    columns = ((LEFT, "start", "at"), (LEFT + 96, "end", "1h"), (LEFT + 166, "end", "5m"), (LEFT + 186, "start", ""))
    for x, anchor, name in columns:
        yield f'<text class="soft" x="{x}" y="{TABLE_TOP - 12}" text-anchor="{anchor}">{name}</text>'
    for row, (time, meaning) in enumerate(zip(times, MEANINGS, strict=True)):
        state = "firing" if time in firing else "silent"
        x, y = made.x(time), TABLE_TOP + ROW * row
        yield f'<line class="drop" x1="{x}" x2="{x}" y1="{RATIO_TOP}" y2="{CHECKS_Y - 6}"/>'
        yield f'<circle class="{state}" cx="{x}" cy="{CHECKS_Y}" r="6"/>'
        yield f'<circle class="{state}" cx="{LEFT - 18}" cy="{y + 4}" r="5"/>'
        cells = (
            f"{time // 60}m",
            percent(made.ratio(made.shape.long, time)),
            percent(made.ratio(made.shape.short, time)),
        )
        for (left, anchor, _), text in zip(columns, (*cells, f"{state}: {meaning}"), strict=True):
            yield f'<text class="num" x="{left}" y="{y + 8}" text-anchor="{anchor}">{text}</text>'


def conditions(made: Drawing) -> Iterator[tuple[int, int]]:
    """Give the stretches in which both windows are over the threshold."""
    begin = None
    for time in range(made.start, made.story.timeline.end + STEP, STEP):
        over = time <= made.story.timeline.end and made.over(time)
        if over and begin is None:
            begin = time
        elif not over and begin is not None:
            yield begin, min(time, made.story.timeline.end)
            begin = None


def y_of(ratio: float) -> float:
    """Place an error ratio."""
    return round(RATIO_TOP + RATIO_HEIGHT * (1 - ratio / CEILING), 1)


def percent(share: float) -> str:
    """Write a share, to two places at most: 6.48 %, 95 %."""
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"


def renew() -> None:
    """Write the picture."""
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(renew())

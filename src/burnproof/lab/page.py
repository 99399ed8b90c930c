"""Write outcomes as one HTML page that loads nothing: a table for each SLO, a drawing of each scenario."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import jinja2

from burnproof.lab import words
from burnproof.lab.amounts import time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.lab.chart import Bar, Chart
    from burnproof.lab.outcome import Outcome

_WIDTH: Final = 400.0
_TOP, _GROUND = 6.0, 64.0  # of the area of bad events
_ROW: Final = 14.0  # a tier's
_NAME: Final = 55.0  # the width of its name


def as_html(found: Sequence[Outcome], seed: int) -> str:
    """Give the page as text."""
    parts = [
        {
            "slo": slo,
            "policy": policy,
            "rows": [words.cells(one) for one in members],
            "drawings": [_drawing(one, one.chart) for one in members if one.chart is not None],
        }
        for (slo, policy), group in groupby(found, key=lambda one: (one.slo, one.policy))
        for members in (list(group),)
    ]
    slos = len({one.slo for one in found})
    return _template().render(slos=slos, summary=words.summary(found), seed=seed, header=words.HEADER, parts=parts)


def _drawing(one: Outcome, chart: Chart) -> dict[str, Any]:
    """Work out what a drawing shows, in the units of its picture."""
    tiers = list(dict.fromkeys((bar.severity, bar.tier) for bar in chart.bars))
    begin, end = (round(chart.place(at) * _WIDTH, 1) for at in (0.0, chart.lasts))
    fired = f"; fires: {', '.join(' '.join(tier) for tier in tiers)}" if tiers else "; no alert fires"
    return {
        "name": one.scenario,
        "title": one.title,
        "label": f"{one.scenario}: {one.title}{fired}",
        "height": _GROUND + 8 + _ROW * len(tiers) + 18,
        "begin": begin,
        "length": round(end - begin, 1),
        "lasts": time(chart.lasts),
        "path": _area(chart),
        "bars": [_bar(chart, bar, tiers.index((bar.severity, bar.tier))) for bar in chart.bars],
    }


def _bar(chart: Chart, bar: Bar, row: int) -> dict[str, Any]:
    left, right = (chart.place(at) * _WIDTH for at in (bar.start, bar.end))
    # Its name stands where there is room: behind it, before it, or in it.
    where = "behind" if right < _WIDTH - _NAME else "before" if left > _NAME else "inside"
    return {
        "severity": bar.severity,
        "tier": bar.tier,
        "x": round(left, 1),
        "width": round(max(2.0, right - left), 1),
        "y": _GROUND + 6 + _ROW * row,
        "text_x": round({"behind": right + 4, "before": left - 4, "inside": left + 4}[where], 1),
        "where": where,
    }


def _area(chart: Chart) -> str:
    """Draw the share of bad events as an area; its highest value reaches the top."""
    highest = max((share for share in chart.shares), default=0.0)
    if highest <= 0:
        return ""
    step = _WIDTH / len(chart.shares)
    points = [f"M0 {_GROUND}"]
    for number, share in enumerate(chart.shares):
        y = _GROUND - max(0.0, share) / highest * (_GROUND - _TOP)
        points.append(f"L{number * step:.1f} {y:.1f}L{(number + 1) * step:.1f} {y:.1f}")
    return "".join([*points, f"L{_WIDTH:.0f} {_GROUND}Z"])


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True)
    return environment.from_string(files("burnproof.lab").joinpath("page.html.j2").read_text("utf-8"))

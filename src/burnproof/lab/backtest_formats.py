"""Write backtests for a terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from burnproof.lab.amounts import DASH, share, time
from burnproof.lab.formats import laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from burnproof.lab.backtest import Backtest, Notification

SCHEMA: Final = "burnproof/backtest/v1"
HEADER: Final = ("tried", "attained", "budget left", "notified", "incidents met", "with an incident")
EACH: Final = ("when (UTC)", "severity", "windows", "lasted", "budget spent", "incident")
_MOST: Final = 20
"""Notifications that a table lists for each variant; JSON has all."""


def cells(found: Backtest) -> tuple[str, ...]:
    """Give one row: a variant and what came of it."""
    if found.reason:
        return (found.variant, *(DASH,) * (len(HEADER) - 2), f"not run: {found.reason}")
    known, met = found.incidents
    return (
        found.variant,
        DASH if found.attained is None else f"{found.attained * 100:.5g}%",
        DASH if found.left is None else share(found.left),
        notified(found),
        f"{met} of {known}" if known else DASH,
        DASH if found.precision is None or not known else f"{found.precision * 100:.3g}%",
    )


def notified(found: Backtest) -> str:
    """Say how often somebody would have been notified, and what else would have fired."""
    names = [one.severity for one in found.notifications]
    counts = [f"{names.count(name)} {name}" for name in dict.fromkeys(names)]
    return ", ".join([*counts, *(f"{count} {name}" for name, count in found.others)]) or "nobody"


def _each(one: Notification) -> tuple[str, ...]:
    return (
        datetime.fromtimestamp(one.start, UTC).strftime("%Y-%m-%d %H:%M"),
        one.severity,
        " ".join(one.tiers),
        "until the end" if one.end is None else time(one.end - one.start),
        DASH if one.spent is None else share(one.spent),
        one.incident or DASH,
    )


def as_text(found: Sequence[Backtest], *, width: int) -> str:
    """Write a table for each SLO, and one of the notifications of each variant."""
    return "\n\n".join("\n".join(part) for part in _parts(found, width)) + "\n"


def _parts(found: Sequence[Backtest], width: int) -> Iterator[list[str]]:
    for slo, group in groupby(found, key=lambda one: one.slo):
        members = list(group)
        yield [slo, *laid_out([HEADER, *map(cells, members)], width)]
        for one in members:
            if one.notifications:
                shown = [EACH, *map(_each, one.notifications[:_MOST])]
                more = len(one.notifications) - _MOST
                yield [f"{slo}, {one.variant}", *laid_out(shown, width), *([f"  and {more} more"] if more > 0 else [])]


def as_markdown(found: Sequence[Backtest]) -> str:
    """Write the tables of variants as Markdown."""
    parts = []
    for slo, group in groupby(found, key=lambda one: one.slo):
        rows = [HEADER, tuple("---" for _ in HEADER), *map(cells, group)]
        parts.append("\n".join([f"### {slo}", "", *("| " + " | ".join(row) + " |" for row in rows)]))
    return "\n\n".join(parts) + "\n"


def as_json(found: Sequence[Backtest]) -> str:
    """Write everything as JSON, ending in a newline: times in seconds since the epoch, shares as ratios."""
    made = [asdict(one) | {"precision": one.precision, "recall": one.recall} for one in found]
    return json.dumps({"schema": SCHEMA, "backtests": made}, indent=2, ensure_ascii=False) + "\n"

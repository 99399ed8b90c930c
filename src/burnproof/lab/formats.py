"""Write outcomes for a terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import groupby
from typing import TYPE_CHECKING

from burnproof.lab import words
from burnproof.lab.chart import as_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from burnproof.lab.outcome import Outcome

SCHEMA = "burnproof/simulation/v1"


def as_json(found: Sequence[Outcome], seed: int) -> str:
    """Write outcomes as JSON, ending in a newline: times in seconds, shares as ratios, null for never."""
    made = [
        asdict(replace(one, chart=None))
        | {"notifications": dict(one.notifications), "missed": one.missed, "false": one.false}
        for one in found
    ]
    return json.dumps({"schema": SCHEMA, "seed": seed, "outcomes": made}, indent=2, ensure_ascii=False) + "\n"


def as_text(found: Sequence[Outcome], *, width: int, tiers: bool = False, charts: bool = False) -> str:
    """Write a table for each SLO and policy; as well, with ``tiers`` a line for each tier, with ``charts`` drawings."""
    parts = []
    for (slo, policy), group in groupby(found, key=lambda one: (one.slo, one.policy)):
        members = list(group)
        rows = [words.HEADER, *map(words.cells, members)]
        parts.append("\n".join([f"{slo}, policy {policy}", *laid_out(rows, width)]))
        if charts:
            parts += [
                "\n".join([f"{one.scenario}: {one.title}", *as_lines(one.chart, width)])
                for one in members
                if one.chart is not None
            ]
        if tiers:
            parts.append("\n".join(_tier_lines(members, width)))
    return "\n\n".join([*parts, words.summary(found)]) + "\n"


def _tier_lines(found: Iterable[Outcome], width: int) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [("scenario", *words.TIER_HEADER)]
    for one in found:
        rows += [
            (one.scenario, *words.tier_cells(tier))
            for tier in one.tiers
            if tier.fired is not None or tier.wanted is not None
        ]
    yield from laid_out(rows, width)


def as_markdown(found: Sequence[Outcome]) -> str:
    """Write the tables as Markdown."""
    parts = []
    for (slo, policy), group in groupby(found, key=lambda one: (one.slo, one.policy)):
        rows = [words.HEADER, tuple("---" for _ in words.HEADER), *map(words.cells, group)]
        parts.append("\n".join([f"### {slo}, policy {policy}", "", *("| " + " | ".join(row) + " |" for row in rows)]))
    return "\n\n".join([*parts, words.summary(found)]) + "\n"


def laid_out(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Lay rows out in columns; where they are wider than the terminal, each row becomes lines of its own."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if sum(widths) + 2 * len(widths) <= width:
        return [
            "  " + "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
    head, *body = rows
    lines = []
    for row in body:
        lines.append(f"  {row[0]}")
        pairs = [f"{name} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell != "-"]
        lines += _wrapped(pairs, width)
    return lines


def _wrapped(parts: Sequence[str], width: int) -> list[str]:
    """Fill lines with parts that stay whole."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + len(part) + 2 <= width:
            lines[-1] += f", {part}"
        else:
            lines.append(f"    {part}")
    return lines

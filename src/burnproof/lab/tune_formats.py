"""Write candidates as a table, and the keys of the proposed one for the spec."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from burnproof.lab.amounts import DASH, share, time
from burnproof.lab.formats import laid_out
from burnproof.lab.tune import chosen, frontier
from burnproof.model.decimals import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.lab.tune import Candidate, Wish

SCHEMA: Final = "burnproof/tune/v1"


def as_text(slo: str, found: Sequence[Candidate], wish: Wish, width: int) -> str:
    """Write the frontier and the proposal."""
    best = chosen(found, wish)
    head = (
        "", "objective", "policy", "min_events", f"detects {percent(wish.share)} bad", "pages a month", "incidents met",
        "budget left", "samples/s",
    )  # fmt: skip
    rows = [
        (
            "*" if one == best else "",
            percent(one.objective),
            one.policy,
            DASH if one.least is None else str(one.least),
            "never" if one.detection is None else f"after {time(one.detection)}",
            f"{one.pages:.3g}",
            DASH if one.recall is None else f"{one.recall * 100:.3g}%",
            DASH if one.left is None else share(one.left),
            f"{one.cost:.0f}",
        )
        for one in frontier(found)
    ]
    asked = f"asked for: {percent(wish.share)} bad within {time(wish.within)}, {wish.pages:g} other pages a month"
    lines = [f"{slo}; {asked}", *laid_out([head, *rows], width), ""]
    if best is None:
        lines.append("No candidate does what is asked for, within its budget.")
    else:
        guard = "" if best.least is None else f"; under sli, min_events: {best.least}"
        lines.append(f"Proposed (*): objective: {percent(best.objective)}; alerting: {{policy: {best.policy}}}{guard}")
    return "\n".join(lines) + "\n"


def as_json(slo: str, found: Sequence[Candidate], wish: Wish) -> str:
    """Write all candidates, those on the frontier and the proposal, as JSON."""
    best, front = chosen(found, wish), frontier(found)
    made = [
        asdict(one) | {"objective": float(one.objective), "frontier": one in front, "proposed": one == best}
        for one in found
    ]
    wanted = {"share": float(wish.share), "within": wish.within, "pages": wish.pages}
    return json.dumps({"schema": SCHEMA, "slo": slo, "wish": wanted, "candidates": made}, indent=2) + "\n"

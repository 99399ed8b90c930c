"""Print what the rules of a ratio SLO read, rule by rule, and per second beside other compilers' rules.

Run it with `python tests/bench/bench_cost.py`; it needs no server (tests/live checks its figures on one).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))  # the tests' folders are no package

import ratioslo

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    yield f"{ratioslo.SERIES} raw series, scraped and evaluated every {ratioslo.SECONDS} s, {ratioslo.COUNTED} counted"
    for form in ("bad", "good"):
        found = ratioslo.costs(form)
        yield f"\n`{form}`: samples read per evaluation{'raw':>17}{'recorded':>10}"
        yield from (f"  {cost.name:<42}{cost.raw:>8,}{cost.recorded:>10,}" for cost in found)
        yield f"  {'all':<42}{sum(cost.raw for cost in found):>8,}{sum(cost.recorded for cost in found):>10,}"
    yield f"\nsamples per second and SLO (at most {ratioslo.BARS['bad']} at {ratioslo.COUNTED} counted)"
    for form in ("bad", "good"):
        for counted in (ratioslo.COUNTED, 15, ratioslo.SERIES):
            yield f"  burnproof, `{form}`, {counted:>2} series counted {ratioslo.cost(form, counted):>10,.1f}"
    yield from (f"  {name:<36}{figure:>8,}" for name, figure in ratioslo.PEERS.items())


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")

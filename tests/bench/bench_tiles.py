"""How far off a 30-day ratio is when it adds up five-minute rates, beside the hourly ones that are written.

`python tests/bench/bench_tiles.py` prints the 24 months of random arrivals of tests/plan/test_accuracy.py, in a minute
or two, as differences from the events that really happened; the reason is told in docs/adr/0001-hourly-pair.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))  # the tests' folders are no package

import test_accuracy as accuracy
from rulecases import rules_of

from burnproof import naming
from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from promrules.syntax.labels import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.columns.series import Storage

TILES = "tiles"
PAIR = (naming.TOTAL, naming.ERRORS, naming.TOTAL_HOUR, naming.ERRORS_HOUR)
OFFSETS = (0.0, 17.345)  # seconds past the minute at which rules run


def rules() -> str:
    """Give the recorded pair, the ratio that is written, and the same from five-minute rates."""
    group = yaml.safe_load(rules_of("api", accuracy.SPEC.replace("FORM", accuracy.FORMS["bad"])))["groups"][0]
    group["rules"] = [rule for rule in group["rules"] if rule.get("record") in (*PAIR, accuracy.RATIO)]
    errors, total = (
        f"sum_over_time({naming.selector(name, 'shop-api')}[30d:5m])" for name in (naming.ERRORS, naming.TOTAL)
    )
    group["rules"].append({"record": TILES, "expr": f"{errors} / ({total} > 0)"})
    return yaml.safe_dump({"groups": [group]})


def ratios(storage: Storage, offset: float) -> dict[str, float]:
    """Evaluate the rules once a minute for 31 days; give the last value of both ratios."""
    start, end = (int((offset + days * accuracy.DAY) * 1000) for days in (1, 31))
    groups = load_rules(rules(), file="shop.yaml").groups
    written = evaluate_rules(groups, storage, start, end, 60_000, EvalOptions(compat=3)).storage
    last = {dict(series.labels)[NAME]: float(series.values[-1]) for series in written}
    return {name: last[name] for name in (accuracy.RATIO, TILES)}


def differences() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each month's name and how far off, as a share of the truth, both ratios are."""
    for name, pattern in accuracy.PATTERNS.items():
        chance = np.random.default_rng(20260801)
        errors, total = accuracy.expected_events(pattern)
        bad, good = chance.poisson(errors).astype(float), chance.poisson(total - errors).astype(float)
        happened = accuracy.truth(bad, bad + good)
        for scraping in accuracy.SCRAPINGS:
            for offset in OFFSETS:
                found = ratios(accuracy.counters(bad, good, scraping), offset)
                title = f"{name}; every {scraping.every} s, rules {offset:g} s past the minute"
                yield title, {which: ratio / happened - 1 for which, ratio in found.items()}


def main() -> None:
    """Print the table and its summary."""
    table = []
    sys.stdout.write(f"{'hours':>9} {'tiles':>9}\n")
    for title, found in differences():
        table.append(found)
        sys.stdout.write(f"{found[accuracy.RATIO]:+9.4%} {found[TILES]:+9.4%}  {title}\n")
        sys.stdout.flush()
    for which, label in ((accuracy.RATIO, "hours"), (TILES, "tiles")):
        off = [abs(found[which]) for found in table]
        beyond = sum(one > accuracy.BAR for one in off)
        sys.stdout.write(f"{label}: {beyond} of {len(off)} beyond {accuracy.BAR:.1%}, at most {max(off):.2%}\n")


if __name__ == "__main__":
    main()

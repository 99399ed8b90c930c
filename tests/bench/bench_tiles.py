"""How far off a 30-day ratio is when its ranges are as long as what they stand for, beside the ratio that is written.

A range of five minutes over a counter holds one increment less than five minutes have, and extrapolates; the written
ones are one scrape longer (docs/adr/0009-exact-tiles.md). `python tests/bench/bench_tiles.py` prints the months of
random arrivals of tests/rules/test_accuracy.py as differences from the events that really happened; it takes minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))  # the tests' folders are no package

import test_accuracy as accuracy
from rulecases import rules_of

from promrules.rule_tests.evaluation import EvalOptions, evaluate_rules
from promrules.rule_tests.rule_file import load_rules
from promrules.syntax.labels import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.columns.series import Storage

PLAIN = "plain"
OFFSETS = (0.0, 17.345)  # seconds past the minute at which rules run


def rules(every: int) -> str:
    """Give the rules that the written ratio needs, and the ratio from ranges of exactly five minutes."""
    spec = accuracy.SPEC.replace("FORM", accuracy.FORMS["bad"])
    document = yaml.safe_load(rules_of("api", spec.replace("slos:", f"scrape_interval: {every}s\nslos:", 1)))
    needed = accuracy.read_by(accuracy.RATIO, [rule for group in document["groups"] for rule in group["rules"]])
    for group in document["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule.get("record") in needed]
    document["groups"] = [group for group in document["groups"] if group["rules"]]
    recorded = [
        {"record": f"{PLAIN}:{side}", "expr": f'sum(rate(http_requests_total{{job="shop"{more}}}[5m]))'}
        for side, more in (("errors", ',code="500"'), ("total", ""))
    ]
    errors, total = (f"sum_over_time({PLAIN}:{side}[30d:5m])" for side in ("errors", "total"))
    recorded.append({"record": PLAIN, "expr": f"{errors} / {total}"})
    document["groups"].append({"name": PLAIN, "rules": recorded})
    return yaml.safe_dump(document)


def ratios(storage: Storage, every: int, offset: float) -> dict[str, float]:
    """Evaluate the rules once a minute for 31 days; give the last value of both ratios."""
    start, end = (int((offset + days * accuracy.DAY) * 1000) for days in (1, 31))
    groups = load_rules(rules(every), file="shop.yaml").groups
    written = evaluate_rules(groups, storage, start, end, 60_000, EvalOptions(compat=3)).storage
    last = {dict(series.labels)[NAME]: float(series.values[-1]) for series in written}
    return {name: last[name] for name in (accuracy.RATIO, PLAIN)}


def differences() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each month's name and how far off, as a share of the truth, both ratios are."""
    for name, pattern in accuracy.PATTERNS.items():
        chance = np.random.default_rng(20260801)
        errors, total = accuracy.expected_events(pattern)
        bad, good = chance.poisson(errors).astype(float), chance.poisson(total - errors).astype(float)
        happened = accuracy.truth(bad, bad + good)
        for scraping in accuracy.SCRAPINGS:
            for offset in OFFSETS:
                found = ratios(accuracy.counters(bad, good, scraping), scraping.every, offset)
                title = f"{name}; every {scraping.every} s, rules {offset:g} s past the minute"
                yield title, {which: ratio / happened - 1 for which, ratio in found.items()}


def main() -> None:
    """Print the table and its summary."""
    table = []
    sys.stdout.write(f"{'written':>9} {'plain':>9}\n")
    for title, found in differences():
        table.append(found)
        sys.stdout.write(f"{found[accuracy.RATIO]:+9.4%} {found[PLAIN]:+9.4%}  {title}\n")
        sys.stdout.flush()
    for which, label in ((accuracy.RATIO, "written"), (PLAIN, "plain")):
        off = [abs(found[which]) for found in table]
        beyond = sum(one > accuracy.BAR for one in off)
        sys.stdout.write(f"{label}: {beyond} of {len(off)} beyond {accuracy.BAR:.1%}, at most {max(off):.2%}\n")


if __name__ == "__main__":
    main()

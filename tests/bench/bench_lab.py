"""How long the lab takes: 100 SLOs in all scenarios under two policies, and over 30 days of history a minute apart.

`python tests/bench/bench_lab.py` prints seconds of wall and processor time; `make bench` runs it with the others.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SLOS = 100
DAYS = 30
START = 1_767_225_600
_BURNPROOF = str(Path(sys.executable).parent / "burnproof")


def specs(folder: Path) -> None:
    """Write a spec of so many SLOs, each of its own service of one metric."""
    lines = ["version: burnproof/v1", "service: many", "slos:"]
    for number in range(SLOS):
        total = f'requests_total{{job="s{number}"}}'
        bad = f'requests_total{{job="s{number}",code=~"5.."}}'
        lines += [
            f"  - name: s{number}",
            "    objective: 99.9%",
            f"    sli: {{ratio: {{total: '{total}', bad: '{bad}'}}}}",
        ]
    (folder / "many.yaml").write_text("\n".join(lines) + "\n")


def history(folder: Path) -> None:
    """Write a dump with two series for each SLO."""
    with (folder / "dump.om").open("w") as file:
        for number in range(SLOS):
            for code, rise in (("200", 600), ("500", 0.3)):
                name = f'requests_total{{job="s{number}",code="{code}"}}'
                file.writelines(f"{name} {rise * minute:.1f} {START + minute * 60}\n" for minute in range(DAYS * 1440))
        file.write("# EOF\n")


def timed(name: str, folder: Path, *arguments: str) -> None:
    """Run a command and print what it took."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run([_BURNPROOF, *arguments], cwd=folder, stdout=subprocess.PIPE, check=False)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert done.returncode < 2
    wall = time.perf_counter() - began
    sys.stdout.write(f"{name:60} {wall:7.1f} s  {spent:7.1f} s of processors\n")


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        specs(folder)
        two = ("--policy", "google", "--policy", "google-3")
        timed(f"simulate: {SLOS} SLOs, all scenarios, 2 policies", folder, "simulate", "many.yaml", "--quiet", *two)
        history(folder)
        timed(
            f"backtest: {SLOS} SLOs, {DAYS} days a minute apart", folder, "backtest", "many.yaml", "--data", "dump.om"
        )


if __name__ == "__main__":
    main()

"""Times `burnproof generate` on specs of 1,000 and 5,000 SLOs, beside slokit and promtool where they are installed.

`python tests/bench/bench_compile.py [--only NAME] [--runs N] [--sizes 1000,5000]`; nothing is written into the
repository. Every figure is of a whole process, with everything verified; slokit verifies nothing that it writes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from processes import BURNPROOF, HEADER, ROOT, Timing, measure, shown

if TYPE_CHECKING:
    from collections.abc import Callable

PER_FILE = 10
OFF = {"BURNPROOF_CACHE": ""}
SLOTH_SECONDS = {1000: 0.51, 5000: 2.1}
"""What Sloth 0.16.0 took for as many SLOs on a quiet machine with 2 cores; it verifies nothing that it writes."""


def burnproof_spec(service: int) -> str:
    """Give a spec of ten ratio SLOs."""
    slos = "".join(
        f"""  - name: slo-{number}
    objective: 99.{9 if number % 2 else 5}%
    sli:
      ratio:
        total: http_requests_total{{job="svc{service}",handler="/h{number}"}}
        bad: http_requests_total{{job="svc{service}",handler="/h{number}",code=~"5.."}}
"""
        for number in range(PER_FILE)
    )
    owner = f'owner: {{team: team-{service % 7}, contact: "#team-{service % 7}"}}'
    return f"version: burnproof/v1\nservice: svc{service}\n{owner}\nwindow: 30d\nslos:\n{slos}"


def sloth_spec(service: int) -> str:
    """Give the same SLOs as Sloth and slokit read them."""
    rate, window = "sum(rate(http_requests_total", "[{{.window}}]))"
    slos = "".join(
        f"""  - name: slo-{number}
    objective: 99.{9 if number % 2 else 5}
    sli:
      events:
        error_query: {rate}{{job="svc{service}",handler="/h{number}",code=~"5.."}}{window}
        total_query: {rate}{{job="svc{service}",handler="/h{number}"}}{window}
    alerting: {{name: Svc{service}Slo{number}, page_alert: {{}}, ticket_alert: {{}}}}
"""
        for number in range(PER_FILE)
    )
    return f"version: prometheus/v1\nservice: svc{service}\nslos:\n{slos}"


def write_specs(folder: Path, count: int, spec: Callable[[int], str]) -> None:
    """Write specs of ``count`` SLOs."""
    folder.mkdir(parents=True)
    for service in range(count // PER_FILE):
        (folder / f"svc{service:04}.yaml").write_text(spec(service), encoding="utf-8")


def rules_only(folder: Path, count: int, runs: int) -> None:
    """Time `--only rules`, and slokit and promtool on the same."""
    command = [*BURNPROOF, "generate", "slos", "-o", "rules", "--only", "rules"]
    ours = measure(command, folder, runs=runs, before=lambda: _remove(folder / "rules"), variables=OFF)
    sloth = SLOTH_SECONDS.get(count)
    goal = f"{ours.elapsed / sloth:.1f} x Sloth's {sloth} s, goal <= 3 x" if ours and sloth else ""
    shown(f"{count:,} SLOs, rules", "burnproof", ours, goal)
    slokit = shutil.which("slokit")
    if slokit is not None:
        write_specs(folder / "sloth", count, sloth_spec)
        theirs = measure([slokit, "generate", "-i", "sloth", "-o", "slokit"], folder, runs=runs)
        shown("", "slokit", theirs, _ratio(ours, theirs))
    for tool in (shutil.which("promtool"), ROOT / "build" / "promtool"):
        if tool is not None and Path(tool).exists():
            files = [str(path) for path in sorted((folder / "rules" / "rules").iterdir())]
            checked = measure([str(tool), "check", "rules", *files], folder, runs=1)
            where = "promtool (build/)" if Path(tool).parent.name == "build" else "promtool"
            shown("  check rules on that", where, checked)
            if checked is not None and not checked.passed:
                raise SystemExit(f"{tool} refuses what was generated")


def everything(folder: Path, count: int, runs: int) -> None:
    """Time rules, proofs and pages: the first run, and one that has nothing to do."""
    command = [*BURNPROOF, "generate", "slos", "-o", "out"]
    cache = {"BURNPROOF_CACHE": str(folder / "cache")}

    def afresh() -> None:
        _remove(folder / "out")
        _remove(folder / "cache")

    first = measure(command, folder, runs=1 if count > 1000 else runs, before=afresh, variables=cache)
    goal = "goal < 10 s" if count == 1000 else "goal < 400 MB"
    shown(f"{count:,} SLOs, everything", "burnproof", first, goal)
    second = measure(command, folder, runs=runs, variables=cache)
    shown(f"{count:,} SLOs, unchanged", "burnproof", second, "goal <= 0.3 s" if count == 1000 else "")


def _ratio(ours: Timing | None, theirs: Timing | None) -> str:
    return f"burnproof takes {ours.elapsed / theirs.elapsed:.1f} x" if ours and theirs else ""


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Time all cases, or those whose name contains `--only`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", choices=("", "version", "rules", "everything"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", default="1000,5000")
    arguments = parser.parse_args()
    sys.stdout.write(HEADER)
    measure([*BURNPROOF, "schema"], ROOT, runs=1)  # so that modules are compiled
    if arguments.only in ("", "version"):
        shown("--version", "burnproof", measure([*BURNPROOF, "--version"], ROOT, runs=5), "goal < 0.2 s")
    for count in map(int, arguments.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="burnproof-bench-") as name:
            folder = Path(name)
            write_specs(folder / "slos", count, burnproof_spec)
            measure([*BURNPROOF, "generate", "slos/svc0000.yaml", "-o", "warm"], folder, runs=1, variables=OFF)
            if arguments.only in ("", "rules"):
                rules_only(folder, count, arguments.runs)
            if arguments.only in ("", "everything"):
                everything(folder, count, arguments.runs)


if __name__ == "__main__":
    main()

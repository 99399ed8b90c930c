"""Say what ``burnproof generate`` made: SLOs, rules, alerts, tests, and when the first SLO's alerts fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.show import fires_after

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from burnproof.compile import Compilation
    from burnproof.compile.cache import Asked


def summary(made: Compilation, asked: Asked) -> str:
    """Give a few lines for people, at most 100 columns wide unless names are long."""
    if not made.slos:
        return "  No SLO here has rules. SLIs of the kind `check` are judged by burnproof gate.\n"
    return "\n".join((*_counts(made, asked), *_first(made), ""))


def _counts(made: Compilation, asked: Asked) -> Iterator[str]:
    services = {slo.service for slo in made.slos}
    yield f"  SLOs    {len(made.slos)} in {_number(len(services), 'service')}"
    if "rules" in asked.kinds:
        counts = made.counts
        yield f"  rules   {_number(counts.records, 'recording rule')}, {_number(counts.alerts, 'alert')}"
    if "tests" in asked.kinds:
        yield f"  tests   {_number(made.counts.tests, 'test')} of the alerts; {_tested(made, asked)}"


def _tested(made: Compilation, asked: Asked) -> str:
    """Say how many SLOs have tests, and how to run these."""
    without = sum(problem.code == "unproved" for problem in made.problems)
    if without:
        return f"{without} of {_number(len(made.slos), 'SLO')} without tests"
    return f"every SLO has some. Run them: burnproof test{_files(asked.output)}"


def _files(output: Path) -> str:
    """Give the argument by which ``burnproof test`` finds the tests, unless it looks there anyway."""
    return "" if str(output) == "generated" else f" {output}/tests"


def _first(made: Compilation) -> Iterator[str]:
    """Explain the alerts of the first SLO."""
    for slo in made.slos[:1]:
        yield ""
        yield from (f"  {line}" for line in fires_after(slo))
        yield f"  Details: burnproof show {slo.id}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"

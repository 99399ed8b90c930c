"""``python -m burnproof.mutation [GENERATED] [SLO…]``: the score, and the survivors by name."""

from __future__ import annotations

import sys
from pathlib import Path

from promrules.mutation.run import Score, run
from promrules.processes import orderly_end
from promrules.workers import LostWorkerError

CANNOT = 2
"""Exit code of a run that could not be carried out."""


def main(arguments: list[str]) -> int:
    """Print the score of a generated folder; 0 when at least 95 % of the mutants are caught, by proofs that pass.

    1 when fewer are, 2 when that could not be found out.
    """
    generated = Path(arguments[0] if arguments else "generated")

    def told(slo: str, scored: Score) -> None:
        print(f"{slo:40} {scored.killed:5} of {scored.total:5}", file=sys.stderr, flush=True)  # noqa: T201

    try:
        whole = run(generated, arguments[1:], told=told)
    except LostWorkerError as error:
        print(f"burnproof.mutation: {error}; perhaps memory is short: name some SLOs only", file=sys.stderr)  # noqa: T201
        return CANNOT
    for one in whole.survivors:
        verdict = f"no change: {one.reason}" if one.reason else "survived"
        print(f"{one.slo}  {one.rule}: {one.change}: {verdict}")  # noqa: T201
    for name in whole.failing:
        print(f"{name}: fails on the rules as they are")  # noqa: T201
    share = whole.killed / whole.total if whole.total else 0.0
    print(f"{whole.killed} of {whole.total} mutants caught: {share:.2%}")  # noqa: T201
    return 0 if share >= 0.95 and not whole.failing else 1


if __name__ == "__main__":
    with orderly_end():
        sys.exit(main(sys.argv[1:]))

"""Run ``python -m burnproof.proofs.mutation [GENERATED] [SLO…]``: print the score and the survivors."""

from __future__ import annotations

import sys
from pathlib import Path

from burnproof.proofs.mutation.run import run
from promrules.mutation.command import progress, reported
from promrules.processes import orderly_end

LEAST = 0.92
"""The share of mutants that the proofs must catch."""


def main(arguments: list[str]) -> int:
    """Print the score of a generated folder; 0 when enough mutants are caught, by proofs that pass.

    1 when fewer are, 2 when that could not be found out.
    """
    generated = Path(arguments[0] if arguments else "generated")
    return reported(lambda: run(generated, arguments[1:], told=progress), LEAST, "burnproof.proofs.mutation")


if __name__ == "__main__":
    with orderly_end():
        sys.exit(main(sys.argv[1:]))

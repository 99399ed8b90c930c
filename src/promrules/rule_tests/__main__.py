"""`python -m promrules.rule_tests FILES…`: runs test files with default options, without the whole command line."""

from __future__ import annotations

import sys

from promrules.rule_tests.runner import run_plain

if __name__ == "__main__":  # processes that are spawned import this module again
    sys.exit(run_plain(sys.argv[1:]))

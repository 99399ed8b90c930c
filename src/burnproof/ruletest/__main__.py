"""`python -m burnproof.ruletest FILES…`: the test command alone, without the rest of the command line."""

from __future__ import annotations

import sys

from burnproof.ruletest.command import run_paths

sys.exit(run_paths(sys.argv[1:]))

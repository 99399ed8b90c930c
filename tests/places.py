"""Where things are: the repository, third-party data beside it, and the promtools of this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data"
PATIENCE = 600
"""Seconds after which a test gives up on what hangs; not a measure of anything, so that a busy machine is none."""


def promtools() -> list[Path]:
    """Every promtool found: the system's, and the current one that `make promtool` builds."""
    system = shutil.which("promtool")
    found = [Path(system)] if system else []
    built = ROOT / "build" / "promtool"
    return [*found, built] if os.access(built, os.X_OK) else found

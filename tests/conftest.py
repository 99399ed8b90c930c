"""What tests share: the repository's folders, third-party data, promtools, and burnproof as a process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from places import ROOT, SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of third-party test data beside the project."""
    if not SHARED.is_dir():
        pytest.skip(f"no third-party test data in {SHARED}")
    return SHARED


@pytest.fixture(scope="session", params=["system", "current"])
def promtool(request) -> Path:
    """Each promtool in turn, so that both readings of ranges are tested."""
    built = ROOT / "build" / "promtool"
    system = shutil.which("promtool")
    if request.param == "current":
        if not os.access(built, os.X_OK):
            pytest.skip("no current promtool: `make promtool` builds one")
        return built
    if system is None:
        pytest.skip("no promtool on the PATH")
    return Path(system)


@pytest.fixture
def burnproof(tmp_path):
    """Run burnproof as a user does, in a folder of the test's own; no run may show a traceback."""

    def run(*arguments, cwd=tmp_path, check=None, **options):
        environment = {**os.environ, "NO_COLOR": "1", "BURNPROOF_CACHE": "", **options.pop("env", {})}
        done = subprocess.run(
            [sys.executable, "-m", "burnproof", *map(str, arguments)],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            check=False,
            **options,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run

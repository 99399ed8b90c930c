"""What tests share: the repository's folders, third-party data, promtools, and burnproof as a process."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

import inprocess
from places import PATIENCE, ROOT, SEED, SHARED

APART = ("load", "demo", "test")
"""Commands that start servers, workers or Locust, which changes the process that it runs in."""

# `make test` asks for a tenth of the examples, `make test-all` for all; no test depends on the machine's speed.
settings.register_profile("all", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.load_profile("all")


def pytest_addoption(parser):
    parser.addoption("--sample", type=int, help="run so many of the chosen tests only, drawn by chance")


def pytest_report_header():
    return f"samples are drawn by BURNPROOF_TEST_SEED={SEED}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if config.option.sample is None or config.option.sample >= len(items):
        return
    chosen = set(random.Random(SEED).sample(range(len(items)), config.option.sample))
    left = [item for number, item in enumerate(items) if number not in chosen]
    items[:] = [item for number, item in enumerate(items) if number in chosen]
    config.hook.pytest_deselected(items=left)


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
    """Run burnproof as a user does, in a folder of the test's own; no run may show a traceback.

    A process costs half a second of start, so that commands run in this one unless the test is about processes
    (``apart=True``), or the command is: then Locust, servers or workers would stay behind.
    """

    def run(*arguments, cwd=tmp_path, check=None, apart=False, env=None, stdin=None, **options):
        words = [*map(str, arguments)]
        environment = {**os.environ, "NO_COLOR": "1", "BURNPROOF_CACHE": "", **(env or {})}
        if apart or options or stdin or (words[:1] and words[0] in APART) or "PYTHONPATH" in (env or {}):
            done = subprocess.run(
                [sys.executable, "-m", "burnproof", *words],
                cwd=cwd,
                env=environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                stdin=stdin or subprocess.DEVNULL,
                check=False,
                **options,
            )
        else:
            done = inprocess.run(words, cwd, environment)
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run

"""The other engine: finds `promtool`s, runs rule tests on them, and reads their verdict per test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from promrules.rule_tests.promtool_program import ENVIRONMENT, UNRELEASED, Promtool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class PromtoolVerdict:
    """What promtool said on one file.

    Attributes:
        passed: its exit status was 0.
        tests: test titles with their failures, None when this promtool cannot tell or stopped before the tests.
        output: its complaints.
    """

    passed: bool
    tests: tuple[tuple[str, tuple[str, ...]], ...] | None
    output: str


def find_promtools(
    environment: Mapping[str, str] | None = None, start: Path | None = None, variable: str = ENVIRONMENT
) -> list[Promtool]:
    """Find promtools: those a variable names, else `build/promtool` of this repository and the one on the PATH."""
    environment = os.environ if environment is None else environment
    named = environment.get(variable, "")
    candidates = named.split(os.pathsep) if named else [*_built(start or Path.cwd()), shutil.which("promtool") or ""]
    found: dict[str, Promtool] = {}
    for candidate in candidates:
        path = shutil.which(candidate) if candidate else None
        if path and os.path.realpath(path) not in found:
            found[os.path.realpath(path)] = Promtool(path, _version(path))
    return list(found.values())


def _built(start: Path) -> Iterable[str]:
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").exists() or (folder / ".git").exists():
            return [str(folder / "build" / "promtool")]
    return []


@lru_cache(maxsize=16)
def _version(path: str) -> tuple[int, int, int]:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return UNRELEASED
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said.stdout + said.stderr)
    return (int(found[1]), int(found[2]), int(found[3])) if found else UNRELEASED


def run_promtool(
    tool: Promtool, path: str, run: tuple[str, ...] | None = None, *, ignore_unknown_fields: bool = False
) -> PromtoolVerdict:
    """Run the tests of one file on a promtool.

    Raises:
        OSError: the program does not start.
    """
    with tempfile.TemporaryDirectory(prefix="promrules-") as folder:
        report = Path(folder) / "junit.xml"
        command = [tool.path, "test", *(["--junit", str(report)] if tool.has_junit else []), "rules"]
        command += [part for pattern in run or () for part in ("--run", pattern)]
        command += ["--ignore-unknown-fields"] if ignore_unknown_fields else []
        try:
            done = subprocess.run(
                [*command, path],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return PromtoolVerdict(passed=False, tests=None, output=f"gave up after {_TIMEOUT_SECONDS} seconds")
        output = "\n".join(part for part in (done.stderr.rstrip(), done.stdout.strip()) if part and part != "SUCCESS")
        return PromtoolVerdict(done.returncode == 0, _verdicts(report), output)


def _verdicts(report: Path) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Read the verdict of every test from a JUnit report."""
    try:
        suites = ET.parse(report).getroot()  # noqa: S314  # written a moment ago by promtool
    except (OSError, ET.ParseError):
        return None
    cases = list(suites.iter("testcase"))
    if any(case.find("error") is not None for case in cases):
        return None
    return tuple(
        (case.get("name", ""), tuple(failure.text or "" for failure in case.iter("failure"))) for case in cases
    )

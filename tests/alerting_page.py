"""Renew the console blocks of docs/explanation/alerting.md: `python tests/alerting_page.py`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "alerting.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n+```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r"(```console\n\$ )(burnproof [^\n]*)\n.*?(^```)", re.DOTALL | re.MULTILINE)


def renewed(text: str) -> str:
    """Run every command of the page on its files, and put in what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        for name, body in FILE.findall(text):
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_text(body, encoding="utf-8")
        return SHOWN.sub(lambda found: f"{found[1]}{found[2]}\n{_printed(found[2], folder)}{found[3]}", text)


def _printed(command: str, folder: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "120", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode > 1:
        raise RuntimeError(f"{command}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

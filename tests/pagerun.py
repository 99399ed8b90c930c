"""Read and run the marked blocks of a page of the docs, in order, in one folder.

<!-- file: slos/shop.yaml -->   the block below is that file
<!-- run -->                    each `$` line of the block below exits with 0; `cd` holds for all that follows
<!-- run: 1 -->                 … the last one with 1
<!-- output -->                 each line of the block below is in what the last command printed, in this order
<!-- live: … -->                commands for a live test, not run here
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import inprocess
from places import PATIENCE

APART = ("load", "demo", "test")
"""Commands that start servers or workers."""

BLOCK = re.compile(r"<!-- (file|run|output|live)(?:: ([^\n]*?))? -->\n+```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    kind: str
    argument: str
    body: str

    @property
    def commands(self):
        return [part for line in self.body.splitlines() if line.startswith("$ ") for part in line[2:].split(" && ")]


def blocks(page):
    return [Block(*found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def run_page(page, folder):
    """Do what the page says; gives nothing, and fails where it is not so."""
    said = ""
    for block in blocks(page):
        match block.kind:
            case "file":
                path = folder / block.argument
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.body, encoding="utf-8")
            case "run":
                folder, said = _run(block, folder)
            case "output":
                _holds(block.body, said)


def _run(block, folder):
    """Run the commands of a block; gives where they end, and what the last one printed."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", "BURNPROOF_CACHE": ""}
    said = ""
    for number, command in enumerate(block.commands, 1):
        words = shlex.split(command, comments=True)
        if words[0] == "cd":
            folder /= words[1]
            continue
        done = _done(words, folder, environment)
        said = done.stdout + done.stderr
        expected = int(block.argument or 0) if number == len(block.commands) else 0
        assert done.returncode == expected, f"{command}\n{said}"
    return folder, said


def _done(words, folder, environment):
    """Run a command; most of burnproof's in this process, since a new one costs half a second of start."""
    if words[0] == "burnproof" and words[1] not in APART:
        return inprocess.run(words[1:], folder, environment)
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _holds(expected, said):
    """Find each line, in order; what follows on a line may be more, such as the time that a test took."""
    lines = iter(said.splitlines())
    for line in expected.splitlines():
        assert any(found.startswith(line) for found in lines), f"not printed, or not in this order: {line}\n{said}"

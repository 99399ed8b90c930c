"""Read and run the marked blocks of a page of the docs, in order, in one folder.

<!-- file: slos/shop.yaml -->   the block below is that file
<!-- run -->                    each `$` line of the block below exits with 0; `cd` holds for all that follows
<!-- run: 1 -->                 … the last one with 1
<!-- output -->                 each line of the block below is in what the last command printed, in this order
<!-- live: … -->                commands for a live test, not run here

``python tests/pagerun.py`` writes the numbers in ``output`` blocks anew, as the commands print them now.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import inprocess
from places import PATIENCE, ROOT

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


def run_page(page, folder, renewed=None):
    """Do what the page says, and fail where it is not so; with ``renewed``, collect the lines that differ instead."""
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
                _holds(block.body, said, renewed)


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


def _holds(expected, said, renewed):
    """Find each line, in order; what follows on a line may be more, such as the time that a test took."""
    lines = said.splitlines()
    for line in expected.splitlines():
        place = next((number for number, found in enumerate(lines) if found.startswith(line)), None)
        if place is None and renewed is not None:
            place = next((number for number, found in enumerate(lines) if _shape(found) == _shape(line)), None)
            if place is not None:
                renewed[line] = lines[place]
        assert place is not None, f"not printed, or not in this order: {line}\n{said}"
        del lines[: place + 1]


def _shape(line):
    """Give a line without its numbers and the width of its columns."""
    return re.sub(r"\s+", " ", re.sub(r"\d+", "0", line))


def main():
    """Renew the pages with ``output`` blocks."""
    for page in sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")]):
        if any(block.kind == "output" for block in blocks(page)):
            renewed = {}
            with tempfile.TemporaryDirectory() as folder:
                run_page(page, Path(folder), renewed)
            text = page.read_text(encoding="utf-8")
            for old, new in renewed.items():
                text = text.replace(f"\n{old}\n", f"\n{new}\n")
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

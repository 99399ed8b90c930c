"""Run a command of burnproof in this process, and give what a process of its own would: exit code and output."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from burnproof.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def run(words: Sequence[str], folder: str | Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder under an environment; streams are no terminals, as in a pipeline."""
    with _stream() as out, _stream() as err, Path(os.devnull).open(encoding="utf-8") as nothing:
        streams = mock.patch.multiple(sys, stdin=nothing, stdout=out, stderr=err, argv=["burnproof", *words])
        with streams, mock.patch.dict(os.environ, environment, clear=True), contextlib.chdir(folder), _collector():
            try:
                main(words)
                code = 0
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        return subprocess.CompletedProcess(words, code, _written(out), _written(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def _collector() -> Iterator[None]:
    """Leave the garbage collector as it was, which large compilations change for good."""
    before = gc.get_threshold()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)

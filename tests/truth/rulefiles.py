"""Rule files to be judged: compile a spec, or read what is given."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof.normalise import slos_from_text
from burnproof.plan import make_plan
from burnproof.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@lru_cache(maxsize=64)
def compiled(spec: str) -> Mapping[str, str]:
    """Compile a spec; give the texts of its rule files by path."""
    loaded = slos_from_text("spec.yaml", spec)
    assert loaded.ok, loaded.problems
    return render(make_plan(loaded.slos, proofs=False), {}, None, ("rules",))


def read(path: Path) -> Mapping[str, str]:
    """Give the rules of a file: as they are, or compiled if it is a spec."""
    text = path.read_text()
    return compiled(text) if "burnproof/v1" in text else {path.name: text}

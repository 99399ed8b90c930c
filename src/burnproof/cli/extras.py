"""Load optional parts of burnproof, or say how to install what is missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from burnproof.cli.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


def load_extra(module: str, needs: Sequence[str], extra: str) -> ModuleType | None:
    """Import one of our modules that needs an extra; None, with a word to the user, where something is missing."""
    missing = [name for name in needs if find_spec(name) is None]
    if missing:
        say(f"burnproof: not installed: {', '.join(missing)}; run: pip install {' '.join(missing)}")
        say(f"These belong to burnproof's extra `{extra}`.")
        return None
    return import_module(module)

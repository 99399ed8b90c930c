"""Objectives to problems of meaning: one small function per check, all in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model import Slo


def check_all(slos: Sequence[Slo]) -> list[Problem]:
    """Run every check."""
    return []

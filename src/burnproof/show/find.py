"""What a user calls an SLO to the SLOs that are meant: id, ``service/name``, or a name alone."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model import Slo


def find(slos: Sequence[Slo], wanted: str) -> tuple[Slo, ...]:
    """Give the SLOs that are called so; several where a name alone is used by several services."""
    exact = tuple(slo for slo in slos if wanted in (slo.id, path(slo)))
    return exact or tuple(slo for slo in slos if slo.name == wanted)


def nearest(slos: Sequence[Slo], wanted: str) -> str:
    """Say which SLO was probably meant, or which there are."""
    names = [name for slo in slos for name in (path(slo), slo.id, slo.name)]
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    paths = [path(slo) for slo in slos]
    shown = ", ".join(paths[:12]) + (f" and {len(paths) - 12} more" if len(paths) > 12 else "")
    return f"there are {shown}" if paths else "there is none"


def path(slo: Slo) -> str:
    """Write an SLO as ``service/name``."""
    return f"{slo.service}/{slo.name}"

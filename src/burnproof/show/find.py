"""Find the SLOs that a user names: by id, ``service/name``, ``service/name/level``, or name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from burnproof.specs.resolve.levels import BASE_LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.model.slo import Slo


def find(slos: Sequence[Slo], wanted: str) -> tuple[Slo, ...]:
    """Give the SLOs that are called so; several where a name alone is used by several services.

    Of an SLO with levels the name alone means the target.
    """
    exact = tuple(slo for slo in slos if wanted in (slo.id, path(slo)))
    return exact or tuple(slo for slo in slos if slo.name == wanted and slo.level in ("", BASE_LEVEL))


def levels(slos: Sequence[Slo], chosen: Slo) -> tuple[Slo, ...]:
    """Give the other levels of the same objective."""
    return tuple(
        slo for slo in slos if (slo.service, slo.name) == (chosen.service, chosen.name) and slo.id != chosen.id
    )


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
    """Write an SLO as ``service/name``, a level of it as ``service/name/level``."""
    level = "" if slo.level in ("", BASE_LEVEL) else f"/{slo.level}"
    return f"{slo.service}/{slo.name}{level}"

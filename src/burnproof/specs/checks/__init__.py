"""Check SLOs for what cannot work: one small function for each check, all in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from burnproof.specs.checks.run import check_all

__all__ = ["check_all"]

__getattr__ = lazy_names(__name__, {"burnproof.specs.checks.run": __all__})

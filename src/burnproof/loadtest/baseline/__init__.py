"""Keep runs, compare comparable ones, watch their trend, derive thresholds from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from burnproof.loadtest.baseline.store import StoreError, is_copy, latest_comparable, stored

__all__ = ["StoreError", "is_copy", "latest_comparable", "stored"]

__getattr__ = lazy_names(__name__, {"burnproof.loadtest.baseline.store": __all__})

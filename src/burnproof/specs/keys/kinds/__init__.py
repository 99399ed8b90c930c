"""The keys under ``sli``: one file for each kind, with its own keys and the indicator that they stand for.

A kind that is a reading of another stands in ``specs/keys/derived``.
"""

from __future__ import annotations

from typing import Final

from burnproof.specs.keys.kinds import compare, composite, count, floor, latency, quantile, ratio, threshold
from burnproof.specs.keys.kinds.common import SliKind
from burnproof.specs.keys.result_check import CHECK

CLIENT_SIDE: Final = SliKind("check", "client-side: one number of a result, judged by gate", CHECK, None)

KINDS: Final[tuple[SliKind, ...]] = (
    ratio.KIND,
    latency.KIND,
    floor.KIND,
    quantile.KIND,
    compare.KIND,
    threshold.KIND,
    count.KIND,
    CLIENT_SIDE,
    composite.KIND,
)
"""In the order of the documentation."""

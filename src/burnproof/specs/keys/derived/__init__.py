"""Kinds of SLI that are written as another kind: each a file with its keys and what they mean in the other's.

To add one, write its file and name it here; reader, checks, schema, documentation, rules, proofs, pages and the gate
follow, for they see the kind that it is a reading of.
"""

from __future__ import annotations

from typing import Final

from burnproof.specs.keys.derived import probe
from burnproof.specs.keys.kinds.common import Derived

__all__ = ["DERIVED", "Derived"]

DERIVED: Final[tuple[Derived, ...]] = (probe.KIND,)

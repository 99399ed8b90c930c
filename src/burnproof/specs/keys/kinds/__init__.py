"""The keys under ``sli``: one file for each kind, with its own keys and the indicator that they stand for.

A kind that is a reading of another stands in ``specs/keys/derived``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, make_dataclass
from typing import TYPE_CHECKING, Any, Final

from burnproof.specs.keys.derived import DERIVED
from burnproof.specs.keys.kinds import compare, composite, count, histograms, ratio, threshold
from burnproof.specs.keys.kinds.common import SliKind
from burnproof.specs.keys.result_check import CHECK
from burnproof.specs.keys.table import Table, key

if TYPE_CHECKING:
    from burnproof.specs.keys.kinds.common import Common
    from burnproof.specs.keys.result_check import CheckSpec

CLIENT_SIDE: Final = SliKind("check", "client-side: one number of a result, judged by gate", CHECK, None)

KINDS: Final[tuple[SliKind, ...]] = (
    ratio.KIND,
    histograms.LATENCY,
    histograms.FLOOR,
    histograms.QUANTILE,
    compare.KIND,
    threshold.KIND,
    count.KIND,
    CLIENT_SIDE,
    composite.KIND,
)
"""In the order of the documentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliSpec:
    """What is measured, by exactly one kind."""

    @property
    def client_side(self) -> CheckSpec | None:
        """The check of a result, where it is one."""
        found: CheckSpec | None = getattr(self, CLIENT_SIDE.name)
        return found

    def written(self) -> Any:
        """Give the one kind that is there, as its author wrote it; None for a check of results, which is none."""
        given = (getattr(self, item.name) for item in fields(self) if item.name != CLIENT_SIDE.name)
        return next((kind for kind in given if kind is not None), None)

    def kind(self) -> Common | None:
        """Give the same as the kind that it is measured by."""
        written = self.written()
        reading = _READINGS.get(type(written))
        kind: Common | None = written if reading is None else reading(written)
        return kind


_READINGS: Final[dict[type, Any]] = {derived.table.cls: derived.reading for derived in DERIVED}


def _with_kinds() -> type:
    """Make the table's class: a field for each kind and each reading."""
    own = [(kind.name, Any, key(kind.table, kind.doc)) for kind in KINDS]
    own += [(kind.name, Any, key(kind.table, kind.doc)) for kind in DERIVED]
    made = make_dataclass(SliSpec.__name__, own, bases=(SliSpec,), frozen=True, slots=True, kw_only=True)
    made.__doc__ = SliSpec.__doc__
    return made


_WHOLE: Final = _with_kinds()
SLI: Final = Table(_WHOLE, "an SLI", exactly_one=tuple(item.name for item in fields(_WHOLE)))

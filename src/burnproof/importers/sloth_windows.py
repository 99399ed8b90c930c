"""Sloth's catalogs of alert windows: which share of the budget is spent within which time."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.importers.reading import Keys, Shape, length, refused
from burnproof.model.quantities import Duration, UnitError, number
from burnproof.model.slo import Tier

if TYPE_CHECKING:
    from burnproof.specs.source import Scalar

_OBJECT = "the Kubernetes object"
METADATA: Final = Shape(
    _OBJECT,
    ("name",),
    {
        "namespace": "",
        "labels": "they choose which Prometheus loads the rules; set them where generated/rules is applied",
        "annotations": "",
    },
)
_CATALOG: Final = Shape("alert windows", ("sloPeriod", "page", "ticket"))
_WINDOWS: Final = Shape("alert windows", ("quick", "slow"))
_WINDOW: Final = Shape("a window", ("errorBudgetPercent", "shortWindow", "longWindow"))


@dataclass(frozen=True, slots=True)
class Windows:
    """A catalog: which share of the budget is spent within which windows, for a period.

    Attributes:
        name: what to call the policy; "" for Sloth's own windows.
        rows: severity, share of the budget in percent, short and long window.
    """

    period: Duration
    rows: tuple[tuple[str, Decimal, Duration, Duration], ...]
    name: str = ""

    def tiers(self) -> tuple[Tier, ...]:
        """Give the alerts: each burns so fast that its share is gone within the long window."""
        return tuple(
            Tier((share / 100 * self.period.ms / long.ms).quantize(_PLACES).normalize() + 0, long, short, severity)
            for severity, share, short, long in self.rows
        )


_PLACES: Final = Decimal("0.0001")
_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
# internal/app/generate, windows/google-30d.yaml and google-28d.yaml: the same rows for both.
_ROWS: Final = (
    ("page", Decimal(2), Duration(_HOUR // 12), Duration(_HOUR)),
    ("page", Decimal(5), Duration(_HOUR // 2), Duration(6 * _HOUR)),
    ("ticket", Decimal(10), Duration(2 * _HOUR), Duration(_DAY)),
    ("ticket", Decimal(10), Duration(6 * _HOUR), Duration(3 * _DAY)),
)
OWN_WINDOWS: Final = tuple(Windows(Duration(days * _DAY), _ROWS) for days in (30, 28))


def catalog(root: Keys) -> Windows:
    """Read a catalog of alert windows.

    Raises:
        Refused: a part of it is missing.
    """
    metadata = root.below(METADATA, "metadata")
    spec = root.below(_CATALOG, "spec")
    if spec is None:
        raise refused("the catalog has no spec", root.node.span(), "see sloth.dev/usage/slo-period-windows")
    period = length(spec.needed("sloPeriod"))
    rows = []
    for severity in ("page", "ticket"):
        pair = spec.below(_WINDOWS, severity)
        for speed in ("quick", "slow"):
            row = pair.below(_WINDOW, speed) if pair is not None else None
            if row is None:
                message = f"the catalog has no {severity}.{speed}"
                raise refused(message, spec.node.span(), "Sloth needs all four, too")
            rows.append((severity, _number(row.needed("errorBudgetPercent")), *_lengths(row)))
            row.done()
    name = metadata.text("name") if metadata is not None else ""
    return Windows(period, tuple(rows), name or "sloth")


def _lengths(row: Keys) -> tuple[Duration, Duration]:
    return length(row.needed("shortWindow")), length(row.needed("longWindow"))


def _number(found: Scalar) -> Decimal:
    try:
        return number(found.text)
    except UnitError as error:
        raise refused(error.message, found.span(), error.hint) from None

"""Define the keys of ``dashboards:``, and the kinds of text that pages need."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from burnproof.model import quantities
from burnproof.model.boards import Board, BoardPanel, BoardPanelKind, BoardQuery
from burnproof.model.quantities import UnitError
from burnproof.specs.keys import fields, numerals, promql
from burnproof.specs.keys.table import Leaf, ListOf, Table, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.specs.source import Scalar

GRAFANA_UNITS: Final = {
    "s": "s", "ms": "ms", "%": "percent", "ratio": "percentunit", "rps": "reqps", "per second": "cps",
    "bytes": "bytes", "count": "short", "none": "none", "messages/s": "mps",
}  # fmt: skip
"""What units are called in a spec, and in Grafana; any other name is taken for one of Grafana's own."""

_URL: Final = re.compile(r"https?://[^\s/]+(/\S*)?")
_UNIT: Final = re.compile(r"[A-Za-z][A-Za-z0-9:/ .$-]*|%")


@dataclass(frozen=True, slots=True)
class Amount:
    """A bound as written: a plain number, a percentage (as a ratio) or a time (in seconds)."""

    value: Decimal
    kind: Literal["plain", "percent", "time"]

    def in_unit(self, unit: str) -> Decimal:
        """Give the number as it stands in a panel of Grafana's ``unit``."""
        scale = {("percent", "percent"): 100, ("time", "ms"): 1000}.get((self.kind, unit), 1)
        return self.value * scale


def _amount(text: str) -> Amount:
    stripped = text.strip()
    if stripped.endswith("%"):
        return Amount(quantities.number(stripped[:-1]) / 100, "percent")
    try:
        return Amount(quantities.number(stripped), "plain")
    except UnitError:
        return Amount(quantities.seconds(stripped), "time")


def _share_left(text: str) -> Decimal:
    value = quantities.ratio(text)
    if not 0 <= value < 1:
        raise UnitError(
            f"{text.strip()} is no share of a budget", "write 25% or 0.25; 0% is a spent one", "out-of-range"
        )
    return value


def _url(text: str) -> str:
    if not _URL.fullmatch(text.strip()):
        raise UnitError(f"{text!r} is no address", "write for example https://runbooks.example.org/slo", "bad-choice")
    return text.strip().rstrip("/")


def _unit(text: str) -> str:
    stripped = text.strip()
    if not _UNIT.fullmatch(stripped):
        hint = f"write {', '.join(GRAFANA_UNITS)}, or a unit's name in Grafana"
        raise UnitError(f"{text!r} is no unit", hint, "bad-choice")
    return GRAFANA_UNITS.get(stripped, stripped)


def _expr(scalar: Scalar) -> str:
    return promql.read_panel_query(scalar)


EXPR: Final = Leaf(_expr, {"type": ["string", "number"]}, "PromQL", whole_scalar=True)
AMOUNT: Final = Leaf(_amount, numerals.BOUND, "a number, a percentage or a time")
UNIT: Final = Leaf(_unit, {"type": "string"}, "a unit such as s, ms, %, ratio, rps, bytes or count")
URL: Final = Leaf(_url, {"type": "string", "pattern": f"^{_URL.pattern}$"}, "an address such as https://example.org/x")
SHARE_LEFT: Final = Leaf(_share_left, numerals.SHARE, "a share of the budget such as 25%")
KINDS: Final = ("timeseries", "stat", "gauge", "bargauge", "table", "distribution")
_KIND: Final = fields.choice(*KINDS)
_WORSE: Final = fields.choice("above", "below")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySpec:
    """One of several queries of a panel."""

    expr: str = key(EXPR, "the query", required=True)
    legend: str | None = key(fields.TEXT, "what its series are called; {{label}} stands for a label's value")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdsSpec:
    """Bounds of a panel, in its unit."""

    warning: Amount | None = key(AMOUNT, "from here on it is worrying")
    critical: Amount | None = key(AMOUNT, "from here on it is bad")
    worse: Literal["above", "below"] | None = key(_WORSE, "which side of the bounds is the bad one; above unless given")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPanelSpec:
    """A panel of a board."""

    title: str = key(fields.TEXT, "what it shows", required=True)
    type: BoardPanelKind | None = key(_KIND, "how it is drawn; timeseries unless given")
    description: str | None = key(fields.TEXT, "how to read it")
    unit: str | None = key(UNIT, "the unit of its values")
    expr: str | None = key(EXPR, "its query")
    queries: tuple[QuerySpec, ...] | None = key(
        ListOf(Table(QuerySpec, "a query with expr and legend"), at_least=1), "its queries, where there are several"
    )
    thresholds: ThresholdsSpec | None = key(Table(ThresholdsSpec, "thresholds"), "bounds to draw")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSpec:
    """A board of one's own."""

    title: str = key(fields.TEXT, "its title, unique within the service", required=True)
    description: str | None = key(fields.TEXT, "what it is for")
    panels: tuple[BoardPanelSpec, ...] = key(
        ListOf(Table(BoardPanelSpec, "a panel", exactly_one=("expr", "queries")), at_least=1),
        "its panels, left to right and top to bottom",
        required=True,
    )


def to_board(spec: BoardSpec, service: str) -> Board:
    """Make the board of what its author wrote; the spec must have been read without problems."""
    return Board(service, spec.title, tuple(_panel(panel) for panel in spec.panels), spec.description or "")


def _panel(spec: BoardPanelSpec) -> BoardPanel:
    unit = spec.unit or ""
    bounds = spec.thresholds or ThresholdsSpec()
    warning = None if bounds.warning is None else bounds.warning.in_unit(unit)
    critical = None if bounds.critical is None else bounds.critical.in_unit(unit)
    falling = warning is not None and critical is not None and critical < warning
    written: tuple[Any, ...] = spec.queries or (QuerySpec(expr=cast("str", spec.expr)),)
    return BoardPanel(
        title=spec.title,
        kind=spec.type or "timeseries",
        queries=tuple(BoardQuery(query.expr, query.legend or "") for query in written),
        description=spec.description or "",
        unit=unit,
        warning=warning,
        critical=critical,
        low_is_worse=falling or bounds.worse == "below",
    )

"""Define the keys of ``sli: {check: …}``: a bound on one number of a load-test or CI result."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from burnproof.model import quantities
from burnproof.model.measured import Quantity, QuantityError, quantity, unit
from burnproof.model.quantities import UnitError
from burnproof.model.result_check import CRITICAL_LEVEL, OPS, WARNING_LEVELS, Bound, Change, Check, Level
from burnproof.specs.keys import fields
from burnproof.specs.keys.table import Leaf, Table, TextOr, key

if TYPE_CHECKING:
    from decimal import Decimal

    from burnproof.model.measured import Unit
    from burnproof.model.quantities import Duration

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHANGE: Final = re.compile(r"\+?(?P<number>\S+?)\s*(?P<kind>%|pp|points|percentage points|[x\u00d7])")
_NUMBER_OR_TEXT: Final = [{"type": "number"}, {"type": "string"}]


def _quantity(text: str) -> Quantity:
    try:
        return quantity(text)
    except QuantityError as error:
        raise UnitError(str(error), "write for example 500ms, 99%, 10rps, 500KB or a bare number") from None


def _unit(text: str) -> Unit:
    try:
        return unit(text)
    except QuantityError as error:
        raise UnitError(str(error), "write for example ms, %, rps or MB", "bad-choice") from None


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise UnitError(f"{text!r} is no environment variable", "write for example SLO_FIRST_BYTE_P95_MS", "name")
    return text


def _samples(text: str) -> int:
    value = quantities.whole(text)
    if value < 0:
        raise UnitError(f"{text.strip()} is below 0", "write for example 1000", "out-of-range")
    return int(value)


def _share(text: str) -> Decimal:
    value = quantities.ratio(text)
    if not 0 <= value < 1:
        raise UnitError(f"{text.strip()} is no share below 1", "write 5% or 0.05", "out-of-range")
    return value


def _change(text: str) -> Change:
    """Read ``20%`` and ``5pp``; ``2x`` is 100 % more."""
    found = _CHANGE.fullmatch(text.strip())
    if found is None:
        hint = "write 20% for relative, 5pp for percentage points, or 2x for twice as much"
        raise UnitError(f"{text.strip()!r} does not say how much worse", hint)
    value = quantities.number(found["number"])
    if found["kind"] in ("x", "\u00d7"):
        value = (value - 1) * 100
    if value < 0:
        raise UnitError(
            f"{text.strip()} is no worsening", "write how much worse it may be, without a sign", "out-of-range"
        )
    return Change(value / 100, in_points=found["kind"] not in ("%", "x", "\u00d7"))


QUANTITY: Final = Leaf(_quantity, {"anyOf": _NUMBER_OR_TEXT}, "a bound such as 500ms, 99% or 10rps")
UNIT: Final = Leaf(_unit, {"type": "string"}, "a unit such as ms, s, %, ratio or rps")
VARIABLE: Final = Leaf(_variable, {"type": "string", "pattern": f"^{_VARIABLE.pattern}$"}, "an environment variable")
SAMPLES: Final = Leaf(_samples, {"anyOf": _NUMBER_OR_TEXT}, "a number of samples")
SHARE: Final = Leaf(_share, {"anyOf": _NUMBER_OR_TEXT}, "a share such as 5%")
CHANGE: Final = Leaf(_change, {"type": "string"}, "a worsening such as 20%, 5pp or 2x")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSpec:
    """A bound with its own comparison."""

    at_most: Quantity | None = key(QUANTITY, "the largest value that keeps it")
    below: Quantity | None = key(QUANTITY, "the bound, exclusive")
    at_least: Quantity | None = key(QUANTITY, "the smallest value that keeps it")
    above: Quantity | None = key(QUANTITY, "the bound, exclusive")


_LEVEL: Final = TextOr(QUANTITY, Table(BoundSpec, "a bound with its own comparison", exactly_one=tuple(OPS)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsSpec:
    """Bounds beside the target; plain ones compare as the target does."""

    concern: Quantity | BoundSpec | None = key(_LEVEL, "breaking it warns")
    warning: Quantity | BoundSpec | None = key(_LEVEL, "breaking it warns")
    critical: Quantity | BoundSpec | None = key(_LEVEL, "breaking it fails, and is called critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineSpec:
    """How much worse than the baseline it may be."""

    fail: Change | None = key(CHANGE, "more than this fails")
    warn: Change | None = key(CHANGE, "more than this warns")
    of: str | None = key(
        fields.TEXT, "another operation to compare with, such as the normal load of a spike; its own unless given"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec(BoundSpec):
    """Client-side: one number of a load-test or CI result against a bound; ``burnproof gate`` judges it."""

    metric: str = key(
        fields.TEXT, "the path of the number, such as Aggregated/99% or results.success_rate", required=True
    )
    unit: Unit | None = key(UNIT, "the unit of bare bounds, and of the number if the file does not say")
    levels: LevelsSpec | None = key(Table(LevelsSpec, "levels"), "further bounds: concern, warning, critical")
    min_samples: int | None = key(SAMPLES, "the fewest samples; what the percentile needs unless given")
    samples: str | None = key(fields.TEXT, "the path of the number of samples, if the format has none")
    max_failures: Decimal | None = key(SHARE, "the largest share of failed requests at which the number counts")
    env: str | None = key(VARIABLE, "the environment variable that overrides the target")
    file: str | None = key(fields.TEXT, "a pattern of file names, such as *_stats.csv; each of them must have it")
    operation: str | None = key(fields.TEXT, "the operation whose records must have it")
    baseline: Change | BaselineSpec | None = key(
        TextOr(CHANGE, Table(BaselineSpec, "baseline rules")), "how much worse than the baseline it may be"
    )
    drift: Change | None = key(
        CHANGE, "how much worse it may become from the start of a run to its end; needs the course of a run"
    )
    recovers_within: Duration | None = key(
        fields.DURATION, "the bound may be broken for less than this at a stretch; needs the course of a run"
    )


CHECK: Final = Table(CheckSpec, "a check with metric and a bound", exactly_one=tuple(OPS))


def to_check(spec: CheckSpec) -> Check:
    """Make the check of what its author wrote; the spec must have been read without problems."""
    bound = _bound(spec)
    levels = spec.levels or LevelsSpec()
    written = [(name, getattr(levels, name)) for name in (*WARNING_LEVELS, CRITICAL_LEVEL)]
    change = spec.baseline if isinstance(spec.baseline, BaselineSpec) else BaselineSpec(fail=spec.baseline)
    return Check(
        metric=spec.metric,
        bound=bound,
        unit=spec.unit,
        levels=tuple(
            Level(name, Bound(bound.op, given) if isinstance(given, Quantity) else _bound(given))
            for name, given in written
            if given is not None
        ),
        min_samples=spec.min_samples,
        samples=spec.samples or "",
        max_failures=spec.max_failures,
        env=spec.env or "",
        file=spec.file or "",
        operation=spec.operation or "",
        fail_change=change.fail,
        warn_change=change.warn,
        baseline_operation=change.of or "",
        drift=spec.drift,
        recovers_within=spec.recovers_within,
    )


def _bound(spec: BoundSpec) -> Bound:
    given = next((name, getattr(spec, name)) for name in OPS if getattr(spec, name) is not None)
    return Bound(OPS[given[0]], given[1])

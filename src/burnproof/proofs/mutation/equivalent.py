"""Say why no proof can catch a surviving mutant, if there is a reason.

Some changes alter the text of a rule and nothing that a unit test could see.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, isnan
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.proofs.mutation.equivalent_shapes import by_shape
from promrules.go_templates.durations import parse_duration
from promrules.mutation.mutants import parts, put
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Call,
    MatrixSelector,
    NumberLiteral,
    Paren,
    Subquery,
    VectorSelector,
    walk,
)
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from promrules.rule_tests.rule_file import Rule, RuleGroup
    from promrules.syntax.nodes import Node

_THRESHOLD = re.compile(r"slo:sli_error:ratio_rate(\w+) (>=|>) ([0-9.e+-]+) (plus|minus) 2%")
_GUARD = re.compile(r"guard > [0-9.e+-]+ dropped")
_LEAST = re.compile(rf"{naming.SLICE_TOTAL} >= ([0-9.e+-]+) (plus|minus) 2%")
_RATIO = "slo:sli_error:ratio_rate"
_CHANGED = {"plus": Fraction(51, 50), "minus": Fraction(49, 50)}


def reason(groups: tuple[RuleGroup, ...], rule: Rule, change: str, changed: Rule | None = None) -> str:
    """Say why a change of a rule is none, or give "" where it is one."""
    if changed is not None and changed.node != rule.node:
        if _series(rule.node) == _series(changed.node):
            return "what is multiplied by 0 or NaN has no value of its own, and a maximum has the series of a sum"
        why = by_shape(groups, rule.node, changed.node)
        if why:
            return why
    if _GUARD.fullmatch(change) and changed is not None and _is_implied(groups, rule, changed):
        return "a slice too many in the short window is one too many in the long one"
    least = _LEAST.fullmatch(change)
    if least is not None and ceil(Fraction(least[1])) == ceil(Fraction(least[1]) * _CHANGED[least[2]]):
        return "no whole number of slices lies between the two"
    found = _THRESHOLD.fullmatch(change)
    whole = _whole_numbers(groups, found[1]) if found else None
    if found is None or whole is None:
        return ""
    threshold = Fraction(found[3])
    rounded = ceil if found[2] == ">=" else floor
    if rounded(threshold * whole) == rounded(threshold * _CHANGED[found[4]] * whole):
        return f"no whole number of {whole} lies between the two thresholds"
    return ""


def _series(node: Node) -> str:
    """Write an expression so that two are equal if they differ only in values that are lost."""
    return to_text(_as_sums(node))


def _as_sums(node: Node) -> Node:
    """Write what is multiplied by 0 or NaN as plain sums: no maximum instead, no number times it."""
    for name, below in parts(node):
        node = put(node, name, _as_sums(below))
    if isinstance(node, Binary) and node.op == "*":
        if _loses_values(node.left):
            return replace(node, right=_without_value(node.right))
        if _loses_values(node.right):
            return replace(node, left=_without_value(node.left))
    return node


def _loses_values(factor: Node) -> bool:
    return isinstance(factor, NumberLiteral) and (factor.value == 0 or isnan(factor.value))


def _without_value(node: Node) -> Node:
    """Keep of an expression what says which series it has."""
    match node:
        case Paren(expr=inner):
            return _without_value(inner)
        case (
            Binary(op="*", left=NumberLiteral(), right=inner) | Binary(op="*" | "/", left=inner, right=NumberLiteral())
        ):
            return _without_value(inner)
        case Binary(op="+" | "or", left=left, right=right):
            return replace(node, left=_without_value(left), right=_without_value(right))
        case Aggregate(op="max"):
            return replace(node, op="sum")
        case _:
            return node


def _is_implied(groups: tuple[RuleGroup, ...], rule: Rule, changed: Rule) -> bool:
    """Tell whether a long window's threshold was lost that a short one's implies, slices being few."""
    mine, theirs = _conditions(rule.node), _conditions(changed.node)
    lost = [node for node in mine if node not in theirs]
    windows = {window: threshold for node in mine for window, threshold in _exceeded(node)}
    if len(lost) != 1 or len(windows) != 2:
        return False
    (long, least), *_ = [*_exceeded(lost[0]), ("", Fraction(0))]
    short = next(window for window in windows if window != long)
    slices, few = _slices(groups, long), _slices(groups, short)
    return (
        slices is not None and few is not None and few < slices and (floor(windows[short] * few) + 1) / slices > least
    )


def _conditions(node: Node) -> tuple[Node, ...]:
    """List what ``and`` joins."""
    match node:
        case Paren(expr=inner):
            return _conditions(inner)
        case Binary(op="and", left=left, right=right):
            return (*_conditions(left), *_conditions(right))
        case _:
            return (node,)


def _exceeded(node: Node) -> Iterator[tuple[str, Fraction]]:
    """Yield the window and the threshold of ``slo:sli_error:ratio_rate1d > 0.03``; nothing for anything else."""
    match node:
        case (
            Binary(op=">", left=VectorSelector() as ratio, right=NumberLiteral(value=value))
            | Binary(op=">", left=Call(args=(MatrixSelector(selector=ratio),)), right=NumberLiteral(value=value))
        ):
            name = ratio.name or ""
            if name.startswith(_RATIO):
                yield name.removeprefix(_RATIO), Fraction(str(value))


def _slices(groups: tuple[RuleGroup, ...], window: str) -> Fraction | None:
    """Give how many slices a window has that is read slice by slice; hourly sums do not see the latest slices."""
    node = next((rule.node for group in groups for rule in group.rules if rule.name == _RATIO + window), None)
    read = node is not None and any(
        isinstance(one, VectorSelector) and one.name == naming.SLICE_ERRORS for one in walk(node)
    )
    return _whole_numbers(groups, window) if read else None


def _whole_numbers(groups: tuple[RuleGroup, ...], window: str) -> Fraction | None:
    """Give how many slices a window has, or what a count is divided by; None where ratios are of events."""
    name = _RATIO + window
    rules = [rule for group in groups for rule in group.rules]
    node = next((rule.node for rule in rules if rule.name == name), None)
    if isinstance(node, Binary) and isinstance(node.left, VectorSelector):
        divisor = getattr(node.right, "value", None)
        return Fraction(divisor) if divisor and (node.left.name or "").startswith("slo:sli_errors:increase") else None
    steps = [
        one.step for rule in rules for one in walk(rule.node) if isinstance(one, Subquery) and _reads_verdicts(one.expr)
    ]
    lengths = [step for step in steps if isinstance(step, int)]
    return Fraction(ceil(parse_duration(window) / min(lengths))) if lengths else None


def _reads_verdicts(node: Node) -> bool:
    return any(isinstance(one, VectorSelector) and one.name == naming.SLICE_ERRORS for one in walk(node))

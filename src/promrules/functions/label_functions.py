"""label_replace, label_join and the labels of absent(): functions of label sets alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from promrules.columns.calls import string
from promrules.columns.matrices import compact, drops, merged_samples
from promrules.columns.values import EvaluationError, Matrix
from promrules.syntax.labels import BadRegexError, compile_regex, get, is_utf8, labels_of, replace
from promrules.syntax.nodes import MatchOp, MatrixSelector, VectorSelector, unwrapped

if TYPE_CHECKING:
    from promrules.columns.calls import Engine
    from promrules.columns.frame import Frame
    from promrules.columns.values import Mask
    from promrules.syntax.labels import Labels
    from promrules.syntax.nodes import Call, Node

_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))")


def _check_name(name: str, what: str) -> None:
    """Refuse an impossible label name.

    Raises:
        EvaluationError: empty, or not UTF-8.
    """
    if not is_utf8(name):
        raise EvaluationError(f"invalid {what}: {name}")


def label_replace(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Set a label from a regex on another, where it matches; ``$1`` and ``${name}`` stand for groups."""
    target, template, source, pattern = (string(arg) for arg in node.args[1:])
    try:
        regex = compile_regex(pattern)
    except BadRegexError:
        raise EvaluationError(f"invalid regular expression in label_replace(): {pattern}") from None
    _check_name(target, "destination label name in label_replace()")
    matrix = engine.series(node.args[0], frame)
    found = [regex.fullmatch(get(labels, source)) for labels in matrix.labels]
    new = [
        labels if match is None else replace(labels, target, _expand(template, match))
        for labels, match in zip(matrix.labels, found, strict=True)
    ]
    named = [match is not None and target == "__name__" for match in found]
    return _relabelled(engine, frame, matrix, new, named)


def _expand(template: str, found: re.Match[str]) -> str:
    """Fill a template with a match's groups; unknown groups are empty (Go's ``regexp.Expand``)."""

    def fill(reference: re.Match[str]) -> str:
        dollar, braced, plain = reference.groups()
        if dollar:
            return "$"
        name = braced or plain
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(fill, template)


def label_join(engine: Engine, node: Call, frame: Frame) -> Matrix:
    """Set a label to the values of others with a separator between them."""
    target, separator, *sources = (string(arg) for arg in node.args[1:])
    for source in sources:
        _check_name(source, "source label name in label_join()")
    _check_name(target, "destination label name in label_join()")
    matrix = engine.series(node.args[0], frame)
    new = [
        replace(labels, target, separator.join(get(labels, source) for source in sources)) for labels in matrix.labels
    ]
    return _relabelled(engine, frame, matrix, new, [target == "__name__"] * len(new))


def _relabelled(engine: Engine, frame: Frame, matrix: Matrix, labels: list[Labels], named: list[bool]) -> Matrix:
    """Give a vector its new labels; a name that was set on purpose (``named``) stays."""
    flags = [flag and not kept for flag, kept in zip(drops(matrix), named, strict=True)]
    new = Matrix(labels, matrix.values, matrix.present, matrix.histograms, flags, matrix.doubles)
    return merged_samples(new, engine.ctx, frame)


def absent_labels(node: Node) -> Labels:
    """Give the labels an absent series would have, as far as equality matchers tell."""
    inner = unwrapped(node)
    if isinstance(inner, MatrixSelector):
        inner = inner.selector
    if not isinstance(inner, VectorSelector):
        return ()
    found: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in inner.matchers:
        if matcher.name == "__name__":
            continue
        if matcher.op is MatchOp.EQUAL and matcher.name not in seen:
            found[matcher.name] = matcher.value
            seen.add(matcher.name)
        else:
            found.pop(matcher.name, None)
    return labels_of(found)


def where_absent(present: Mask, arg: Node) -> Matrix:
    """Give 1 in the columns where nothing is present."""
    gone: Mask = ~np.logical_or.reduce(present, axis=0, keepdims=True)
    return compact(Matrix([absent_labels(arg)], np.ones(gone.shape), gone))

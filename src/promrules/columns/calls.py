"""What a function's kernel sees of the engine: evaluate an argument, note a remark, fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from promrules.columns.values import EvaluationError
from promrules.syntax.nodes import StringLiteral, unwrapped

if TYPE_CHECKING:
    from promrules.columns.frame import Context, Frame
    from promrules.columns.values import Floats, Matrix, RangeMatrix, Value
    from promrules.syntax.nodes import Node


class Engine(Protocol):
    """The evaluator, as seen by kernels."""

    ctx: Context

    def value(self, node: Node, frame: Frame) -> Value:
        """Evaluate an expression in the columns of ``frame``."""

    def vector(self, node: Node, frame: Frame) -> Matrix:
        """Evaluate an instant vector, of which a cell holds one sample."""

    def series(self, node: Node, frame: Frame) -> Matrix:
        """Evaluate an instant vector as it is, with cells that may hold two (``Matrix.doubles``)."""

    def scalar(self, node: Node, frame: Frame) -> Floats:
        """Evaluate a scalar, one number per column."""

    def window(self, node: Node, frame: Frame) -> RangeMatrix:
        """Evaluate a range vector."""


def string(node: Node) -> str:
    """Give the value of a string argument.

    Raises:
        EvaluationError: it is no string literal.
    """
    inner = unwrapped(node)
    if not isinstance(inner, StringLiteral):
        raise EvaluationError("expected a string literal")
    return inner.value

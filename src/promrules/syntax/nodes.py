"""The abstract syntax tree of PromQL: frozen nodes with the character span each came from.

Durations and timestamps are integer milliseconds. Spans take no part in equality, so two texts that
differ only in blanks and brackets of layout give equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Span = tuple[int, int]
"""Characters ``[start, end)`` of the text that was parsed."""

NO_SPAN: Span = (0, 0)


class MatchOp(StrEnum):
    """How a label matcher compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


class Boundary(StrEnum):
    """The symbolic times of the ``@`` modifier."""

    START = "start"
    END = "end"


class Cardinality(StrEnum):
    """Which side of a vector match may hold many series per match group."""

    ONE_TO_ONE = "one-to-one"
    MANY_TO_ONE = "group_left"
    ONE_TO_MANY = "group_right"
    MANY_TO_MANY = "many-to-many"


class RangeMode(StrEnum):
    """How a range or instant selector treats the edges of its window (experimental in Prometheus)."""

    PLAIN = ""
    ANCHORED = "anchored"
    SMOOTHED = "smoothed"


@dataclass(frozen=True, slots=True)
class DurationCall:
    """A duration that depends on the query: ``step()``, ``range()`` or arithmetic on them."""

    op: str  # "step", "range", "min_of", "max_of", "+", "-", "*", "/", "%", "^", "neg"
    args: tuple[Duration, ...] = ()


Duration = int | DurationCall


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label matcher of a selector."""

    name: str
    op: MatchOp
    value: str


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number; durations written as numbers are seconds."""

    value: float
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A string, escapes resolved."""

    value: str
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Paren:
    """An expression in round brackets, or behind a unary plus, which changes no value but is no bare selector."""

    expr: Node
    plus: bool = False
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    expr: Node
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class VectorSelector:
    """``name{matchers} offset … @ …``. The metric name is always among ``matchers`` as ``__name__``."""

    matchers: tuple[Matcher, ...]
    offset: Duration = 0
    at: int | Boundary | None = None
    mode: RangeMode = RangeMode.PLAIN
    span: Span = field(default=NO_SPAN, compare=False)

    @property
    def name(self) -> str | None:
        """The metric name, when an equality matcher fixes it."""
        for matcher in self.matchers:
            if matcher.name == "__name__" and matcher.op is MatchOp.EQUAL and matcher.value:
                return matcher.value
        return None


@dataclass(frozen=True, slots=True)
class MatrixSelector:
    """``selector[range]``; offset and ``@`` live in the selector."""

    selector: VectorSelector
    range: Duration
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Subquery:
    """``expr[range:step]``; a step of ``None`` is the engine's default."""

    expr: Node
    range: Duration
    step: Duration | None = None
    offset: Duration = 0
    at: int | Boundary | None = None
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    func: str
    args: tuple[Node, ...]
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``op by|without (grouping) (param, expr)``; no modifier is ``by ()``."""

    op: str
    expr: Node
    param: Node | None = None
    grouping: tuple[str, ...] = ()
    without: bool = False
    span: Span = field(default=NO_SPAN, compare=False)


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other."""

    cardinality: Cardinality = Cardinality.ONE_TO_ONE
    labels: tuple[str, ...] = ()
    on: bool = False  # False: ignoring(labels), also where nothing is written
    include: tuple[str, ...] = ()  # labels of group_left(...) / group_right(...)
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands; ``matching`` matters only where both are vectors."""

    op: str
    left: Node
    right: Node
    matching: Matching = Matching()
    return_bool: bool = False
    span: Span = field(default=NO_SPAN, compare=False)


Node = (
    NumberLiteral
    | StringLiteral
    | Paren
    | Negation
    | VectorSelector
    | MatrixSelector
    | Subquery
    | Call
    | Aggregate
    | Binary
)


def children(node: Node) -> tuple[Node, ...]:
    """Give the direct sub-expressions of ``node`` in the order of the text."""
    find = _CHILDREN.get(type(node))
    return () if find is None else find(node)


_CHILDREN: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Paren: lambda node: (node.expr,),
    Negation: lambda node: (node.expr,),
    Subquery: lambda node: (node.expr,),
    MatrixSelector: lambda node: (node.selector,),
    Call: lambda node: node.args,
    Aggregate: lambda node: (node.expr,) if node.param is None else (node.param, node.expr),
    Binary: lambda node: (node.left, node.right),
}
"""Where the sub-expressions of each kind of node are; kinds that are missing have none."""


def unwrapped(node: Node) -> Node:
    """Give what stands inside round brackets."""
    while isinstance(node, Paren) and not node.plus:
        node = node.expr
    return node


def walk(root: Node) -> Iterator[Node]:
    """Yield ``root`` and every node below it, parents first; no recursion, so any depth is safe."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        yield node
        below = children(node)
        if below:
            stack.extend(below[::-1])


def selectors(root: Node) -> Iterator[VectorSelector]:
    """Yield every vector selector in ``root``, those inside ranges and subqueries too."""
    return (node for node in walk(root) if isinstance(node, VectorSelector))

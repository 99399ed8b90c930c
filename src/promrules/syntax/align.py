"""Give promql-parser's tree its characters: walk it along our own tokens and build our own nodes.

The tree decides what groups with what; every name, literal, label and modifier is read from the tokens, in the order
of the text. Left-deep chains of operators are followed in a loop, so their length does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import promql_parser

from promrules.syntax.labels import BadRegexError, is_empty_matching, predicate
from promrules.syntax.lexemes import MATCHING_WORDS, Prepared
from promrules.syntax.nodes import (
    Aggregate,
    Binary,
    Boundary,
    Call,
    Cardinality,
    Duration,
    Matcher,
    Matching,
    MatchOp,
    MatrixSelector,
    Negation,
    Node,
    NumberLiteral,
    Paren,
    RangeMode,
    StringLiteral,
    Subquery,
    VectorSelector,
)
from promrules.syntax.tokens import PromqlSyntaxError, Token, number_value, string_value

if TYPE_CHECKING:
    from collections.abc import Callable

_SET_OPERATORS: Final = frozenset({"and", "or", "unless"})
_NOT_SIGNED: Final = {StringLiteral: '"string"', MatrixSelector: '"range vector"', Subquery: '"range vector"'}
_MATCH_OPS: Final = {op.value: op for op in MatchOp}


class Aligner:
    """Walks tokens and tree together; ``position`` is the next token."""

    def __init__(self, prepared: Prepared) -> None:
        """Start before the first token."""
        self.prepared = prepared
        self.tokens = prepared.tokens
        self.position = 0
        self.in_info = False

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def take(self, kind: str) -> Token:
        """Step over a token of this kind.

        Raises:
            PromqlSyntaxError: another token stands here; tree and text disagree.
        """
        token = self.token
        if token.kind != kind:
            shown = f'"{token.text}"' if token.text else "end of input"
            raise PromqlSyntaxError(f'unexpected {shown}, expected "{kind}"', token.start, token.end)
        self.position += 1
        return token

    def take_if(self, kind: str) -> bool:
        """Step over a token of this kind if it is the next."""
        if self.token.kind != kind:
            return False
        self.position += 1
        return True

    def node(self, tree: Any) -> Node:
        """Build the node for ``tree``, whose first token is next."""
        spine = []
        while isinstance(tree, promql_parser.BinaryExpr):
            spine.append(tree)
            tree = tree.lhs
        left = self._operand(tree)
        for binary in reversed(spine):
            left = self._binary(binary, left)
        return left

    def _operand(self, tree: Any) -> Node:
        """Build the node for anything but a binary expression."""
        start = self.token.start
        if isinstance(tree, promql_parser.NumberLiteral) or not self.take_if("+"):
            return _BUILDERS[type(tree)](self, tree)
        inner = self._operand(tree)  # unary plus leaves no trace in the tree
        refused = _NOT_SIGNED.get(type(inner))
        if refused:
            message = f"unary expression only allowed on expressions of type scalar or instant vector, got {refused}"
            raise PromqlSyntaxError(message, *self._span(start))
        return Paren(inner, plus=True, span=self._span(start))

    def _span(self, start: int) -> tuple[int, int]:
        """Characters from ``start`` to the end of the last token taken."""
        return (start, self.tokens[self.position - 1].end)

    def number(self, _tree: Any) -> Node:
        """Read a number, with the signs promql-parser folded into it."""
        start = self.token.start
        sign = 1.0
        while self.token.kind in ("+", "-"):
            sign = -sign if self.token.kind == "-" else sign
            self.position += 1
        token = self.token
        self.position += 1
        value = float(token.text) if token.kind == "name" else number_value(token)
        return NumberLiteral(sign * value, self._span(start))

    def string(self, _tree: Any) -> Node:
        """Read a string."""
        token = self.take("string")
        return StringLiteral(string_value(token), (token.start, token.end))

    def paren(self, tree: Any) -> Node:
        """Read a bracketed expression."""
        start = self.take("(").start
        inner = self.node(tree.expr)
        self.take(")")
        return Paren(inner, span=self._span(start))

    def unary(self, tree: Any) -> Node:
        """Read a minus and what it negates."""
        start = self.take("-").start
        return Negation(self.node(tree.expr), self._span(start))

    def call(self, tree: Any) -> Node:
        """Read a function call."""
        name = self.take("name")
        self.take("(")
        args: list[Node] = []
        for index, arg in enumerate(tree.args):
            if index:
                self.take(",")
            self.in_info = name.text == "info" and index == 1
            args.append(self.node(arg))
            self.in_info = False
        self.take(")")
        return Call(name.text, tuple(args), self._span(name.start))

    def aggregate(self, tree: Any) -> Node:
        """Read an aggregation; its ``by`` or ``without`` stands before or behind the brackets."""
        name = self.take("name")
        grouping = self._grouping()
        self.take("(")
        param = None
        if tree.param is not None:
            param = self.node(tree.param)
            self.take(",")
        inner = self.node(tree.expr)
        self.take(")")
        grouping = grouping or self._grouping() or ((), False)
        return Aggregate(name.text.lower(), inner, param, *grouping, self._span(name.start))

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        """Read ``by (…)`` or ``without (…)`` if it is next."""
        word = self.token.text.lower()
        if self.token.kind != "name" or word not in ("by", "without"):
            return None
        self.position += 1
        return self._labels(), word == "without"

    def _labels(self) -> tuple[str, ...]:
        """Read a bracketed list of label names."""
        self.take("(")
        names: list[str] = []
        while not self.take_if(")"):
            token = self.token
            self.position += 1
            names.append(string_value(token) if token.kind == "string" else token.text)
            self.take_if(",")
        return tuple(names)

    def selector(self, _tree: Any) -> Node:
        """Read an instant selector with its modifiers."""
        start = self.token.start
        matchers = self._matchers()
        offset, at, mode = self._modifiers()
        return VectorSelector(matchers, offset, at, mode, self._span(start))

    def matrix(self, _tree: Any) -> Node:
        """Read a range selector with its modifiers."""
        start = self.token.start
        matchers = self._matchers()
        inner = self._span(start)
        self.take("[")
        range_ = self._duration()
        self.take("]")
        offset, at, mode = self._modifiers()
        selector = VectorSelector(matchers, offset, at, mode, inner)
        return MatrixSelector(selector, range_, self._span(start))

    def subquery(self, tree: Any) -> Node:
        """Read a subquery with its modifiers."""
        start = self.token.start
        inner = self.node(tree.expr)
        self.take("[")
        range_ = self._duration()
        self.take(":")
        step = None if self.token.kind == "]" else self._duration()
        self.take("]")
        offset, at, _ = self._modifiers()
        return Subquery(inner, range_, step, offset, at, self._span(start))

    def _duration(self) -> Duration:
        """Take the duration that was read at this token."""
        value, self.position = self.prepared.durations[self.position]
        return value

    def _modifiers(self) -> tuple[Duration, int | Boundary | None, RangeMode]:
        """Read ``offset``, ``@`` and a range mode in any order."""
        offset: Duration = 0
        at: int | Boundary | None = None
        mode = RangeMode.PLAIN
        while True:
            if self.position in self.prepared.times:
                at, self.position = self.prepared.times[self.position]
            elif self.position + 1 in self.prepared.durations and self.token.text.lower() == "offset":
                self.position += 1
                offset = self._duration()
            elif self.position in self.prepared.modes:
                mode = RangeMode(self.token.text)
                self.position += 1
            else:
                return offset, at, mode

    def _matchers(self) -> tuple[Matcher, ...]:
        """Read ``name{…}``; at least one matcher must refuse the empty string."""
        start = self.token.start
        found: list[Matcher] = []
        if self.token.kind == "name":
            found.append(Matcher("__name__", MatchOp.EQUAL, self.token.text))
            self.position += 1
        if self.take_if("{"):
            while not self.take_if("}"):
                found.append(self._matcher())
                self.take_if(",")
        if not self.in_info and all(is_empty_matching(matcher) for matcher in found):
            raise PromqlSyntaxError("vector selector must contain at least one non-empty matcher", *self._span(start))
        return tuple(found)

    def _matcher(self) -> Matcher:
        """Read ``label op "value"`` or a quoted metric name."""
        token = self.token
        if token.kind == "name" and token.text == "or":
            raise PromqlSyntaxError('unexpected "or" in label matching: PromQL has none', token.start, token.end)
        self.position += 1
        name = string_value(token) if token.kind == "string" else token.text
        if token.kind == "string" and self.token.kind in (",", "}"):
            return Matcher("__name__", MatchOp.EQUAL, name)
        op = _MATCH_OPS[self.token.kind]
        self.position += 1
        value = self.take("string")
        matcher = Matcher(name, op, string_value(value))
        try:
            predicate(matcher)
        except BadRegexError as error:
            raise PromqlSyntaxError(str(error), value.start, value.end) from None
        return matcher

    def _binary(self, tree: Any, left: Node) -> Node:
        """Read an operator, its matching and its right operand."""
        op = self.token.text.lower()
        self.position += 1
        return_bool = self.token.kind == "name" and self.token.text.lower() == "bool"
        if return_bool:
            if op in ("</", ">/"):  # a comparison to promql-parser, as tightly as they bind
                message = "bool modifier can only be used on comparison operators"
                raise PromqlSyntaxError(message, self.token.start, self.token.end)
            self.position += 1
        matching = self._matching(Cardinality.MANY_TO_MANY if op in _SET_OPERATORS else Cardinality.ONE_TO_ONE)
        right = self.node(tree.rhs)
        return Binary(op, left, right, matching, return_bool, (left.span[0], right.span[1]))

    def _matching(self, cardinality: Cardinality) -> Matching:
        """Read ``on``, ``ignoring``, ``group_left``, ``group_right`` and ``fill`` where they stand."""
        labels: tuple[str, ...] = ()
        include: tuple[str, ...] = ()
        on = False
        fills: dict[str, float] = {}
        while self.token.kind == "name" and self.token.text.lower() in MATCHING_WORDS and self._is_modifier():
            word = self.token.text.lower()
            self.position += 1
            if word in ("on", "ignoring"):
                labels, on = self._labels(), word == "on"
            elif word.startswith("group"):
                cardinality = Cardinality.MANY_TO_ONE if word == "group_left" else Cardinality.ONE_TO_MANY
                include = self._labels() if self.token.kind == "(" else ()
            else:
                fills[word] = self._fill()
        left, right = (fills.get("fill", fills.get(f"fill_{side}")) for side in ("left", "right"))
        return Matching(cardinality, labels, on, include, left, right)

    def _is_modifier(self) -> bool:
        """Tell ``fill`` the modifier from a metric called ``fill``."""
        return not self.token.text.lower().startswith("fill") or self.tokens[self.position + 1].kind == "("

    def _fill(self) -> float:
        """Read the bracketed number of a ``fill`` modifier."""
        self.take("(")
        node = self.number(None)
        self.take(")")
        return node.value if isinstance(node, NumberLiteral) else 0.0


_BUILDERS: Final[dict[type, Callable[[Aligner, Any], Node]]] = {
    promql_parser.NumberLiteral: Aligner.number,
    promql_parser.StringLiteral: Aligner.string,
    promql_parser.ParenExpr: Aligner.paren,
    promql_parser.UnaryExpr: Aligner.unary,
    promql_parser.Call: Aligner.call,
    promql_parser.AggregateExpr: Aligner.aggregate,
    promql_parser.VectorSelector: Aligner.selector,
    promql_parser.MatrixSelector: Aligner.matrix,
    promql_parser.SubqueryExpr: Aligner.subquery,
}

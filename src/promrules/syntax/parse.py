"""Text to nodes: ``parse`` reads PromQL through promql-parser and gives the engine's own frozen tree."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import promql_parser

from promrules.syntax.align import Aligner
from promrules.syntax.diagnose import locate
from promrules.syntax.lexemes import prepare
from promrules.syntax.tokens import PromqlSyntaxError, tokenize

if TYPE_CHECKING:
    from promrules.syntax.nodes import Node
    from promrules.syntax.tokens import Token

__all__ = ["PromqlSyntaxError", "parse"]


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Parse one expression.

    Raises:
        PromqlSyntaxError: with the characters at fault.
    """
    tokens = tokenize(text)
    if len(tokens) == 1:
        raise PromqlSyntaxError("no expression found in input", 0, len(text))
    prepared = prepare(tokens)
    tree, complaint = _foreign_parse(prepared.text)
    if complaint is not None:
        raise locate(tokens, complaint, lambda first, last: _complaint(tokens, first, last))
    aligner = Aligner(prepared)
    node = aligner.node(tree)
    aligner.take("end")
    return node


def _foreign_parse(text: str) -> tuple[Any, str | None]:
    """Call promql-parser; give its tree, or the complaint."""
    try:
        return promql_parser.parse(text), None
    except ValueError as error:
        return None, str(error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a panic in Rust; pyo3 does not derive it from Exception
            raise
        return None, "invalid promql query"


def _complaint(tokens: list[Token], first: int, last: int) -> str | None:
    """Give promql-parser's complaint about the tokens ``first`` to ``last`` alone."""
    end = tokens[-1].__class__("end", "", tokens[last].end)
    try:
        return _foreign_parse(prepare([*tokens[first : last + 1], end]).text)[1]
    except PromqlSyntaxError as error:
        return error.message

"""Text to nodes: ``parse`` reads PromQL through promql-parser and gives the engine's own frozen tree."""

from __future__ import annotations

from burnproof.promql.nodes import Node


class PromqlSyntaxError(ValueError):
    """A text that is not PromQL: ``message`` says what is wrong, ``[start, end)`` which characters."""

    def __init__(self, message: str, start: int, end: int) -> None:
        """Note the message and the span in the text."""
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


def parse(text: str) -> Node:
    """Parse one expression.

    Raises:
        PromqlSyntaxError: with the characters at fault.
    """
    raise NotImplementedError

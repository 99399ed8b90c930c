"""Say what to write instead of what the PromQL parser refuses."""

from __future__ import annotations

import re
from typing import Final

_CLOSING: Final = {"parenthesis": ")", "brace": "}", "bracket": "]"}
# The first pattern that is found in a complaint has the remedy; \1 stands for what it caught.
_REMEDIES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), remedy)
    for pattern, remedy in (
        (r'did you mean "?([^"?]+)"?\?', r"write \1"),
        (r"unknown function", "see Prometheus' page of functions for its name"),
        (r"unclosed left \w+", "add CLOSING where it ends"),
        (r"unexpected right \w+", "remove it, or open it in front"),
        (r"parsing regexp", r"write an expression of RE2; \\\\ makes a character such as ( stand for itself"),
        (r"unterminated quoted string", "close the quotes"),
        (r"expected a quoted string", 'put the value in quotes: label="value"'),
        (r'expected one of "="', 'write a matcher: label="value"'),
        (r'expected "," or|expected a label name', "separate labels by commas, and end them with the bracket"),
        (r"and label names", "name the labels in brackets, such as (job)"),
        (r"expected an operator", "put an operator between the two, or remove what follows"),
        (r"expected an expression", "put a selector, a function or a number there"),
        (r"got (?:instant )?vector", "add a range: [$window]"),
        (r"got (?:matrix|range vector)", "leave the range off"),
        (r"argument", "see Prometheus' page of functions for what it takes"),
        (r"duration", "write a length of time such as 5m or 1h30m"),
        (r"non-empty matcher", "name the metric, or a label whose value is not empty"),
        (r"binary expression", "compute with selectors and numbers only; text has no value"),
        (r"nested deeper|longer than", "record a part of it by a rule of your own"),
    )
)
_ELSE: Final = "try it in Prometheus' own query page, where parts of it can be run alone"


def remedy(complaint: str) -> str:
    """Say what to do about a complaint of the parser."""
    for pattern, text in _REMEDIES:
        found = pattern.search(complaint)
        if found:
            closing = _CLOSING.get(complaint.rsplit(maxsplit=1)[-1], "a bracket")
            return found.expand(text).replace("CLOSING", closing)
    return _ELSE

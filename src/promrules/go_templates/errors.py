"""The one error of a template, worded as Go words it."""

from __future__ import annotations


class TemplateError(Exception):
    """A template that does not parse, or whose execution failed; the text is Go's."""

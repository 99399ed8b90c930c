"""Say what the specs in the working tree change for the pager since git's last commit."""

from __future__ import annotations

from burnproof.diagnostics import exit_code
from burnproof.lab.difference import differences
from burnproof.lab.difference_formats import as_text
from burnproof.lab.revisions import NoRevisionError, specs_at
from burnproof.specs.resolve import read_slos


def difference_text(specs: str) -> str:
    """Give the text; "" where git knows no such specs, where they had errors, and where nothing changes."""
    try:
        with specs_at("HEAD", specs) as path:
            old = read_slos([path])
    except NoRevisionError:
        return ""
    if exit_code(old.problems):
        return ""
    found = differences(old.slos, read_slos([specs]).slos)
    return as_text(found).rstrip() if found else ""

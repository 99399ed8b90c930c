"""Explain one SLO: what its rules do, when, and at what cost; as a table or as JSON.

``find`` picks the SLO, ``facts`` gathers, ``text`` and ``data`` lay out.
"""

from burnproof.show.alert_facts import Assumed, Explanation, explain
from burnproof.show.brief import fires_after
from burnproof.show.data import as_json
from burnproof.show.find import find, nearest
from burnproof.show.text import as_text

__all__ = ["Assumed", "Explanation", "as_json", "as_text", "explain", "find", "fires_after", "nearest"]

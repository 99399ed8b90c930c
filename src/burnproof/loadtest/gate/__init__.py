"""Judge a release by SLOs: client-side checks on results, server-side SLIs over a span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from burnproof.loadtest.gate.drift import end_level, judge_drift
    from burnproof.loadtest.gate.live import judge_live

__all__ = ["end_level", "judge_drift", "judge_live"]

# What only some gates need: a rule on drift needs statistics, a server the rules' PromQL.
__getattr__ = lazy_names(
    __name__,
    {
        "burnproof.loadtest.gate.drift": ("end_level", "judge_drift"),
        "burnproof.loadtest.gate.live": ("judge_live",),
    },
)

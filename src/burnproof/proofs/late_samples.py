"""Delay a scene by the query offset of its SLO's rules.

Rules with ``query_offset: 1m`` compute at 10:05 what they would have computed at 10:04 without it, and record it under
the time 10:04. So what is recorded stands where it always did, alerts come an offset later, and the test lasts longer
by as much.
"""

from __future__ import annotations

from dataclasses import replace
from math import gcd
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.quantities import duration
from burnproof.proofs.assertions import at
from burnproof.proofs.types import ExprCheck
from burnproof.rules.recording import identity_labels
from promrules.syntax.labels import format_labels

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.proofs.scene import Scene
    from burnproof.proofs.types import AlertCheck


MAX_STEPS = 1500
"""A day at one minute. Longer scenes would take minutes each; they are about sums of hours, which no offset changes."""


def delayed(slo: Slo, scene: Scene) -> Scene | None:
    """Give the scene as rules live through it that look back by the SLO's query offset; None where it is too long.

    It is evaluated so often that some evaluation looks at each moment that is checked. A last check reads the time
    under which the rules recorded last, which is an offset ago.
    """
    if slo.query_offset is None:
        return scene
    late = slo.query_offset.ms // 1000
    last = max(_seconds(time) for time in (*(c.eval_time for c in scene.exprs), *(c.eval_time for c in scene.alerts)))
    if last // gcd(scene.grid, late) > MAX_STEPS:
        return None
    alerts = tuple(_later(check, late) for check in scene.alerts)
    return replace(
        scene,
        grid=gcd(scene.grid, late),
        exprs=(*scene.exprs, _recorded_at(slo, last, last + late)),
        alerts=alerts,
    )


def _later(check: AlertCheck, late: int) -> AlertCheck:
    return replace(check, eval_time=at(_seconds(check.eval_time) + late))


def _recorded_at(slo: Slo, recorded: int, seconds: int) -> ExprCheck:
    """Assert that the newest sample of the SLO's rules was recorded under a certain time."""
    expected = format_labels(identity_labels(slo))
    return ExprCheck(at(seconds), f"timestamp({naming.selector(naming.ANCHOR, slo.id)})", ((expected, str(recorded)),))


def _seconds(text: str) -> int:
    return duration(text).ms // 1000 if text != "0s" else 0

"""Counters that only exist are no events: a pod first seen with a count of seven has restarted zero times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.proofs.assertions import (
    all_silent,
)
from burnproof.proofs.scene import Case, Scene
from burnproof.proofs.timeline import (
    Stretch,
    Timeline,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import (
        Slo,
    )


def scenes(case: Case) -> Iterator[Scene]:
    """Tell the story of a count."""
    if case.measure.breaks_at:
        yield _at_rest(case.slo)


def _at_rest(slo: Slo) -> Scene:
    """Counters that only exist are no events: a pod first seen with a count of seven has restarted zero times."""
    story = Timeline((Stretch(3600),))
    return Scene("counters at rest wake nobody", story, 300, 60, (all_silent(slo, story.end),))

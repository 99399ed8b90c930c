"""Ask a live server what specs assume of it, and give what is not so as problems.

A question is a function from the subject to problems; ``QUESTIONS`` holds them in the order in which they are asked.
Later ones use what earlier ones noted. What a server cannot be asked leaves a note; a server that cannot be used at all
ends everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Problem
from burnproof.specs.live.asker import Asker
from burnproof.specs.live.buckets import bounds
from burnproof.specs.live.costs import costs
from burnproof.specs.live.counters import falling, types
from burnproof.specs.live.features import accepted, recent_enough
from burnproof.specs.live.inputs import inputs_of
from burnproof.specs.live.loaded import current
from burnproof.specs.live.presence import missing
from burnproof.specs.live.retention import introduce, long_enough
from burnproof.specs.live.scraping import intervals
from burnproof.specs.live.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.model.slo import Slo
    from burnproof.prometheus import Client
    from burnproof.rules.types import RuleGroup

__all__ = ["QUESTIONS", "Asker", "Subject", "ask"]

Question = Callable[[Subject], Iterator[Problem]]

QUESTIONS: Final[tuple[Question, ...]] = (
    missing,
    introduce,
    accepted,
    recent_enough,
    bounds,
    intervals,
    types,
    falling,
    long_enough,
    costs,
    current,
)


def ask(
    client: Client,
    slos: Sequence[Slo],
    groups: Mapping[str, tuple[RuleGroup, ...]],
    texts: Mapping[str, str],
    now: float,
    limit: float,
) -> tuple[tuple[Problem, ...], Subject]:
    """Ask everything; give what was found, each once, and what is known.

    Args:
        client: the server.
        slos: the objectives.
        groups: the rules of each, by its id.
        texts: file name -> text of the specs.
        now: the moment to ask about, seconds since the epoch.
        limit: seconds that all of it may take.

    Raises:
        QueryError: the server cannot be used, so nothing is known.
    """
    subject = Subject(Asker(client, now, limit), slos, inputs_of(slos, texts), groups)
    found: dict[Problem, None] = {}
    for question in QUESTIONS:
        found.update(dict.fromkeys(question(subject)))
    return tuple(found), subject

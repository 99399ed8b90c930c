"""Whether the server takes the queries and the rules: its own parser is asked, and its version."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.prometheus import catalog
from burnproof.rules import selectors
from burnproof.rules.types import AlertingRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from burnproof.diagnostics import Problem
    from burnproof.rules.types import RuleGroup
    from burnproof.specs.live.subject import Subject

_VERSION: Final = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\D.*)?")
_NEEDS: Final[tuple[tuple[str, tuple[int, int], Callable[[RuleGroup], bool]], ...]] = (
    (
        "keep_firing_for",
        (2, 42),
        lambda group: any(isinstance(rule, AlertingRule) and bool(rule.keep_firing_for) for rule in group.rules),
    ),
    ("query_offset", (2, 53), lambda group: bool(group.query_offset)),
)
"""What rule files may hold since which version (Prometheus' CHANGELOG.md)."""


def accepted(subject: Subject) -> Iterator[Problem]:
    """Have the server's own parser read each query of the specs."""
    asker = subject.asker
    what = "whether it takes the queries"
    seen: dict[str, str] = {}
    for slo in subject.slos:
        for _, query in slo.indicator.queries:
            text = query.text.replace(selectors.WINDOW, "5m")
            if text not in seen:
                error = asker.refused(what, catalog.formatted, text)
                seen[text] = "" if error is None else str(error)
            if what in asker.absent:
                return
            if seen[text]:
                hint = "write it without what this server lacks, or switch that on there: see its --enable-feature"
                yield problem("live-refused", f"the server refuses this query: {seen[text]}", query.span, hint)


def recent_enough(subject: Subject) -> Iterator[Problem]:
    """Find keys of rule files that came with a later version; servers of another kind count their own versions."""
    found = _VERSION.fullmatch(subject.server.version)
    if found is None or not subject.server.flags:
        return
    version = (int(found[1]), int(found[2]))
    for slo in subject.slos:
        for key, since, uses in _NEEDS:
            if version < since and any(map(uses, subject.groups.get(slo.id, ()))):
                needed = ".".join(map(str, since))
                message = f"the rules of {slo.id} have {key}, which Prometheus {subject.server.version} does not know"
                yield problem("live-version", message, slo.span("name"), f"Prometheus {needed} is the first that does")

"""Resolve composite SLOs into the SLOs they are made of.

A composite reads the raw series of its members, not what is recorded for them: it sees an outage as soon as they do,
needs no past on the day of deployment, and does not care in which file or group its members stand.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from burnproof.diagnostics import problem
from burnproof.model.indicators import Events
from burnproof.model.slo import AnyBad, Count, Weighted, slice_of
from burnproof.specs.resolve.levels import BASE_LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.specs.keys import CompositeSpec

_PATH = "sli.composite"


def put_together(
    drafts: Sequence[tuple[Slo, CompositeSpec | None, bool]], problems: list[Problem]
) -> list[tuple[Slo, bool]]:
    """Give each SLO and whether all of it is known; what stands against a composite is added to ``problems``.

    Args:
        drafts: every SLO of the run, what it is to be made of where it is a composite, and whether it could be read.
        problems: where to add what is found.
    """
    simple = [(slo, complete) for slo, asked, complete in drafts if asked is None]
    composites = [slo for slo, asked, _ in drafts if asked is not None]
    made = []
    for slo, asked, complete in drafts:
        if asked is None:
            made.append((slo, complete))
            continue
        resolver = _Resolver(slo, simple, composites, problems)
        whole = resolver.composite(asked)
        made.append((whole or slo, complete and whole is not None))
    return made


class _Resolver:
    """Resolves the members of one composite."""

    def __init__(
        self, slo: Slo, simple: Iterable[tuple[Slo, bool]], composites: Iterable[Slo], problems: list[Problem]
    ) -> None:
        self.slo = slo
        self.simple = tuple(simple)
        self.composites = tuple(composites)
        self.problems = problems
        self.sound = True

    def composite(self, asked: CompositeSpec) -> Slo | None:
        """Give the SLO with its indicator; None where something stands against it, or against a member."""
        if asked.any_bad is not None:
            return self._any_bad(asked, asked.any_bad)
        found = [(weight, self._member(name, f"{_PATH}.weighted.{name}")) for name, weight in asked.weighted or ()]
        if asked.slice is not None:
            self._fail(
                "one-of", "slice is given together with weighted", f"{_PATH}.slice", "weighted counts events: remove it"
            )
        if not found:
            self._fail("empty-value", "weighted names no SLO", f"{_PATH}.weighted", "give SLOs and their weights")
        members = tuple((weight, slo) for weight, slo in found if slo is not None)
        paths = [f"{_PATH}.weighted.{name}" for name, _ in asked.weighted or ()]
        self._each_once([slo for _, slo in found], paths)
        for path, (_, member) in zip(paths, found, strict=True):
            if member is not None:
                self._counts_events(member, path)
        if not self.sound or len(members) < len(found):
            return None
        return replace(self.slo, indicator=Weighted(members))

    def _any_bad(self, asked: CompositeSpec, names: tuple[str, ...]) -> Slo | None:
        found = [self._member(name, f"{_PATH}.any_bad.{number}") for number, name in enumerate(names)]
        members = tuple(slo for slo in found if slo is not None)
        self._each_once(found, [f"{_PATH}.any_bad.{number}" for number in range(len(names))])
        length = asked.slice
        if length is None:
            lengths = {str(own) for own in (slice_of(member.indicator) for member in members) if own is not None}
            hint = f"write slice: {lengths.pop() if len(lengths) == 1 else '5m'}"
            self._fail("missing-key", "any_bad needs the length of a slice", f"{_PATH}.any_bad", hint)
            return None
        for member in members:
            own = slice_of(member.indicator)
            if own is not None and own != length:
                message = f"slices of {member.id} are {own} long, and those of this composite {length}"
                self._fail("member", message, f"{_PATH}.slice", f"write slice: {own}")
        if not self.sound or len(members) < len(found):
            return None
        # A value is there while traffic rests, and is good then; where every member rests there is nothing to judge.
        rests = all(_rests(each) for each in members)
        indicator = AnyBad(members, length)
        return replace(self.slo, indicator=indicator, no_traffic="ignore" if rests else "good")

    def _member(self, name: str, path: str) -> Slo | None:
        """Find an SLO by its name in this service, by service/name, or by its id; None where that fails."""
        service, _, own = name.rpartition("/")
        for slo, complete in self.simple:
            named = (service or self.slo.service, own) == (slo.service, slo.name) and slo.level in ("", BASE_LEVEL)
            if not (named or name == slo.id):
                continue
            if isinstance(slo.indicator, Count):
                message = f"{name} is a count: it has neither events nor slices that could be put together"
                self._fail("member", message, path, "leave it out")
                return None
            for label in self.slo.by:
                if label not in slo.by:
                    message = f"{name} is not grouped by {label}, as this composite is"
                    self._fail("member", message, path, f"group {name} by {label} too, or leave it out of by")
            return slo if complete else None
        if any(name in (slo.id, f"{slo.service}/{slo.name}", slo.name) for slo in self.composites):
            self._fail("member", f"{name} is a composite itself", path, "name the SLOs that it is made of")
            return None
        known = [slo.name if slo.service == self.slo.service else f"{slo.service}/{slo.name}" for slo, _ in self.simple]
        close = difflib.get_close_matches(name, known, n=1)
        shown = ", ".join(dict.fromkeys(known[:8])) + (", …" if len(known) > 8 else "")
        hint = f"did you mean {close[0]}?" if close else f"there are {shown}" if known else "declare it in these specs"
        self._fail("member", f"there is no SLO {name}", path, hint)
        return None

    def _each_once(self, found: Sequence[Slo | None], paths: Sequence[str]) -> None:
        for number, (slo, path) in enumerate(zip(found, paths, strict=True)):
            if slo is not None and slo in found[:number]:
                self._fail("member", f"{slo.id} is named twice", path, "name each SLO once")

    def _counts_events(self, member: Slo, path: str) -> None:
        """Only events can be added up; a slice is a stretch of time."""
        if not isinstance(member.indicator, Events):
            message = f"{member.id} is judged in slices of time, which cannot be weighted as events"
            self._fail("member", message, path, "use any_bad, or leave it out")

    def _fail(self, code: str, message: str, path: str, hint: str) -> None:
        self.problems.append(problem(code, message, self.slo.span(path), hint))
        self.sound = False


def _rests(member: Slo) -> bool:
    """Tell whether a slice without traffic is no slice of the member; with ``min_events`` it has too few events."""
    if not member.indicator.rests:
        return False
    guarded = member.min_events is not None and isinstance(member.indicator, Events)
    return guarded or member.no_traffic == "ignore"

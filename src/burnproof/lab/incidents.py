"""Read incidents that people remember from YAML: when they began and ended, and what they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Span, problem
from burnproof.model.quantities import UnitError
from burnproof.specs.keys import fields
from burnproof.specs.keys.table import Leaf, ListOf, Reader, Table, key
from burnproof.specs.source import read_text
from burnproof.specs.source.files import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from burnproof.diagnostics import Problem

VERSION: Final = "burnproof/incidents/v1"


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UnitError(f"{text!r} is no time", "write 2026-11-20T14:05:00Z", "bad-choice") from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


MOMENT: Final = Leaf(_moment, {"type": "string"}, "a time such as 2026-11-20T14:05:00Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident; times are seconds since the epoch, UTC unless they say so."""

    start: int = key(MOMENT, "when it began", required=True)
    end: int = key(MOMENT, "when it ended", required=True)
    note: str | None = key(fields.TEXT, "what it was")
    slo: str | None = key(fields.TEXT, "the id of the SLO that it broke; any unless given")


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFile:
    """A file of incidents."""

    version: str = key(fields.choice(VERSION), f"the format: {VERSION}", required=True)
    incidents: tuple[Incident, ...] = key(ListOf(Table(Incident, "an incident")), "the incidents", required=True)


FILE: Final = Table(IncidentFile, "a file of incidents")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: incidents, problems, and the texts to draw them in."""

    incidents: tuple[Incident, ...]
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


class NoIncidentsError(Exception):
    """The file cannot be read; the message says why."""


def load_incidents(path: str) -> Loaded:
    """Read a file of incidents.

    Raises:
        NoIncidentsError: there is none, or it cannot be read.
    """
    file, found = load(path)
    if file is None or found is not None:
        if found is not None and found.span is not None:
            return Loaded((), (found,), {} if file is None else {path: file.text})
        raise NoIncidentsError("" if found is None else found.message)
    read = read_text(path, file.text, f"a file of incidents begins with version: {VERSION}")
    problems = list(read.problems)
    if problems or len(read.documents) != 1:
        problems = problems or [problem("wrong-type", "incidents are one YAML document", Span(path, 1, 1, 1, 2))]
        return Loaded((), tuple(problems), read.texts)
    reader = Reader(problems)
    root = read.documents[0].root
    made = FILE.read(root, reader, "")
    for number, incident in enumerate(made.incidents if made is not None and not problems else ()):
        if incident.end < incident.start:
            span = reader.spans.get(f"incidents.{number}", root.span())
            problems.append(problem("out-of-range", "it ends before it begins", span, "swap start and end"))
    return Loaded(() if problems or made is None else made.incidents, tuple(problems), read.texts)

"""Read an incident from YAML: phases of errors and traffic, every problem at its place."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Span, problem
from burnproof.model.quantities import Duration, UnitError, number, ratio
from burnproof.specs.keys import fields
from burnproof.specs.keys.table import Leaf, ListOf, Reader, Table, key
from burnproof.specs.source import read_text
from burnproof.specs.source.files import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from burnproof.diagnostics import Problem

VERSION: Final = "burnproof/scenarios/v1"
LIBRARY: Final = "scenarios.yaml"


def _share(text: str) -> Decimal:
    value = ratio(text)
    if not 0 <= value <= 1:
        raise UnitError(f"{text.strip()} is no share between 0% and 100%", "write 10% or 0.1", "out-of-range")
    return value


def _multiple(text: str) -> Decimal:
    value = number(re.sub(r"\s*[x\u00d7]$", "", text.strip()))
    if not 0 <= value <= 1000:
        raise UnitError(f"{text.strip()} is no multiple between 0 and 1000", "write 0.1, 1 or 3", "out-of-range")
    return value


_NUMBER: Final = {"anyOf": [{"type": "number"}, {"type": "string"}]}
MULTIPLE: Final = Leaf(_multiple, _NUMBER, "a multiple such as 0.1 or 3")
SHARE: Final = Leaf(_share, _NUMBER, "a share such as 10%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of an incident in which errors and traffic stay alike."""

    lasts: Duration = key(fields.DURATION, "how long it lasts", required=True)
    errors: Decimal | None = key(SHARE, "the share of events that are bad; none unless given")
    burn: Decimal | None = key(
        fields.FACTOR, "the burn rate, in place of errors: so many times the share that the objective allows"
    )
    traffic: Decimal | None = key(MULTIPLE, "traffic, as a multiple of the usual; 1 unless given")
    rate: Decimal | None = key(fields.RATE, "traffic, in place of a multiple: so many events a second")
    every: Duration | None = key(fields.DURATION, "errors come in bursts: one in so long, on the clock")
    at: Duration | None = key(fields.DURATION, "how long after the full `every` a burst begins; at it unless given")
    burst: Duration | None = key(fields.DURATION, "how long a burst lasts; the errors are its own")
    only_one: bool | None = key(fields.BOOLEAN, "whether one group, or one of three instances, has all the errors")
    restart: bool | None = key(fields.BOOLEAN, "whether all instances restart as it begins: counters begin at 0")
    scrapes_fail: Decimal | None = key(SHARE, "the share of scrapes that fail")
    no_data: bool | None = key(fields.BOOLEAN, "whether the series are gone")
    no_rules: bool | None = key(fields.BOOLEAN, "whether no rule is evaluated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """An incident, from a healthy past to a healthy future.

    Attributes:
        arrivals: ``even`` spaces events evenly; ``random`` draws their numbers (Poisson) from the seed.
    """

    name: str = key(fields.NAME, "its name", required=True)
    title: str = key(fields.TEXT, "what happens, in a line", required=True)
    arrivals: str | None = key(fields.choice("even", "random"), "how events come; even unless given")
    usual: Decimal | None = key(fields.RATE, "the usual traffic before and after; the SLO's own unless given")
    phases: tuple[Phase, ...] = key(
        ListOf(Table(Phase, "a phase"), at_least=1), "what happens, one after the other", required=True
    )

    @property
    def seconds(self) -> int:
        """How long the incident lasts."""
        return sum(phase.lasts.ms for phase in self.phases) // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFile:
    """A file of scenarios."""

    version: str = key(fields.choice(VERSION), f"the format: {VERSION}", required=True)
    scenarios: tuple[Scenario, ...] = key(
        ListOf(Table(Scenario, "a scenario"), at_least=1), "the scenarios", required=True
    )


FILE: Final = Table(ScenarioFile, "a file of scenarios")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: scenarios, problems, and the texts of files to draw them in."""

    scenarios: tuple[Scenario, ...]
    problems: tuple[Problem, ...] = ()
    texts: Mapping[str, str] | None = None


class NoScenariosError(Exception):
    """A file of scenarios cannot be read; the message says why."""


def library() -> tuple[Scenario, ...]:
    """Give the scenarios of this installation, in the order of their file."""
    text = (resources.files("burnproof.lab") / LIBRARY).read_text(encoding="utf-8")
    return scenarios_from_text(LIBRARY, text).scenarios


def load_scenarios(path: str) -> Loaded:
    """Read a file of scenarios.

    Raises:
        NoScenariosError: there is none, or it cannot be read.
    """
    file, found = load(path)
    if file is not None and found is None:
        return scenarios_from_text(path, file.text)
    if found is not None and found.span is not None:
        return Loaded((), (found,), {} if file is None else {path: file.text})
    raise NoScenariosError("" if found is None else found.message)


def scenarios_from_text(name: str, text: str) -> Loaded:
    """Read scenarios that are in memory; ``name`` stands for the file."""
    read = read_text(name, text, f"a file of scenarios begins with version: {VERSION}")
    problems = list(read.problems)
    if problems or len(read.documents) != 1:
        problems = problems or [problem("wrong-type", "scenarios are one YAML document", Span(name, 1, 1, 1, 2))]
        return Loaded((), tuple(problems), read.texts)
    reader = Reader(problems)
    root = read.documents[0].root
    made = FILE.read(root, reader, "")
    if made is not None and not problems:
        for path, code, message, hint in _contradictions(made):
            problems.append(problem(code, message, reader.spans.get(path, root.span()), hint))
    return Loaded(() if problems or made is None else made.scenarios, tuple(problems), read.texts)


def _contradictions(file: ScenarioFile) -> Iterator[tuple[str, str, str, str]]:
    """Yield what contradicts itself: where, code, message, remedy."""
    names: set[str] = set()
    for place, scenario in enumerate(file.scenarios):
        path = f"scenarios.{place}"
        if scenario.name in names:
            yield path, "duplicate-name", f"{scenario.name} stands twice", "give one of them another name"
        names.add(scenario.name)
        for step, phase in enumerate(scenario.phases):
            yield from _of_phase(f"{path}.phases.{step}", phase)


def _of_phase(path: str, phase: Phase) -> Iterator[tuple[str, str, str, str]]:
    if phase.errors is not None and phase.burn is not None:
        yield path, "one-of", "errors and burn stand side by side", "keep one of the two"
    if phase.traffic is not None and phase.rate is not None:
        yield path, "one-of", "traffic and rate stand side by side", "keep one of the two"
    if (phase.every is None) != (phase.burst is None):
        yield path, "missing-key", "every and burst belong together", "give both, such as every: 5m and burst: 4s"
    elif phase.every is not None and phase.burst is not None:
        begins = 0 if phase.at is None else phase.at.ms
        if begins + phase.burst.ms > phase.every.ms:
            yield path, "out-of-range", "the burst is longer than what is left of `every`", "shorten it"
    elif phase.at is not None:
        yield path, "missing-key", "at says where a burst begins, and there is none", "give every and burst"

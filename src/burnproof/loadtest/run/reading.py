"""Read profiles: shipped ones by name, own ones by path, with checks beyond their keys."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from burnproof.diagnostics import Problem, Span, problem
from burnproof.loadtest.run.profile import PROFILE, VERSION, Endpoint, Profile, Step, Workflow
from burnproof.specs.keys.table import Reader
from burnproof.specs.source import read_text
from burnproof.specs.source.files import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from burnproof.model.quantities import Duration

_Finding = tuple[str, str, str, str]
"""Path in the profile, code, message and hint of a problem."""
SUFFIXES = (".yaml", ".yml")


class Loaded(NamedTuple):
    """A profile, or the problems that it has; the file's text is for drawing carets."""

    profile: Profile | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


class NoProfileError(Exception):
    """There is no such profile; the message says what there is."""


def shipped() -> dict[str, str]:
    """Give the profiles of this installation: name to YAML text, by name."""
    folder = resources.files("burnproof.loadtest.run") / "profiles"
    found = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(SUFFIXES)}
    return {Path(name).stem: found[name] for name in sorted(found)}


def load_profile(name: str) -> Loaded:
    """Read a profile: a path when it looks like one, else the name of a shipped one.

    Raises:
        NoProfileError: there is none, or its file cannot be read.
    """
    if name.endswith(SUFFIXES) or "/" in name:
        return _from_file(name)
    known = shipped()
    if name not in known:
        raise NoProfileError(f"there is no profile {name!r}; there are {', '.join(known)}, or name a .yaml file")
    return profile_from_text(f"{name}.yaml", known[name])


def _from_file(name: str) -> Loaded:
    file, found = load(name)
    if file is not None and found is None:
        return profile_from_text(name, file.text)
    if found is not None and found.span is not None:
        return Loaded(None, (found,), {} if file is None else {name: file.text})
    raise NoProfileError("" if found is None else found.message)


def profile_from_text(name: str, text: str) -> Loaded:
    """Read a profile that is in memory; ``name`` stands for the file."""
    read = read_text(name, text, f"a load profile begins with version: {VERSION}")
    problems = list(read.problems)
    if problems or len(read.documents) != 1:
        problems = problems or [problem("wrong-type", "a profile is one YAML document", Span(name, 1, 1, 1, 2))]
        return Loaded(None, tuple(problems), read.texts)
    reader = Reader(problems)
    root = read.documents[0].root
    made = PROFILE.read(root, reader, "")
    if made is not None and not problems:
        problems += _meaning(made, reader, root.span())
    return Loaded(None if problems else made, tuple(problems), read.texts)


def work_order(text: str, rounds: int | None, reconnect: Decimal | None) -> str:
    """Give what a worker needs to know: the profile's YAML, and what was changed of its sessions."""
    return json.dumps({"text": text, "rounds": rounds, "reconnect": None if reconnect is None else str(reconnect)})


def profile_of_order(order: str) -> Profile | None:
    """Read a work order; None where its profile has problems."""
    wanted = json.loads(order)
    profile = profile_from_text("profile", wanted["text"]).profile
    reconnect = Decimal(wanted["reconnect"]) if wanted["reconnect"] else None
    return None if profile is None else changed(profile, None, None, wanted["rounds"], reconnect)


def _meaning(profile: Profile, reader: Reader, whole: Span) -> Iterator[Problem]:
    """Find what contradicts itself, names what is not there, or would do nothing."""

    def found(path: str, code: str, message: str, hint: str) -> Problem:
        return problem(code, message, reader.spans.get(path, whole), hint)

    for finder in (_course, _tasks, _names, _repeats):
        for path, code, message, hint in finder(profile):
            yield found(path, code, message, hint)


def _course(profile: Profile) -> Iterator[_Finding]:
    if profile.stages and (profile.users is not None or profile.duration is not None):
        yield "stages", "one-of", "stages are given together with users or duration", "keep one of the two"
    if not profile.course:
        yield "", "missing-key", "users and duration are missing", "give both, or stages"
    elif profile.most_users == 0:
        yield "", "out-of-range", "no stage has any users", "give at least 1 somewhere"


def _tasks(profile: Profile) -> Iterator[_Finding]:
    if bool(profile.sessions) == bool(profile.endpoints or profile.workflows):
        yield "", "one-of", "a profile has either sessions or endpoints", "give exactly one of the two"
    parts: tuple[Endpoint | Workflow, ...] = (*(profile.endpoints or ()), *(profile.workflows or ()))
    if parts and not any(part.weight is None or part.weight for part in parts):
        yield "", "out-of-range", "every weight is 0, so nothing would be done", "give one of them a weight"


def _names(profile: Profile) -> Iterator[_Finding]:
    titles = [endpoint.title for endpoint in profile.endpoints or ()]
    for index, title in enumerate(titles):
        if title in titles[:index]:
            yield f"endpoints.{index}", "duplicate-name", f"{title} is there twice", "give one of them another name"
    for index, workflow in enumerate(profile.workflows or ()):
        for step in workflow.steps:
            name = step.endpoint if isinstance(step, Step) else step
            if name not in titles:
                hint = f"there are {', '.join(titles) or 'none'}"
                yield f"workflows.{index}", "bad-choice", f"the step {name!r} is no endpoint's name", hint


def _repeats(profile: Profile) -> Iterator[_Finding]:
    for index, endpoint in enumerate(profile.endpoints or ()):
        for name, _ in endpoint.repeat or ():
            items = endpoint.body.get(name) if isinstance(endpoint.body, dict) else None
            if not isinstance(items, list) or not items:
                message = f"the body has no list {name!r} to repeat"
                yield f"endpoints.{index}", "bad-choice", message, "give a list with an item"


def changed(
    profile: Profile, users: int | None, duration: Duration | None, rounds: int | None, reconnect: Decimal | None = None
) -> Profile:
    """Give the profile with other users, duration or rounds; with stages, all are scaled so that the peak fits.

    A stage that has users keeps at least one.

    Args:
        profile: as it was read.
        users: at its height; None for as written.
        duration: of the whole; None for as written.
        rounds: of each session; None for as written.
        reconnect: probability of a reconnection after each round; None for as written.
    """
    course = profile.course
    if users is not None:
        peak = profile.most_users
        course = tuple(replace(stage, users=_scaled(stage.users, users, peak)) for stage in course)
    if duration is not None:
        whole = sum(stage.duration.ms for stage in course)
        scaled = [max(1, round(stage.duration.ms * duration.ms / whole)) for stage in course]
        course = tuple(
            replace(stage, duration=type(duration)(length)) for stage, length in zip(course, scaled, strict=True)
        )
    sessions = profile.sessions
    if sessions is not None and rounds is not None:
        sessions = replace(sessions, rounds=rounds)
    if sessions is not None and reconnect is not None:
        sessions = replace(sessions, reconnect=reconnect)
    if len(course) == 1 and not profile.stages:
        return replace(profile, users=course[0].users, duration=course[0].duration, sessions=sessions)
    return replace(profile, stages=course, sessions=sessions)


def _scaled(own: int, wanted: int, peak: int) -> int:
    return max(round(own * wanted / peak), min(own, 1))

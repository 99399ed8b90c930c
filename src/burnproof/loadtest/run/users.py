"""Make a Locust user class from a profile: one task at a time, chosen by weight, everything counted."""

from __future__ import annotations

import itertools
import random
import time
from typing import TYPE_CHECKING, Any, Final

from locust import FastHttpUser, User, task

from burnproof.loadtest.run.greenlets import sleep
from burnproof.loadtest.run.profile import Endpoint, Step, Workflow
from burnproof.loadtest.run.sessions import Session, hold, note
from burnproof.loadtest.run.websocket import StreamError

if TYPE_CHECKING:
    from burnproof.loadtest.run.hosts import Target
    from burnproof.loadtest.run.profile import Profile
    from burnproof.loadtest.run.samples import Samples

TIMEOUT: Final = 60.0
"""Seconds after which a request is given up; it then counts as failed."""
CUT_OFF: Final = "not answered by the end of the run"
SESSION: Final = "session"


def user_class(profile: Profile, target: Target, samples: Samples) -> type[User]:
    """Make the Locust user class of a profile.

    Args:
        profile: what users do.
        target: whom they do it to.
        samples: where everything that ends is noted.
    """
    low, high = profile.wait or (0.0, 0.0)
    dice = random.Random()  # noqa: S311 - load, not secrets
    names = {"host": target.url, "wait_time": lambda _self: dice.uniform(low, high)}
    if profile.sessions is not None:
        made = type("Sessions", (User,), names | {"tasks": [_session_task(profile, target, samples, dice)]})
    else:
        limits = {"connection_timeout": TIMEOUT, "network_timeout": TIMEOUT, "concurrency": 1}
        made = type("Requests", (FastHttpUser,), names | limits | {"tasks": [_request_task(profile, samples, dice)]})
    return made


def _session_task(profile: Profile, target: Target, samples: Samples, dice: random.Random) -> Any:
    """Make the task that holds one session."""
    plan = profile.sessions
    assert plan is not None  # noqa: S101 - the caller has asked

    def turn(user: User) -> None:
        session = Session(target, plan, dice)
        error: str | None = "abandoned at the end of the run"
        try:
            hold(session)
            error = None
        except StreamError as failure:
            error = str(failure)
            sleep(0.05)  # a target that refuses at once must not be asked a thousand times a second
        finally:
            # Also when the run ends meanwhile: a session that hangs must not vanish from the figures.
            took = note(session, samples, error)
            if error is not None:
                samples.wrong(f"{SESSION}: {error}")
            user.environment.events.request.fire(
                request_type="WS", name=SESSION, response_time=took, response_length=0, context={},
                exception=StreamError(error) if error else None,
            )  # fmt: skip

    return task(turn)


def _request_task(profile: Profile, samples: Samples, dice: random.Random) -> Any:
    """Make the task that sends one request or goes through one workflow."""
    endpoints = {endpoint.title: endpoint for endpoint in profile.endpoints or ()}
    payloads = {title: endpoint.payload for title, endpoint in endpoints.items()}
    choices: list[Endpoint | Workflow] = [*endpoints.values(), *(profile.workflows or ())]
    # With workflows, endpoints are their vocabulary, and are used alone only where a weight says so.
    unless = 0 if profile.workflows else 1
    weights = [_weight(choice, unless if isinstance(choice, Endpoint) else 1) for choice in choices]
    passes = {workflow.name: itertools.count(1) for workflow in profile.workflows or ()}

    def send(user: FastHttpUser, title: str) -> bool:
        return _send(user, endpoints[title], payloads[title], samples)

    def turn(user: FastHttpUser) -> None:
        chosen = dice.choices(choices, weights)[0]
        if isinstance(chosen, Endpoint):
            send(user, chosen.title)
            return
        number = next(passes[chosen.name])
        for index, step in enumerate(chosen.steps):
            if isinstance(step, Step) and number % (step.every or 1):
                continue
            if index and chosen.pause:
                sleep(dice.uniform(*chosen.pause))
            if not send(user, step.endpoint if isinstance(step, Step) else step):
                return

    return task(turn)


def _weight(choice: Endpoint | Workflow, unless: int) -> int:
    return unless if choice.weight is None else choice.weight


def _send(user: FastHttpUser, endpoint: Endpoint, payload: Any, samples: Samples) -> bool:
    """Send a request, judge the answer, and note both; tells whether it was right."""
    began = time.perf_counter()
    error: str | None = CUT_OFF
    try:
        with user.client.request(
            endpoint.verb, endpoint.path, name=endpoint.title, json=payload, catch_response=True,
            # A redirect could lead to a machine that nobody allowed.
            allow_redirects=False,
        ) as response:  # fmt: skip
            milliseconds = (time.perf_counter() - began) * 1000
            error = _judge(endpoint, response, milliseconds)
            if error is None:
                response.success()
            else:
                response.failure(error)
    finally:
        took = (time.perf_counter() - began) * 1000 if error == CUT_OFF else milliseconds
        samples.request(endpoint.title, took, error)
    return error is None


def _judge(endpoint: Endpoint, response: Any, milliseconds: float) -> str | None:
    """Say what is wrong with an answer; None when nothing is."""
    if response.status_code == 0:
        return f"no answer ({type(response.error).__name__ if response.error else 'broken off'})"
    if _is_cut_short(endpoint, response):
        return "the answer broke off"
    good = endpoint.expect or range(200, 300)
    if response.status_code not in good:
        return f"status {response.status_code}"
    if endpoint.within is not None and milliseconds > endpoint.within.ms:
        return f"took longer than {endpoint.within}"
    if endpoint.contains is not None and endpoint.contains not in (response.text or ""):
        return f"the answer does not contain {endpoint.contains!r}"
    if endpoint.has:
        return _lacking(endpoint.has, response)
    return None


def _is_cut_short(endpoint: Endpoint, response: Any) -> bool:
    """Tell whether less came than was announced, which the HTTP client lets pass."""
    announced = response.headers.get("content-length", "")
    if endpoint.verb == "HEAD" or not announced.isdigit() or response.headers.get("content-encoding"):
        return False
    return len(response.content or b"") < int(announced)


def _lacking(names: tuple[str, ...], response: Any) -> str | None:
    try:
        answer = response.json()
    except ValueError:
        return "the answer is no JSON"
    lacking = [name for name in names if not isinstance(answer, dict) or name not in answer]
    return f"the answer lacks {', '.join(lacking)}" if lacking else None

"""Hold a load profile: who does what, how many, how fast, how long; every problem has its place."""

# ruff: noqa: RUF009 - key() is dataclasses.field with a name: a default, not a shared value

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from burnproof.model.quantities import Duration, UnitError, ratio, whole
from burnproof.specs.keys import fields
from burnproof.specs.keys.table import Leaf, ListOf, MapOf, Reader, Table, TextOr, key
from burnproof.specs.source import Mapping, Scalar, Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

VERSION: Final = "burnproof/load/v1"
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
MAX_USERS: Final = 10_000
GRACE: Final = 10.0
_METRIC: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_ANY_JSON: Final = {"type": ["string", "number", "boolean", "object", "array", "null"]}


def _users(text: str) -> int:
    value = whole(text)
    if not 0 <= value <= MAX_USERS:
        raise UnitError(f"{text.strip()} users are not between 0 and {MAX_USERS}", "", "out-of-range")
    return int(value)


def _weight(text: str) -> int:
    value = whole(text)
    if not 0 <= value <= 1000:
        raise UnitError(f"a weight of {text.strip()} is not between 0 and 1000", "", "out-of-range")
    return int(value)


def _from_one(text: str) -> int:
    value = whole(text)
    if not 1 <= value <= 1000:
        raise UnitError(
            f"{text.strip()} is not between 1 and 1000", "write 1 or more, or leave the key out", "out-of-range"
        )
    return int(value)


def _status(text: str) -> int:
    value = whole(text)
    if not 100 <= value <= 599:
        raise UnitError(f"{text.strip()} is no HTTP status", "write 200, 501 …", "out-of-range")
    return int(value)


def _path(text: str) -> str:
    if not text.startswith("/") or any(char.isspace() for char in text):
        raise UnitError(f"{text!r} is no path", "write for example /api/health", "bad-choice")
    return text


def _gauge(text: str) -> str:
    if not _METRIC.fullmatch(text):
        raise UnitError(f"{text!r} is no metric's name", "write for example process_open_fds", "bad-choice")
    return text


def _share(text: str) -> Decimal:
    value = ratio(text)
    if not 0 <= value <= 1:
        raise UnitError(f"{text.strip()} is no share between 0% and 100%", "write 10% or 0.1", "out-of-range")
    return value


def _wait(text: str) -> tuple[float, float]:
    """Read ``1s`` or ``1s to 3s`` as seconds; ``0`` is no wait."""
    if text.strip() in ("0", "0s"):
        return 0.0, 0.0
    parts = [fields.DURATION.parse(part.strip()).seconds for part in text.split(" to ")]
    if len(parts) > 2 or parts[0] > parts[-1]:
        raise UnitError(f"{text!r} is no wait", "write 1s, or 1s to 3s", "bad-duration")
    return parts[0], parts[-1]


_NUMBER: Final = {"anyOf": [{"type": "number"}, {"type": "string"}]}
USERS: Final = Leaf(_users, _NUMBER, "a number of users")
WEIGHT: Final = Leaf(_weight, _NUMBER, "a weight such as 10")
FROM_ONE: Final = Leaf(_from_one, _NUMBER, "a number such as 2")
STATUS: Final = Leaf(_status, _NUMBER, "an HTTP status")
PATH: Final = Leaf(_path, {"type": "string", "pattern": "^/"}, "a path")
GAUGE: Final = Leaf(_gauge, {"type": "string", "pattern": f"^{_METRIC.pattern}$"}, "the name of a metric")
SHARE: Final = Leaf(_share, _NUMBER, "a share such as 10%")
WAIT: Final = Leaf(_wait, _NUMBER, "a wait such as 1s to 3s")


@dataclass(frozen=True)
class Json:
    """Any YAML value, taken as JSON."""

    expected: str = "a body"

    def read(self, node: Value, reader: Reader, path: str) -> Any:
        """Give the value as JSON has it; quoted text stays text."""
        if type(node) is Scalar:
            try:
                return _scalar(node)
            except (ValueError, OverflowError):
                message = f"JSON has no number {node.text[:40]!r}"
                reader.fail(path, "out-of-range", message, node.span(), "quote it to send it as text")
                return None
        if type(node) is Mapping:
            return {name: self.read(value, reader, f"{path}.{name}") for name, (_, value) in node.entries.items()}
        return [self.read(item, reader, f"{path}.{index}") for index, item in enumerate(node.items)]  # type: ignore[union-attr]  # a value is one of three

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - it has no parts
        """Anything."""
        return dict(_ANY_JSON)


def _scalar(node: Scalar) -> Any:
    """Give plain text the meaning that YAML 1.2 gives it: null, true, false, a number, or itself.

    Raises:
        ValueError, OverflowError: a number that JSON cannot hold.
    """
    if node.style:
        return node.text
    if node.is_null:
        return None
    return next((read(node.text) for pattern, read in _PLAIN if pattern.fullmatch(node.text)), node.text)


def _finite(text: str) -> float:
    """Read a float that is one, and not too large to be one."""
    value = float(text)
    if not math.isfinite(value):
        raise OverflowError
    return value


# The core schema of YAML 1.2.2 (10.3.2). What else Python takes for a number, such as nan and 1_000, is text.
_PLAIN: Final[tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...]] = (
    (re.compile("true|True|TRUE"), lambda _: True),
    (re.compile("false|False|FALSE"), lambda _: False),
    (re.compile("[-+]?[0-9]+"), int),
    (re.compile("0o[0-7]+"), lambda text: int(text, 0)),
    (re.compile("0x[0-9a-fA-F]+"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), _finite),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: _finite(text.replace(".", ""))),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A request: what to send, how often beside the others, and what must come back."""

    name: str | None = key(fields.NAME, "what workflows and results call it; the method and path unless given")
    method: str | None = key(fields.choice(*METHODS), "the HTTP method; GET unless given")
    path: str = key(PATH, "the path, with its query", required=True)
    weight: int | None = key(WEIGHT, "its share of the tasks, against the others; 1 unless given, 0 for workflows only")
    body: Any = key(Json(), "the JSON body")
    repeat: tuple[tuple[str, int], ...] | None = key(
        MapOf(fields.TEXT, USERS, "repetitions"), "how many items the lists of the body are to have"
    )
    expect: tuple[int, ...] | None = key(ListOf(STATUS, single=True), "statuses of success; 2xx unless given")
    within: Duration | None = key(fields.DURATION, "an answer that takes longer counts as failed")
    contains: str | None = key(fields.TEXT, "text that the answer must contain")
    has: tuple[str, ...] | None = key(ListOf(fields.TEXT, single=True), "keys that the answer's JSON object must have")

    @property
    def title(self) -> str:
        """What results call it."""
        return self.name or f"{self.verb} {self.path}"

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.method or "GET"

    @property
    def payload(self) -> Any:
        """The body with its lists as long as they are to be."""
        if not isinstance(self.body, dict) or not self.repeat:
            return self.body
        return self.body | {name: (self.body[name] * count)[:count] for name, count in self.repeat}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a workflow that is not taken each time."""

    endpoint: str = key(fields.NAME, "the name of an endpoint", required=True)
    every: int | None = key(FROM_ONE, "take it each n-th time only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """Requests in a fixed order; the first that fails ends the pass."""

    name: str = key(fields.NAME, "its name", required=True)
    weight: int | None = key(WEIGHT, "its share of the tasks, against the others; 1 unless given")
    pause: tuple[float, float] | None = key(WAIT, "the wait between its steps; none unless given")
    steps: tuple[str | Step, ...] = key(
        ListOf(TextOr(fields.NAME, Table(Step, "a step")), at_least=1), "names of endpoints, in order", required=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Streaming sessions over WebSocket; messages are JSON objects whose ``type`` says what they are."""

    path: str = key(PATH, "the path; {id} becomes the session's name", required=True)
    rounds: int | None = key(FROM_ONE, "rounds of a session; 2 unless given")
    agents: int | None = key(FROM_ONE, "agents in it; 2 unless given")
    reconnect: Decimal | None = key(SHARE, "the probability, after each round, that the connection is made anew")
    first: str | None = key(
        fields.TEXT, "the type of message that ends the wait for the first byte; token unless given"
    )
    round_end: str | None = key(fields.TEXT, "the type that ends a round; round_end unless given")
    end: str | None = key(fields.TEXT, "the type of the final result; debate_end unless given")
    timeout: Duration | None = key(fields.DURATION, "the longest silence; 30s unless given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the target exports of itself, to be read along the run: leaks show as drift of its gauges."""

    path: str | None = key(PATH, "where its metrics are; /metrics unless given")
    gauges: tuple[str, ...] = key(
        ListOf(GAUGE, at_least=1), "gauges, such as process_resident_memory_bytes", required=True
    )

    @property
    def page(self) -> str:
        """Where its metrics are."""
        return self.path or "/metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stretch of the run: so many users at its end, reached evenly over its length or as fast as the spawn rate."""

    users: int = key(USERS, "the users that it leads to", required=True)
    duration: Duration = key(fields.DURATION, "how long it lasts", required=True)
    ramp: bool | None = key(fields.BOOLEAN, "whether users come evenly over its length; as the spawn rate says unless")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A load profile."""

    version: str = key(fields.choice(VERSION), f"the format: {VERSION}", required=True)
    name: str = key(fields.NAME, "its name", required=True)
    operation: str | None = key(fields.NAME, "what its records are called; the name unless given")
    description: str | None = key(fields.TEXT, "what it is for")
    users: int | None = key(USERS, "concurrent users or sessions")
    spawn_rate: Decimal | None = key(fields.RATE, "users started a second; all at once unless given")
    duration: Duration | None = key(fields.DURATION, "how long it runs")
    stages: tuple[Stage, ...] | None = key(
        ListOf(Table(Stage, "a stage"), at_least=1), "stretches one after the other, in place of users and duration"
    )
    wait: tuple[float, float] | None = key(WAIT, "the wait between a user's tasks; none unless given")
    grace: Duration | None = key(
        fields.DURATION, "what requests and sessions under way get at the end, before they count as failed; 10s unless"
    )
    endpoints: tuple[Endpoint, ...] | None = key(ListOf(Table(Endpoint, "an endpoint"), at_least=1), "requests")
    workflows: tuple[Workflow, ...] | None = key(ListOf(Table(Workflow, "a workflow"), at_least=1), "ordered requests")
    sessions: Sessions | None = key(Table(Sessions, "sessions"), "streaming sessions, in place of requests")
    watch: Watch | None = key(Table(Watch, "what to watch"), "gauges that the target exports, read along the run")

    @property
    def record_name(self) -> str:
        """What its records are called."""
        return self.operation or self.name

    @property
    def most_users(self) -> int:
        """The users at its height."""
        return max((stage.users for stage in self.course), default=0)

    @property
    def patience(self) -> float:
        """The seconds that what is under way at the end gets."""
        return self.grace.seconds if self.grace else GRACE

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return sum(stage.duration.seconds for stage in self.course)

    @property
    def course(self) -> tuple[Stage, ...]:
        """Its stages; users and duration are one."""
        if self.stages:
            return self.stages
        if self.users is None or self.duration is None:
            return ()
        return (Stage(users=self.users, duration=self.duration),)


PROFILE: Final = Table(Profile, "a load profile")


def shortfall(profile: Profile) -> str:
    """Say, as a sentence, why a run ends before all its users are active; "" where it does not."""
    rate, active = float(profile.spawn_rate or 0), 0.0
    for stage in profile.course:
        seconds = stage.duration.seconds
        can = active + rate * seconds if rate and not stage.ramp else stage.users
        active = min(stage.users, can)
        if active == profile.most_users:
            return ""
    needed = profile.most_users / rate
    return (
        f"{profile.most_users} users take {needed:.4g} s to start at a spawn_rate of {rate:g} a second, longer than "
        "there is: give a longer --duration, fewer --users, or the profile a higher spawn_rate."
    )

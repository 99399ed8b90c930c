"""Define the HTTP endpoints of the demo: routes, how long each takes, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route.

    Attributes:
        took: Milliseconds of its work at the median, from the request's body.
        answer: The JSON that it gives, from the body.
        needs: Keys that the body must have; without them the answer is 422.
        status: The status of success.
    """

    method: str
    path: str
    took: Callable[[Body], float]
    answer: Callable[[Body], Any]
    needs: tuple[str, ...] = ()
    status: int = 200


def _always(milliseconds: float) -> Callable[[Body], float]:
    return lambda _body: milliseconds


def _per_item(key: str, first: float, each: float) -> Callable[[Body], float]:
    """Give the time of a batch: a share for the call and one for each item of the list in the body."""

    def took(body: Body) -> float:
        items = body.get(key)
        return first + each * (len(items) if isinstance(items, list) else 1)

    return took


def _says(**answer: Any) -> Callable[[Body], Any]:
    return lambda _body: answer


def _counted(key: str, name: str) -> Callable[[Body], Any]:
    def answer(body: Body) -> Any:
        items = body.get(key)
        return {name: len(items) if isinstance(items, list) else 0}

    return answer


_TRACE: Final = {"id": "t-1", "prompt": "2 + 2", "steps": ["add"], "answer": "4"}
_DEBATE: Final = {"id": "test-debate-id", "topic": "Test debate", "status": "active", "rounds": 2}
_UP: Final = _says(status="healthy")
_NOT_INSTALLED: Final = _says(detail="UNGAR is not installed")

ENDPOINTS: Final = (
    # The processor and the health checks
    Endpoint("GET", "/gpu/info", _always(8), _says(gpus=[{"id": 0, "utilisation": 0.7, "memory_mb": 20480}])),
    Endpoint("GET", "/health", _always(1), _UP),
    Endpoint("GET", "/ready", _always(1), _says(status="ready")),
    Endpoint("GET", "/live", _always(1), _says(status="alive")),
    Endpoint("GET", "/status", _always(3), _says(services={"content": "healthy", "queue": "healthy"})),
    # content generation
    Endpoint("POST", "/api/v2/content/generate", _always(120), _says(content="A newsletter."), ("prompt",)),
    Endpoint("POST", "/api/v2/content/generate/enhanced", _always(200), _says(content="A better one."), ("prompt",)),
    Endpoint("POST", "/api/v1/content/batch", _per_item("items", 40, 60), _counted("items", "generated"), ("items",)),
    Endpoint("POST", "/api/v2/content/validate", _always(15), _says(valid=True, issues=[]), ("content",)),
    # traces and datasets
    Endpoint("GET", "/api/health", _always(1), _UP),
    Endpoint("GET", "/api/redi/health", _always(4), _UP),
    Endpoint("POST", "/api/traces", _always(10), _says(id="t-1"), ("prompt",), status=201),
    Endpoint(
        "POST", "/api/traces/batch", _per_item("traces", 12, 0.3), _counted("traces", "created"), ("traces",), 201
    ),
    Endpoint("GET", "/api/traces", _always(8), _says(items=[_TRACE] * 20, total=400)),
    Endpoint("GET", "/api/traces/compare", _always(14), _says(base=_TRACE, other=_TRACE, delta=0.0)),
    Endpoint("GET", "/api/traces/{id}", _always(4), lambda _body: _TRACE),
    Endpoint("POST", "/api/traces/{id}/score", _always(9), _says(score=0.9), ("criteria",), status=201),
    Endpoint("POST", "/api/datasets/build", _per_item("traces", 30, 0.5), _says(dataset="d-1"), ("name",), status=201),
    Endpoint("GET", "/api/datasets/{key}/export.jsonl", _always(60), _says(lines=100)),
    Endpoint("GET", "/api/ungar/status", _always(1), _says(installed=False)),
    Endpoint("POST", "/api/ungar/high-card-duel/generate", _always(1), _NOT_INSTALLED, status=501),
    Endpoint("GET", "/api/ungar/high-card-duel/export.jsonl", _always(1), _NOT_INSTALLED, status=501),
    # debates
    Endpoint("GET", "/api/debates", _always(9), _says(debates=[_DEBATE] * 20)),
    Endpoint("GET", "/api/debates/{id}", _always(5), lambda _body: _DEBATE),
    Endpoint("POST", "/api/debates", _always(25), _says(id="d-1"), ("topic", "agents", "rounds"), status=201),
    Endpoint("POST", "/api/debates/{id}/vote", _always(12), _says(accepted=True), ("choice",)),
    Endpoint("GET", "/api/leaderboard", _always(11), _says(agents=[])),
    Endpoint("GET", "/api/agents", _always(14), _says(agents=["demo"])),
)  # fmt: skip
DEBATE_API: Final = ("/api/health", "/api/debates", "/api/leaderboard", "/api/agents")


def is_debate_api(path: str) -> bool:
    """Tell whether the route belongs to the API whose metrics begin with ``aragora_``."""
    return path.startswith(DEBATE_API)


def missing(endpoint: Endpoint, body: Body) -> tuple[str, ...]:
    """Give the keys that the body lacks."""
    return tuple(name for name in endpoint.needs if name not in body)

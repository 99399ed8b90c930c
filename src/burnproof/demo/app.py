"""Make the demo's Starlette application: endpoints, stream, metrics, faults, notifications, status page."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute

from burnproof.demo import stream
from burnproof.demo.endpoints import ENDPOINTS, Endpoint, is_debate_api, missing
from burnproof.demo.faults import Fate, FaultError, Faults, Switchboard, read_faults, read_restarts
from burnproof.demo.metrics import APP, POD, Metrics, make_metrics
from burnproof.demo.page import PAGE
from burnproof.demo.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request

_PROMISED: Final = 1000  # bytes that a broken answer announces and does not send
_KEPT: Final = 50
_MAX_BODY: Final = 1 << 20


@dataclass(slots=True)
class Demo:
    """The state of one demo.

    Attributes:
        links: Title to URL of what runs beside it.
        notifications: What Alertmanager sent, the newest first.
    """

    metrics: Metrics
    board: Switchboard
    pipeline: Pipeline
    debates: stream.Debates
    links: Mapping[str, str] = field(default_factory=dict)
    notifications: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))


def make_demo(seed: int | None = None) -> Demo:
    """Make a demo in which nothing has happened; with a ``seed`` its dice fall the same way each time."""
    metrics, board = make_metrics(), Switchboard(dice=random.Random(seed))  # noqa: S311 - dice for a demo
    return Demo(metrics, board, Pipeline(metrics, board), stream.Debates(metrics, board))


def make_app(demo: Demo) -> Starlette:
    """Make the application around a demo's state."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(demo.pipeline.run())
        yield
        ticking.cancel()

    own = (
        ("/", ["GET"], lambda _request: HTMLResponse(PAGE)),
        ("/metrics", ["GET"], lambda _request: _exposition(demo)),
        ("/status.json", ["GET"], lambda _request: JSONResponse(_status(demo))),
        ("/notifications", ["POST"], lambda request: _notified(demo, request)),
        ("/faults", ["GET", "POST", "DELETE"], lambda request: _faults(demo, request)),
    )
    routes = [Route(path, _handler(answer), methods=methods) for path, methods, answer in own]
    routes += [Route(made.path, _served(demo, made), methods=[made.method]) for made in ENDPOINTS]
    return Starlette(routes=[*routes, WebSocketRoute(stream.ROUTE, demo.debates.serve)], lifespan=lifespan)


def _handler(answer: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a function that gives a response, or something to wait for."""

    async def handle(request: Request) -> Response:
        made = answer(request)
        response: Response = await made if asyncio.iscoroutine(made) else made
        return response

    return handle


def _served(demo: Demo, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of an endpoint, with the faults of the moment and its line in the metrics."""

    async def handle(request: Request) -> Response:
        began = time.perf_counter()
        response = await _answer(demo, endpoint, request)
        took = time.perf_counter() - began
        path = endpoint.path
        demo.metrics.observe(endpoint.method, path, response.status_code, took, is_debate_api=is_debate_api(path))
        return response

    return handle


async def _answer(demo: Demo, endpoint: Endpoint, request: Request) -> Response:
    """Do what the endpoint does: read, work, and answer, fail or break off."""
    board = demo.board
    board.leak(endpoint.path)
    body = await _body(request) if endpoint.method == "POST" else {}
    if body is None:
        return JSONResponse({"detail": "the body must be a JSON object"}, 400)
    lacking = missing(endpoint, body)
    if lacking:
        return JSONResponse({"detail": f"missing: {', '.join(lacking)}"}, 422)
    # Times of real services lean to the right: most near the median, few far beyond it.
    spread = board.dice.lognormvariate(0, 0.2)
    await asyncio.sleep(endpoint.took(body) / 1000 * spread + board.faults.delay(endpoint.path))
    match board.faults.fate(endpoint.path, board.dice):
        case Fate.FAILED:
            return JSONResponse({"detail": "a fault was requested"}, board.faults.status)
        case Fate.DROPPED:
            # The server has begun to answer with 200 and counts it so; only the client sees that it broke.
            return StreamingResponse(_broken(), headers={"content-length": str(_PROMISED)})
        case Fate.ANSWERED:
            return JSONResponse(endpoint.answer(body), endpoint.status)


async def _broken() -> AsyncIterator[bytes]:
    yield b"{"
    raise ConnectionAbortedError


async def _body(request: Request) -> dict[str, Any] | None:
    """Read a JSON object; None where the body is none."""
    raw = await request.body()
    if len(raw) > _MAX_BODY:
        return None
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _exposition(demo: Demo) -> Response:
    return Response(generate_latest(demo.metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _faults(demo: Demo, request: Request) -> Response:
    """Show, set (by query or JSON body) or clear the faults."""
    if request.method == "DELETE":
        demo.board.clear()
    if request.method == "POST":
        given = await _body(request) if int(request.headers.get("content-length") or 0) else {}
        if given is None:
            return JSONResponse({"error": "the body must be a JSON object"}, 400)
        wanted = {name: str(value) for name, value in {**given, **request.query_params}.items()}
        try:
            restarts = read_restarts(wanted.pop("restarts", ""))
            demo.board.faults = read_faults(wanted)
        except FaultError as error:
            return JSONResponse({"error": str(error)}, 400)
        demo.metrics.restarts.labels("app", POD, APP).inc(restarts)
    return JSONResponse(_shown(demo.board.faults))


def _shown(faults: Faults) -> dict[str, Any]:
    return {name: getattr(faults, name) for name in faults.__slots__}


async def _notified(demo: Demo, request: Request) -> Response:
    """Take what Alertmanager sends."""
    message = await _body(request) or {}
    for alert in message.get("alerts", ()):
        labels = alert.get("labels", {})
        demo.notifications.appendleft(
            {
                "status": str(alert.get("status", "")),
                "alert": str(labels.get("alertname", "")),
                "severity": str(labels.get("severity", "")),
                "tier": str(labels.get("slo_tier", "")),
                "summary": str(alert.get("annotations", {}).get("summary", "")),
                "at": time.strftime("%H:%M:%S"),
            }
        )
    return JSONResponse({})


def _status(demo: Demo) -> dict[str, Any]:
    """Give what the page shows."""
    counts = sorted(demo.metrics.counts.items())
    return {
        "faults": _shown(demo.board.faults),
        "links": dict(demo.links),
        "requests": [[*key, count] for key, count in counts],
        "waiting": len(demo.pipeline.waiting),
        "debates": sum(not debate.is_over for debate in demo.debates.known.values()),
        "notifications": list(demo.notifications),
    }

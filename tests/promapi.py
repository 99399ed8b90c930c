"""Prometheus' query API on a loopback port, over samples in memory and the embedded engine; and its faults."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import numpy as np

from places import PATIENCE
from promrules.columns.values import Matrix, RangeMatrix
from promrules.engine import Options, evaluate
from promrules.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from promrules.columns.series import Storage

MAX_POINTS = 11_000


@dataclass
class Api:
    """A server and what was asked of it.

    Attributes:
        url: where it listens.
        asked: the forms of all requests, each with its endpoint.
        headers: the headers of all requests.
        fault: what to do instead of answering, given the handler and the form; returns whether it did.
    """

    storage: Storage
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    fault: Callable[[BaseHTTPRequestHandler, dict[str, str]], bool] = lambda _handler, _form: False

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer as Prometheus does, its limit on points included."""
        steps = _steps(form)
        if len(steps) > MAX_POINTS:
            return 400, {"status": "error", "errorType": "bad_data", "error": "exceeded maximum resolution"}
        instant = form["endpoint"] == "query"
        value = evaluate(parse(form["query"]), self.storage, steps, Options(instant=instant)).value
        if isinstance(value, RangeMatrix):
            return 200, {"status": "success", "data": {"resultType": "matrix", "result": _samples(value)}}
        if not isinstance(value, Matrix):
            return 200, {"status": "success", "data": {"resultType": "scalar", "result": [0, "1"]}}
        result = []
        for row, labels in enumerate(value.labels):
            points = [
                [int(steps[at]) / 1000, written(value.values[row, at])] for at in np.flatnonzero(value.present[row])
            ]
            if points:
                metric = dict(labels)
                result.append({"metric": metric, **({"value": points[0]} if instant else {"values": points})})
        kind = "vector" if instant else "matrix"
        return 200, {"status": "success", "data": {"resultType": kind, "result": result}}


def written(value: float) -> str:
    """Write a value as Go does."""
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(float(value)), repr(float(value)))


def _samples(found: RangeMatrix) -> list[dict[str, Any]]:
    """Give the samples of each series in the one range of an instant query."""
    return [
        {
            "metric": dict(labels),
            "values": [
                [int(found.times[at]) / 1000, written(found.values[at])]
                for at in range(found.lo[row, 0], found.hi[row, 0])
            ],
        }
        for row, labels in enumerate(found.labels)
    ]


def _steps(form: dict[str, str]) -> Any:
    if form["endpoint"] == "query":
        return np.array([round(float(form["time"]) * 1000)], dtype=np.int64)
    start, end, step = (round(float(form[name]) * 1000) for name in ("start", "end", "step"))
    return np.arange(start, end + 1, step, dtype=np.int64)


@contextmanager
def serving(storage: Storage) -> Iterator[Api]:
    """Serve until the block ends."""
    api = Api(storage)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            form["endpoint"] = self.path.rpartition("/")[2]
            api.asked.append(form)
            api.headers.append(dict(self.headers))
            if api.fault(self, form):
                return
            send(self, *api.answer(form))

        def do_GET(self) -> None:
            """Pass what is no query on to the fault, which may answer it."""
            if not api.fault(self, {"endpoint": ""}):
                send(self, 404, "404 page not found")

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


def send(handler: BaseHTTPRequestHandler, status: int, body: Any, **headers: str) -> None:
    """Send an answer: JSON, or text as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    data = text.encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)

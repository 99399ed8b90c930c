"""Export the demo's metrics, with the names and labels of real exporters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

APP: Final = "processor"
POD: Final = "processor-0"
REQUEST_BUCKETS: Final = (
    0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.75, 1, 2, 2.5, 3, 5, 7.5, 10, 15, 30,
)  # fmt: skip
"""Every bound that an objective on these endpoints names, so that none has to be interpolated."""
_FIRST_BYTE: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 1, 2, 5)
_RATES: Final = (1, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100)
_COMPLETION: Final = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60)
_STORED: Final = (0.5, 1, 2.5, 5, 10, 30, 60)
_AS_EXPORTER: Final = ("method", "path", "status_code", "app_name")


def _counter(registry: CollectorRegistry, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    return Counter(name, text, labels, registry=registry)


def _gauge(registry: CollectorRegistry, name: str, text: str) -> Gauge:
    return Gauge(name, text, registry=registry)


def _histogram(
    registry: CollectorRegistry, name: str, text: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()
) -> Histogram:
    return Histogram(name, text, labels, buckets=buckets, registry=registry)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The instruments of one demo; each demo has a registry of its own.

    Attributes:
        requests: starlette_exporter's counter, labelled as that exporter labels it.
        seconds: its histogram; seconds from the request's arrival to its answer.
        stored: Seconds from a message's entry into the queue to its storage.
        restarts: kube-state-metrics' counter, for the one pod there is.
        first_byte: Seconds from a debate's start to its first token, as the server sees it.
        throughput: Messages per second of a completed debate.
    """

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    api_requests: Counter
    api_seconds: Histogram
    produced: Counter
    processed: Counter
    stored: Histogram
    restarts: Counter
    debates: Counter
    active_debates: Gauge
    connections: Gauge
    reconnections: Counter
    first_byte: Histogram
    throughput: Histogram
    completion: Histogram
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def observe(self, method: str, path: str, status: int, seconds: float, *, is_debate_api: bool) -> None:
        """Count a request: method, route, status and how long it took."""
        self.requests.labels(method, path, str(status), APP).inc()
        self.seconds.labels(method, path, str(status), APP).observe(seconds)
        if is_debate_api:
            self.api_requests.labels(method, path, str(status)).inc()
            self.api_seconds.labels(method, path).observe(seconds)
        key = (method, path, str(status))
        self.counts[key] = self.counts.get(key, 0) + 1


def make_metrics() -> Metrics:
    """Make the instruments, in a fresh registry, with the series that must exist before the first event."""
    own = CollectorRegistry()
    ProcessCollector(registry=own)  # memory, open files and the like, as every exporter has them
    made = Metrics(
        registry=own,
        requests=_counter(own, "starlette_requests_total", "Requests", _AS_EXPORTER),
        seconds=_histogram(own, "starlette_request_duration_seconds", "Latency", REQUEST_BUCKETS, _AS_EXPORTER),
        api_requests=_counter(own, "aragora_request_total", "Requests of the debate API", ("method", "path", "status")),
        api_seconds=_histogram(
            own, "aragora_request_duration_seconds", "Latency of the debate API", REQUEST_BUCKETS, ("method", "path")
        ),
        produced=_counter(own, "app_produced_messages_total", "Messages put into the queue"),
        processed=_counter(own, "app_processed_messages_total", "Messages taken from the queue and stored"),
        stored=_histogram(own, "app_end_to_end_seconds", "Time of storage minus time of entry", _STORED),
        restarts=_counter(
            own, "kube_pod_container_status_restarts_total", "Restarts", ("namespace", "pod", "container")
        ),
        debates=_counter(own, "debates_total", "Debates that ended", ("outcome",)),
        active_debates=_gauge(own, "aragora_active_debates", "Debates under way"),
        connections=_gauge(own, "aragora_ws_connections", "Open WebSocket connections"),
        reconnections=_counter(own, "debate_reconnections_total", "Attempts to resume a debate", ("outcome",)),
        first_byte=_histogram(own, "debate_first_byte_seconds", "Start to first token", _FIRST_BYTE),
        throughput=_histogram(own, "debate_messages_per_second", "Messages per second of a debate", _RATES),
        completion=_histogram(own, "debate_completion_seconds", "Start to result", _COMPLETION),
    )
    made.restarts.labels("app", POD, APP)
    for outcome in ("completed", "failed"):
        made.debates.labels(outcome)
    for outcome in ("accepted", "refused"):
        made.reconnections.labels(outcome)
    return made

"""Write some hours of quiet past as OpenMetrics text, so that windows are covered at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from burnproof.demo.metrics import APP, POD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STEP: Final = 30
HOURS: Final = 4
# A second: few enough beside the demo's own traffic that a fault shows in the one-hour window within a minute or two.
_REQUESTS: Final = 1.0
_MESSAGES: Final = 1.0
_BOUNDS: Final = ("0.05", "0.1", "0.2", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf")


def _rates(job: str, instance: str) -> Mapping[str, float]:
    """Give each series and how much it grows in a second."""
    where = f'job="{job}",instance="{instance}"'
    served = f'{where},app_name="{APP}",method="GET",path="/gpu/info",status_code="200"'
    counters = {
        f"starlette_requests_total{{{served}}}": _REQUESTS,
        f"starlette_request_duration_seconds_count{{{served}}}": _REQUESTS,
        f"starlette_request_duration_seconds_sum{{{served}}}": _REQUESTS * 0.01,
        f"app_produced_messages_total{{{where}}}": _MESSAGES,
        f"app_processed_messages_total{{{where}}}": _MESSAGES,
        f"app_end_to_end_seconds_count{{{where}}}": _MESSAGES,
        f"app_end_to_end_seconds_sum{{{where}}}": _MESSAGES * 0.3,
        f'kube_pod_container_status_restarts_total{{{where},namespace="app",pod="{POD}",container="{APP}"}}': 0.0,
    }
    buckets = {
        f'starlette_request_duration_seconds_bucket{{{served},le="{bound}"}}': _REQUESTS for bound in _BOUNDS
    } | {
        f'app_end_to_end_seconds_bucket{{{where},le="{bound}"}}': _MESSAGES
        for bound in ("0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf")
    }
    return counters | buckets


def openmetrics(job: str, instance: str, end: int) -> str:
    """Give the text of the hours before ``end`` (Unix seconds): all requests fast and answered, nothing waiting."""
    return "".join(_lines(_rates(job, instance), end)) + "# EOF\n"


def _lines(rates: Mapping[str, float], end: int) -> Iterator[str]:
    start = end - HOURS * 3600
    for series, rate in rates.items():
        for time in range(start, end + 1, STEP):
            yield f"{series} {rate * (time - start):.10g} {time}\n"

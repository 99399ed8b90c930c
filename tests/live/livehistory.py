"""CA3's input as OpenMetrics text: some hours of it up to now, with an incident under way or without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCRAPE = 30  # seconds
HOUR = 3600


@dataclass(frozen=True)
class Growth:
    """What a counter does: so many per second while all is well, so many during the incident."""

    well: float
    ill: float


def ca3(service: str, prefix: str, *, incident: bool) -> Mapping[str, Growth]:
    """Give CA3's raw series for a service; in the incident it fails, is slow, lags behind and restarts."""

    def growth(well: float, ill: float) -> Growth:
        return Growth(well, ill if incident else well)

    job = f'job="{service}"'
    requests = f"starlette_requests_total{{{job},path="
    seconds = f'starlette_request_duration_seconds_bucket{{{job},path="/gpu/info",le="'
    stored = f"{prefix}_end_to_end_seconds_"
    pods = 'kube_pod_container_status_restarts_total{namespace="app",pod="'
    return {
        f'{requests}"/gpu/info",status_code="200"}}': growth(20, 10),
        f'{requests}"/gpu/info",status_code="500"}}': growth(0.01, 10),
        f'{requests}"/health",status_code="200"}}': growth(0.2, 0.2),
        f'{requests}"/metrics",status_code="200"}}': growth(100, 100),
        f'{seconds}0.1"}}': growth(19, 2),
        f'{seconds}0.2"}}': growth(20, 5),
        f'{seconds}0.25"}}': growth(20, 10),
        f'{seconds}+Inf"}}': growth(20, 20),
        f"{prefix}_produced_messages_total": growth(50, 50),
        f"{prefix}_processed_messages_total": growth(50, 20),
        f'{stored}bucket{{{job},le="10.0"}}': growth(50, 20),
        f'{stored}bucket{{{job},le="+Inf"}}': growth(50, 50),
        f"{stored}count{{{job}}}": growth(50, 50),
        f'{pods}{service}-a"}}': growth(0, 2.5 / HOUR),
        f'{pods}{service}-b"}}': growth(0, 0),
    }


def openmetrics(series: Mapping[str, Growth], end: int, hours: float, incident_hours: float) -> str:
    """Write counters, scraped every half minute over the hours up to `end` (Unix seconds), as OpenMetrics text."""
    return "".join(_lines(series, end, hours, incident_hours)) + "# EOF\n"


def _lines(series: Mapping[str, Growth], end: int, hours: float, incident_hours: float) -> Iterator[str]:
    start, turn = end - int(hours * HOUR), end - int(incident_hours * HOUR)
    for name, growth in series.items():
        for time in range(start, end + 1, SCRAPE):
            level = growth.well * (min(time, turn) - start) + growth.ill * max(0, time - turn)
            yield f"{name} {int(level)} {time}\n"

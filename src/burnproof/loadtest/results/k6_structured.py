"""Convert k6's machine-readable summary (k6 1.5 and later) into the form of the older one.

``{"version": "1.0.0", "metadata": …, "config": {"duration": 30.1, …}, "results": {"metrics": [{"name": "http_reqs",
"type": "counter", "contains": "default", "values": {…}}, …], "checks": {"metrics": […], "results": [{"name",
"passes", "fails"}, …]}}}``. Its rates have ``matches`` of ``total``; the metric ``checks`` has become
``checks_succeeded``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from burnproof.loadtest.results.reading import ResultError

_SECTIONS: Final = ("version", "metadata", "config", "results")
_REMEDY: Final = "write it without --new-machine-readable-summary"
# Releases of k6 differ in the name.
_DURATIONS: Final = ("duration", "duration_seconds")


def is_structured(root: Any) -> bool:
    """Recognise such a summary, a damaged one too."""
    results = root.get("results") if isinstance(root, dict) else None
    if not isinstance(results, dict) or not all(name in root for name in _SECTIONS):
        return False
    return isinstance(results.get("metrics"), list) or "k6" in str(root["metadata"]).lower()


def as_older(root: dict[str, Any]) -> dict[str, Any]:
    """Give the same summary as ``handleSummary`` of older releases has it.

    Raises:
        ResultError: its schema is not known, or it is damaged.
    """
    version = root["version"]
    if not isinstance(version, str) or version.partition(".")[0] != "1":
        raise ResultError(f"the schema {str(version)[:20]!r} of k6's summary is not known: {_REMEDY}")
    checks = root["results"].get("checks")
    checks = checks if isinstance(checks, dict) else {}
    metrics: dict[str, dict[str, Any]] = {}
    for name, metric in (*_metrics(root["results"].get("metrics")), *_metrics(checks.get("metrics") or [])):
        if name in metrics:
            raise ResultError(f"k6's summary has the metric {name[:80]!r} twice")
        metrics[name] = metric
    if "checks_succeeded" in metrics:
        metrics.setdefault("checks", metrics["checks_succeeded"])
    return {
        "metrics": metrics,
        "root_group": {"checks": checks.get("results")},
        "state": {"testRunDurationMs": _milliseconds(root["config"])},
    }


def _metrics(listed: Any) -> list[tuple[str, dict[str, Any]]]:
    """Name the metrics of a list.

    Raises:
        ResultError: it is no list of metrics.
    """
    if not isinstance(listed, list) or not all(_is_metric(one) for one in listed):
        raise ResultError(f"k6's summary is damaged: its metrics are no list of names and values; {_REMEDY}")
    return [(one["name"], one | {"values": _values(one["values"])}) for one in listed]


def _is_metric(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("values"), dict)


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """Give a metric's values; of a rate, the matches and the others under their older names too."""
    matches, total = values.get("matches"), values.get("total")
    if not isinstance(matches, Decimal) or not isinstance(total, Decimal):
        return values
    return values | {"passes": matches, "fails": total - matches}


def _milliseconds(config: Any) -> Decimal | None:
    seconds = next((config[name] for name in _DURATIONS if name in config), None) if isinstance(config, dict) else None
    return seconds * 1000 if isinstance(seconds, Decimal) else None

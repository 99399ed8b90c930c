"""Read k6's end-of-test summary: ``http_req_duration/p(99)``, ``http_req_failed/rate``, ``checks/NAME``.

Three forms are read: what ``--summary-export`` writes, the object that ``handleSummary`` is given, and the newer
summary that ``k6_structured`` brings into the form of the second. In a k6 rate,
``passes`` counts the samples that were true, which for ``http_req_failed`` are the failed requests; what was true in
a script's own rate, only the script knows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from burnproof.loadtest.results.any_json import reading
from burnproof.loadtest.results.distribution_checks import disorder
from burnproof.loadtest.results.k6_structured import as_older, is_structured
from burnproof.loadtest.results.model import Reading, Result, Run, percentile_of
from burnproof.model.measured import BYTES, COUNT, MILLISECONDS, PER_SECOND, RATIO, UNKNOWN, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "k6 summary"
_BUILT_IN: Final = frozenset(
    {"http_reqs", "iterations", "vus", "vus_max", "data_sent", "data_received", "http_req_duration"}
)
# Trends that k6 itself measures, all in milliseconds; the summary export does not say so.
_TIMES: Final = (
    "http_req_",
    "iteration_duration",
    "group_duration",
    "ws_connecting",
    "ws_session_duration",
    "ws_ping",
    "grpc_req_duration",
)
_CONTAINS: Final = {"time": MILLISECONDS, "data": BYTES}
# A rate that was rounded for people still agrees with its counts this far.
_ROUNDING: Final = Decimal("0.001")
_NOT_NUMBERS: Final = frozenset({"thresholds", "type", "contains", "values"})


def is_summary(root: Any) -> bool:
    """Recognise a summary by the metrics that every run of k6 has, the newer one by its sections."""
    if is_structured(root):
        return True
    metrics = root.get("metrics") if isinstance(root, dict) else None
    if not isinstance(metrics, dict) or not metrics:
        return False
    return bool(_BUILT_IN & {name.partition("{")[0] for name in metrics}) and all(
        isinstance(metric, dict) for metric in metrics.values()
    )


def read(name: str, root: dict[str, Any]) -> Result:
    """Read a summary of any form.

    Raises:
        ResultError: it is a newer one of an unknown schema, or damaged.
    """
    root = as_older(root) if is_structured(root) else root
    metrics: dict[str, dict[str, Any]] = {key: _flat(metric) for key, metric in root["metrics"].items()}
    requests = _whole(metrics.get("http_reqs", {}).get("count"))
    failed = metrics.get("http_req_failed", {})
    failures = _whole(failed.get("passes"))
    if requests is None and "http_reqs" not in metrics:
        requests = _whole(metrics.get("iterations", {}).get("count"))
    if failures is None and requests is not None and isinstance(failed.get("rate"), Decimal):
        failures = round(failed["rate"] * requests)
    readings: dict[str, Reading] = {}
    for key, metric in metrics.items():
        for part, made in _metric(key, metric, root["metrics"][key], (requests, failures)):
            readings[f"{key}/{part}"] = made
            readings.setdefault(f"{key}.{part}", made)
    for path, passes, fails in _checks(root.get("root_group")):
        readings[f"checks/{path}"] = _share(passes, fails)
    state = root.get("state")
    lasted = state.get("testRunDurationMs") if isinstance(state, dict) else None
    users = metrics.get("vus_max", {}).get("max", metrics.get("vus_max", {}).get("value"))
    run = Run(
        duration=lasted / 1000 if isinstance(lasted, Decimal) else None,
        users=_whole(users),
        requests=requests,
        failures=failures,
    )
    return Result(name, FORMAT, readings, run, fault=_contradiction(metrics, requests))


def _contradiction(metrics: dict[str, dict[str, Any]], requests: int | None) -> str:
    """Say which figures contradict each other; "" where none do."""
    for key, values in metrics.items():
        passes, fails, rate = _whole(values.get("passes")), _whole(values.get("fails")), values.get("rate")
        if passes is not None and fails is not None and isinstance(rate, Decimal) and rate.is_finite():
            share = Decimal(passes) / (passes + fails) if passes + fails else rate
            better = {"http_req_failed": share - rate, "checks": rate - share}.get(key, Decimal(0))
            if better > _ROUNDING:  # the rate claims to be better than its own counts
                return f"the rate of {key} is {rate}, but {passes} of {passes + fails} are {share:.4f}"
        found = disorder(_percentiles(values), ("min", values.get("min")), ("max", values.get("max")))
        if found:
            return f"of {key} {found}"
    counted = sum(_whole(metrics.get("http_req_failed", {}).get(part)) or 0 for part in ("passes", "fails"))
    if requests is not None and counted > requests and "http_reqs" in metrics:
        return f"http_req_failed counts {counted} requests, and http_reqs {requests}"
    return ""


def _percentiles(values: dict[str, Any]) -> list[tuple[str, Any]]:
    """List the percentiles of a trend from the lowest to the highest."""
    known = [(percentile, part) for part in values if (percentile := percentile_of(f"/{part}")) is not None]
    return [(part, values[part]) for _, part in sorted(known)]


def _flat(metric: dict[str, Any]) -> dict[str, Any]:
    """Give a metric's values, which ``handleSummary`` has one level down; a rate's value gets its name."""
    values = metric.get("values")
    found = dict(values) if isinstance(values, dict) else {k: v for k, v in metric.items() if k not in _NOT_NUMBERS}
    if "passes" in found and "value" in found:
        found["rate"] = found["value"]
    return found


def _metric(
    key: str, values: dict[str, Any], raw: dict[str, Any], whole: tuple[int | None, int | None]
) -> Iterator[tuple[str, Reading]]:
    """Yield the readings of one metric, each with the samples behind it."""
    base = key.partition("{")[0]
    is_rate = "passes" in values and "fails" in values
    samples, failures = (None, None) if "{" in key or not base.startswith("http_") else whole
    if is_rate:
        passes, fails = _whole(values["passes"]), _whole(values["fails"])
        if passes is not None and fails is not None:
            samples = passes + fails
            failures = {"http_req_failed": passes, "checks": fails}.get(base)
    elif "count" in values and base != "http_reqs" and "rate" not in values:
        samples = _whole(values["count"])
    for part, value in values.items():
        yield part, reading("", value, _unit(base, part, raw, is_rate=is_rate), samples, failures)


def _unit(base: str, part: str, raw: dict[str, Any], *, is_rate: bool) -> Unit:
    if is_rate:
        return COUNT if part in ("passes", "fails") else RATIO
    if part == "count":
        return BYTES if base.startswith("data_") else COUNT
    if part == "rate":
        return UNKNOWN if base.startswith("data_") else PER_SECOND
    contains = raw.get("contains")
    if contains in _CONTAINS:
        return _CONTAINS[contains]
    if base.startswith(_TIMES) and contains in (None, "time"):
        return MILLISECONDS
    return COUNT if base in ("vus", "vus_max") else UNKNOWN


def _checks(group: Any, prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, passes, fails) of every check; groups stand before the name, parted by ``::``."""
    if not isinstance(group, dict):
        return
    for check in _members(group.get("checks")):
        yield f"{prefix}{check.get('name', '')}", check.get("passes"), check.get("fails")
    for inner in _members(group.get("groups")):
        yield from _checks(inner, f"{prefix}{inner.get('name', '')}::")


def _members(found: Any) -> list[dict[str, Any]]:
    """List what one form keeps in a list and the other in an object by name."""
    if isinstance(found, dict):
        found = [{"name": name, **item} for name, item in found.items() if isinstance(item, dict)]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _share(passes: Any, fails: Any) -> Reading:
    good, bad = _whole(passes), _whole(fails)
    if good is None or bad is None:
        return Reading(None, RATIO, trouble="its passes and fails are no counts")
    if good + bad == 0:
        return Reading(None, RATIO, samples=0, trouble="the check was never made")
    # A check that fails is what is judged here, so its failures are no reason to distrust the figure.
    return Reading(Decimal(good) / (good + bad), RATIO, samples=good + bad)


def _whole(value: Any) -> int | None:
    """Give a count, or None for anything else."""
    return (
        int(value) if isinstance(value, Decimal) and value.is_finite() and value >= 0 and value == int(value) else None
    )

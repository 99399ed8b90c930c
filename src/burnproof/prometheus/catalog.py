"""List what a server has: series, labels, metadata, rules, targets and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burnproof.prometheus import answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from burnproof.prometheus.client import Client


def series(
    client: Client, selectors: Sequence[str], start: float, end: float, limit: int
) -> tuple[dict[str, str], ...]:
    """Give the labels of at most so many series that were there between two moments.

    Raises:
        QueryError: the server gives no usable answer.
    """
    data, _ = client.data("POST", "series", *_matching(selectors, start, end), ("limit", str(limit)))
    return answers.label_sets(data, client.connection)[:limit]


def label_names(client: Client, selectors: Sequence[str], start: float, end: float) -> tuple[str, ...]:
    """Give the names of the labels that series had between two moments; raises as ``series`` does."""
    data, _ = client.data("POST", "labels", *_matching(selectors, start, end))
    return answers.texts(data, client.connection)


def label_values(client: Client, name: str, selectors: Sequence[str], start: float, end: float) -> tuple[str, ...]:
    """Give the values of a label between two moments; raises as ``series`` does."""
    data, _ = client.data("GET", f"label/{name}/values", *_matching(selectors, start, end))
    return answers.texts(data, client.connection)


def metadata(client: Client, metric: str) -> tuple[dict[str, Any], ...]:
    """Give what targets say of a metric: ``type``, ``help`` and ``unit`` each; raises as ``series`` does."""
    data, _ = client.data("GET", "metadata", ("metric", metric))
    found = answers.mapping(data).get(metric, [])
    return tuple(answers.mapping(one) for one in found) if isinstance(found, list) else ()


def rules(client: Client) -> tuple[dict[str, Any], ...]:
    """Give the groups of rules that are loaded, with their health; raises as ``series`` does."""
    data, _ = client.data("GET", "rules")
    groups = answers.mapping(data).get("groups")
    return tuple(answers.mapping(one) for one in groups) if isinstance(groups, list) else ()


def targets(client: Client) -> tuple[dict[str, Any], ...]:
    """Give the active targets, with their intervals and health; raises as ``series`` does."""
    data, _ = client.data("GET", "targets", ("state", "active"))
    found = answers.mapping(data).get("activeTargets")
    return tuple(answers.mapping(one) for one in found) if isinstance(found, list) else ()


def formatted(client: Client, query: str) -> str:
    """Have the server parse a query and write it in its own way; raises as ``series`` does."""
    return str(client.data("POST", "format_query", ("query", query))[0])


def build(client: Client) -> dict[str, Any]:
    """Give the version of the server and the features it has; raises as ``series`` does."""
    return answers.mapping(client.data("GET", "status/buildinfo")[0])


def flags(client: Client) -> dict[str, Any]:
    """Give the flags of the server's command line; raises as ``series`` does."""
    return answers.mapping(client.data("GET", "status/flags")[0])


def _matching(selectors: Sequence[str], start: float, end: float) -> tuple[tuple[str, str], ...]:
    return (*(("match[]", one) for one in selectors), ("start", f"{start:.3f}"), ("end", f"{end:.3f}"))

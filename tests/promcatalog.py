"""A server described in YAML: series up to now, and what Prometheus' API says beside query results."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import yaml

import promapi
from burnproof.model.quantities import duration
from burnproof.prometheus import Client, connection
from burnproof.rules.types import AlertingRule
from burnproof.specs.live import ask
from burnproof.specs.live.loaded import ordered
from places import PATIENCE
from promrules.columns.series import Storage
from promrules.prometheus_scripts.series_notation import as_series, parse_series
from promrules.syntax.labels import get, labels_of, matches
from promrules.syntax.parse import parse
from promrules.syntax.printer import to_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from burnproof.diagnostics import Problem
    from burnproof.model.slo import Slo
    from burnproof.rules.types import Rule, RuleGroup
    from burnproof.specs.live.subject import Subject

NOW = 1_700_000_000 // 3600 * 3600
"""When the server is asked."""
_DAY_MS = 86_400_000


@dataclass
class Server:
    """What a server is like.

    Attributes:
        interval: time between the samples of all series, whose last one is NOW's, or ``ended`` before.
        series: as in rule tests: series and values.
        ended: how long ago all series ended.
        copies: how many there are of each, with labels `copy` of their own.
        metadata: types of metrics.
        flags: of its command line; None for a server that has no such page.
        version: its version.
        lacks: words that its parser does not know.
        rules: which rules are loaded: "", "generated", "changed" or "failing".
    """

    interval: str = "30s"
    series: Mapping[str, str] = field(default_factory=dict)
    ended: str = ""
    copies: int = 1
    metadata: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] | None = None
    version: str = ""
    lacks: Sequence[str] = ()
    rules: str = ""

    def storage(self) -> Storage:
        """Give its samples."""
        step, end = duration(self.interval).ms, NOW * 1000 - (duration(self.ended).ms if self.ended else 0)
        storage = Storage()
        for name, values in self.series.items():
            labels, samples = parse_series(f"{name} {values}")
            start = end - step * (samples.length - 1)
            for number in range(self.copies):
                own = labels if self.copies == 1 else labels_of([*labels, ("copy", str(number))])
                storage.add(as_series(own, samples, step, start))
        return storage


def ask_described(
    text: str, slos: Sequence[Slo], groups: Mapping[str, tuple[RuleGroup, ...]], texts: Mapping[str, str]
) -> tuple[tuple[Problem, ...], Subject]:
    """Ask a server that is described in YAML whether it is as the specs assume."""
    with serving(Server(**yaml.safe_load(text)), groups) as url:
        client = Client(connection(url, timeout=PATIENCE, env={}), sleep=lambda _seconds: None)
        return ask(client, slos, groups, texts, NOW, PATIENCE)


@contextmanager
def serving(server: Server, groups: Mapping[str, tuple[RuleGroup, ...]]) -> Iterator[str]:
    """Serve until the block ends; give the address."""
    storage = server.storage()
    with promapi.serving(storage) as api:

        def answer(handler: Any, form: dict[str, str]) -> bool:
            word = next((one for one in server.lacks if one in form.get("query", "")), "")
            if word:
                refusal = {"status": "error", "errorType": "bad_data", "error": f'unknown function with name "{word}"'}
                promapi.send(handler, 400, refusal)
                return True
            if form["endpoint"] in ("query", "query_range"):
                return False
            data = _catalog(server, groups, storage, handler, form)
            promapi.send(handler, *((404, "404 page not found") if data is None else (200, _success(data))))
            return True

        api.fault = answer
        yield api.url


def _success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


def _catalog(
    server: Server, groups: Mapping[str, tuple[RuleGroup, ...]], storage: Storage, handler: Any, form: dict[str, str]
) -> Any:
    """Answer what is no query; None where there is no such page."""
    url = urlsplit(handler.path)
    path = url.path.removeprefix("/api/v1/")
    asked = {name: values[0] for name, values in parse_qs(url.query).items()} | form
    values = re.fullmatch(r"label/(\w+)/values", path)
    if path == "labels" or values:
        found = list(_matching(storage, asked))
        if values:
            return sorted({get(one, values[1]) for one in found} - {""})
        return sorted({name for one in found for name, _ in one})
    if path == "metadata":
        kind = server.metadata.get(asked["metric"])
        return {asked["metric"]: [{"type": kind, "help": "", "unit": ""}]} if kind else {}
    if path == "rules":
        return {"groups": [_group(group, server.rules) for one in groups.values() for group in one if server.rules]}
    pages = {
        "format_query": lambda: to_text(parse(asked["query"])),
        "status/buildinfo": lambda: {"version": server.version} if server.version else None,
        "status/flags": lambda: server.flags,
    }
    return pages[path]() if path in pages else None


def _matching(storage: Storage, asked: Mapping[str, str]) -> Iterator[Any]:
    """Give the labels of the series of the last day."""
    matchers = getattr(parse(asked["match[]"]), "matchers", ()) if "match[]" in asked else ()
    for one in storage:
        if matches(one.labels, matchers) and one.times[-1] >= NOW * 1000 - _DAY_MS:
            yield one.labels


def _group(group: RuleGroup, how: str) -> dict[str, Any]:
    return {"name": group.name, "file": "rules.yaml", "rules": [_rule(rule, how) for rule in group.rules]}


def _rule(rule: Rule, how: str) -> dict[str, Any]:
    """Write a rule as the API does: one line, its own brackets, matchers by name, durations in seconds."""
    query = to_text(ordered(parse(rule.expr)))
    told = {
        "query": f"{query} * 1" if how == "changed" else query,
        "labels": dict(rule.labels),
        "health": "err" if how == "failing" else "ok",
        "lastError": "found duplicate series for the match group" if how == "failing" else "",
    }
    if not isinstance(rule, AlertingRule):
        return {"type": "recording", "name": rule.record, **told}
    return {
        "type": "alerting",
        "name": rule.alert,
        "duration": duration(rule.hold).seconds if rule.hold else 0,
        "keepFiringFor": duration(rule.keep_firing_for).seconds if rule.keep_firing_for else 0,
        "annotations": dict(rule.annotations),
        **told,
    }

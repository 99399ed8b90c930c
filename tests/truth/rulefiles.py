"""Rule files to be judged: compile a spec, or read what is given."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from burnproof.compile.plan import make_plan
from burnproof.output.render import render
from burnproof.specs.resolve import slos_from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@lru_cache(maxsize=64)
def compiled(spec: str) -> Mapping[str, str]:
    """Compile a spec; give the texts of its rule files by path."""
    loaded = slos_from_text("spec.yaml", spec)
    assert loaded.ok, loaded.problems
    return render(make_plan(loaded.slos, proofs=False), {}, None, ("rules",))


def read(path: Path) -> Mapping[str, str]:
    """Give the rules of a file: as they are, or compiled if it is a spec."""
    text = path.read_text()
    return compiled(text) if "burnproof/v1" in text else {path.name: text}


def only(files: Mapping[str, str], figures: Iterable[str], alerts: str = "") -> Mapping[str, str]:
    """Keep what some figures are made from, and alerts whose names end as is said; groups keep their phases."""
    documents = {path: yaml.safe_load(text) for path, text in files.items()}
    rules = [rule for document in documents.values() for group in document["groups"] for rule in group["rules"]]

    def asked(rule: Mapping[str, str]) -> bool:
        return bool(alerts) and rule.get("alert", "").endswith(alerts)

    reads: dict[str, set[str]] = {}
    for rule in rules:
        if "record" in rule:
            reads.setdefault(rule["record"], set()).update(_NAME.findall(rule["expr"]))
    wanted: set[str] = set()
    new = {*figures, *(name for rule in rules if asked(rule) for name in _NAME.findall(rule["expr"]))} & reads.keys()
    while new:
        wanted |= new
        new = {name for known in new for name in reads[known]} & reads.keys() - wanted
    kept = {}
    for path, document in documents.items():
        for group in document["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule.get("record") in wanted or asked(rule)]
        groups = [group for group in document["groups"] if group["rules"]]
        if groups:
            kept[path] = yaml.safe_dump({**document, "groups": groups}, sort_keys=False)
    return kept


def recorded(files: Mapping[str, str]) -> tuple[str, ...]:
    """Give the names of all recorded series, in order."""
    documents = (yaml.safe_load(text) for text in files.values())
    rules = (rule for document in documents for group in document["groups"] for rule in group["rules"])
    return tuple(dict.fromkeys(rule["record"] for rule in rules if "record" in rule))

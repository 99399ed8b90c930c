"""Write imported objectives as spec files, one for each service, with comments and units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from burnproof.importers.model import Calendar, Content, Level, Objective, Pairs
from burnproof.importers.yaml_text import block, flow_list, flow_map, is_block, scalar
from burnproof.model.decimals import plain
from burnproof.model.policies import BUILT_IN
from burnproof.specs.keys import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from burnproof.importers.comments import Comments
    from burnproof.model.quantities import Duration
    from burnproof.model.slo import Tier
    from burnproof.specs.source import Scalar

_ONE_LINE: Final = 100
_BARE: Final = re.compile(r"true|false|-?\d+(?:\.\d+)?")  # what an SLI has as a switch or a number
NONE: Final = "none"


@dataclass(slots=True)
class _Page:
    """The lines of one file."""

    comments: Mapping[str, Comments]
    head: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def key(self, indent: str, name: str, value: str, place: Scalar | None = None, first: str = "") -> None:
        """Add a key with text, and the comments of its place; ``first`` stands before it, as the dash of an item."""
        text = f"{name}: |" if is_block(value) else f"{name}: {scalar(value)}"
        self._add(indent, text, place, first)
        if is_block(value):
            self.lines += block(value, indent + "  ")

    def raw(self, indent: str, text: str, place: Scalar | None = None) -> None:
        """Add a line as it is."""
        self._add(indent, text, place, "")

    def _add(self, indent: str, text: str, place: Scalar | None, first: str) -> None:
        above, behind = self.comments[place.file.name].take(place) if place is not None else ([], "")
        begin = indent.removesuffix("  ") if first else indent
        self.lines += [f"{begin}# {line}".rstrip() for line in above]
        self.lines.append(f"{begin}{first}{text}" + (f"  # {behind}" if behind else ""))

    def pairs(self, indent: str, name: str, pairs: Pairs, places: Mapping[str, Scalar], path: str = "") -> None:
        """Add a mapping, a line for each of its entries."""
        if not pairs:
            return
        self.raw(indent, f"{name}:")
        for key, value in pairs:
            self.key(f"{indent}  ", key, value, places.get(f"{path or name}.{key}"))


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all objectives of a service have in common, which stands above them."""

    labels: Pairs
    window: str | Calendar
    policies: dict[tuple[Tier, ...], str]
    policy: str


def spec_files(
    objectives: Sequence[Objective],
    comments: Mapping[str, Comments],
    heads: Mapping[str, Sequence[str]],
    scrape: Duration | None = None,
) -> dict[str, str]:
    """Write the objectives of each service into ``<service>.yaml``, in their order.

    Args:
        objectives: what was read.
        comments: those of each file that was read; all are written.
        heads: further comments for the head of a service's file.
        scrape: the time between scrapes, where it is known.
    """
    services: dict[str, list[Objective]] = {}
    for objective in objectives:
        services.setdefault(objective.service, []).append(objective)
    pages = {service: _page(found, comments, scrape) for service, found in services.items()}
    _keep_the_rest(objectives, comments, pages)
    made = {}
    for service, page in pages.items():
        head = [f"# {line}".rstrip() for line in (*heads.get(service, ()), *page.head)]
        made[f"{service}.yaml"] = "\n".join((*head, *page.lines)) + "\n"
    return made


def _page(found: list[Objective], comments: Mapping[str, Comments], scrape: Duration | None) -> _Page:
    page = _Page(comments)
    shared = _shared(found)
    places = found[0].places
    page.raw("", f"version: {VERSION}")
    page.key("", "service", found[0].service, places.get("service"))
    page.pairs("", "labels", shared.labels, places)
    _window(page, "", shared.window)
    if scrape is not None:
        page.raw("", f"scrape_interval: {scrape}")
    if shared.policy:
        page.raw("", "alerting:")
        page.key("  ", "policy", shared.policy)
    _policies(page, shared.policies)
    page.raw("", "slos:")
    for number, objective in enumerate(found):
        if number:
            page.lines.append("")
        _objective(page, objective, shared)
    return page


def _keep_the_rest(
    objectives: Sequence[Objective], comments: Mapping[str, Comments], pages: Mapping[str, _Page]
) -> None:
    """Put the comments that belong to nothing that was written at the head of the file that is nearest."""
    ends: dict[str, int] = {}
    last: dict[str, str] = {}
    for objective in objectives:
        node = objective.node
        left = comments[node.file.name].within(ends.get(node.file.name, 0), node.start.line)
        pages[objective.service].head += left
        ends[node.file.name], last[node.file.name] = node.end.line, objective.service
    for name, service in last.items():
        pages[service].head += comments[name].within(ends[name], 1 << 60)


def _shared(found: list[Objective]) -> _Shared:
    labels = tuple(pair for pair in found[0].shared if all(pair in one.shared for one in found))
    window = found[0].window if all(one.window == found[0].window for one in found) else ""
    policies = _policy_names(found)
    used = {_policy_of(one, policies) for one in found}
    policy = used.pop() if len(used) == 1 and len(found) > 1 else ""
    return _Shared(labels, window, policies, policy)


def _policy_names(found: list[Objective]) -> dict[tuple[Tier, ...], str]:
    """Name each set of tiers that is no built-in policy."""
    made: dict[tuple[Tier, ...], str] = {}
    for one in found:
        if not one.tiers or one.tiers in made:
            continue
        base = one.policy or "imported"
        base = f"{base}-own" if base in BUILT_IN else base
        name, number = base, 1
        while name in made.values():
            number += 1
            name = f"{base}-{number}"
        made[one.tiers] = name
    return made


def _policy_of(one: Objective, names: Mapping[tuple[Tier, ...], str]) -> str:
    if one.tiers is None:
        return ""
    return names[one.tiers] if one.tiers else NONE


def _policies(page: _Page, policies: Mapping[tuple[Tier, ...], str]) -> None:
    if not policies:
        return
    page.raw("", "policies:")
    for tiers, name in policies.items():
        page.key("    ", "name", name, first="- ")
        page.raw("    ", "tiers:")
        for tier in tiers:
            _tier(page, tier)


def _tier(page: _Page, tier: Tier) -> None:
    """Write a tier on one line, or on several where it has labels of its own."""
    pairs = [("factor", plain(tier.factor)), ("long", str(tier.long))]
    pairs += [("short", str(tier.short))] if tier.short is not None else []
    pairs += [("severity", tier.severity)]
    pairs += [("for", str(tier.hold))] if tier.hold is not None and tier.hold.ms else []
    inline = ", ".join(f"{key}: {value}" for key, value in pairs)
    if not tier.labels and not tier.annotations:
        page.raw("      ", f"- {{{inline}}}")
        return
    for number, (key, value) in enumerate(pairs):
        page.raw("      " if not number else "        ", f"{'- ' if not number else ''}{key}: {value}")
    for name, content in (("labels", tier.labels), ("annotations", tier.annotations)):
        if content:
            _mapping(page, "        ", name, content)


def _mapping(page: _Page, indent: str, name: str, pairs: Pairs) -> None:
    line = f"{name}: {flow_map(pairs)}"
    if len(line) + len(indent) <= _ONE_LINE and not any(is_block(value) for _, value in pairs):
        page.raw(indent, line)
    else:
        page.pairs(indent, name, pairs, {})


def _window(page: _Page, indent: str, window: str | Calendar) -> None:
    if isinstance(window, Calendar):
        zone = f", timezone: {window.timezone}" if window.timezone else ""
        page.raw(indent, f"window: {{calendar: {window.unit}{zone}}}")
    elif window:
        page.raw(indent, f"window: {window}")


def _objective(page: _Page, one: Objective, shared: _Shared) -> None:
    """Write one SLO; comments of keys that are not written stand above it."""
    start, places, indent = len(page.lines), one.places, "    "
    title = [one.title] if one.title else []
    page.key(indent, "name", one.name, places.get("name"), first="- ")
    if one.description:
        page.key(indent, "description", one.description, places.get("description"))
    page.key(indent, "objective", f"{plain(one.objective * 100)}%", places.get("objective"))
    if one.window != shared.window:
        _window(page, indent, one.window)
    page.raw(indent, "sli:", places.get("sli"))
    _sli(page, one)
    if one.levels:
        page.raw(indent, "levels:")
        for level in one.levels:
            page.raw(f"{indent}  ", f"- {{{_level(level)}}}")
    page.pairs(indent, "labels", _own_labels(one, shared), places)
    _alerting(page, one, shared)
    if one.budget_steps:
        page.raw(indent, "budget_policy:")
        for below, action in one.budget_steps:
            page.raw(f"{indent}  ", f"- {{below: {below}, do: {scalar(action, flow=True)}}}")
    left = page.comments[one.node.file.name].within(one.node.start.line, one.node.end.line)
    page.lines[start:start] = [f"  # {line}".rstrip() for line in (*title, *left)]


def _own_labels(one: Objective, shared: _Shared) -> Pairs:
    rest = tuple(pair for pair in one.shared if pair not in shared.labels)
    return tuple((dict(rest) | dict(one.labels)).items())


def _level(level: Level) -> str:
    pairs = [("name", level.name)]
    pairs += [("objective", f"{plain(level.objective * 100)}%")] if level.objective is not None else []
    pairs += [("bound", level.bound)] if level.bound else []
    return ", ".join(f"{key}: {scalar(value, flow=True)}" for key, value in pairs)


def _sli(page: _Page, one: Objective) -> None:
    indent = "      "
    page.raw(indent, f"{one.sli.kind}:")
    for key, content in one.sli.keys:
        path = one.places.get(f"sli.{key}")
        if isinstance(content, str) and _BARE.fullmatch(content):
            page.raw(f"{indent}  ", f"{key}: {content}", path)
        elif isinstance(content, str):
            page.key(f"{indent}  ", key, content, path)
        elif content and isinstance(content[0], tuple):
            page.pairs(f"{indent}  ", key, _as_pairs(content), {})
        else:
            page.raw(f"{indent}  ", f"{key}: {flow_list(tuple(map(str, content)))}", path)


def _as_pairs(content: Content) -> Pairs:
    return tuple((pair[0], pair[1]) for pair in content)


def _alerting(page: _Page, one: Objective, shared: _Shared) -> None:
    """Write what is said of alerts."""
    policy = _policy_of(one, shared.policies)
    texts = [
        ("name", one.alert),
        ("policy", "" if policy == shared.policy else policy),
        ("runbook", one.runbook),
        ("dashboard", one.dashboard),
        ("no_data", one.no_data),
    ]
    if not any(value for _, value in texts) and not one.alert_labels and not one.annotations:
        return
    page.raw("    ", "alerting:", one.places.get("alerting"))
    for key, value in texts:
        if value in ("true", "false"):
            page.raw("      ", f"{key}: {value}")
        elif value:
            page.key("      ", key, value, one.places.get(f"alerting.{key}"))
    page.pairs("      ", "labels", one.alert_labels, one.places, "alerting.labels")
    page.pairs("      ", "annotations", one.annotations, one.places, "alerting.annotations")

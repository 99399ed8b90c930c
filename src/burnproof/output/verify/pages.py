"""Check that Alertmanager configurations and runbooks say what was planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burnproof.output.verify.context import at_file
from burnproof.output.verify.documents import NotADocumentError, read
from burnproof.output.verify.facts import missing, shown
from burnproof.pages import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.output.verify.context import Written
    from burnproof.pages.types import AlertmanagerConfig, Runbook, RunbookEntry, Table

HINT = "A template decides how a page looks; what it says is the plan's. Compare yours with the one burnproof ships."


def alertmanager(written: Written) -> Iterator[Problem]:
    """Hold routes and inhibitions against the plan; receivers may be given addresses by a template of the user's."""
    if "alertmanager" not in written.kinds:
        return
    for config in written.plan.alertmanager:
        for name, whole in (("alertmanager", True), ("fragment", False)):
            path = f"alertmanager/{name}.yaml"
            try:
                document = read(written.files.get(path, ""))
            except NotADocumentError as error:
                yield at_file(path, f"what the template wrote is not a YAML document: {error}", HINT)
                continue
            for place, want, have in missing(_config(config, whole=whole), document):
                yield at_file(path, f"{place} should be {shown(want)}, but reads {shown(have)}", HINT)


def _config(config: AlertmanagerConfig, *, whole: bool) -> dict[str, Any]:
    urgent: list[Any] = [{"matchers": [config.urgent]}] if config.urgent else []
    routes: list[Any] = [
        {"receiver": route.team, "matchers": list(route.matchers), **({"routes": urgent} if urgent else {})}
        for route in config.teams
    ]
    routes += [{"matchers": [config.urgent, config.ours]}] if urgent else []
    route = {"receiver": config.default, "group_by": list(config.group_by), "routes": routes}
    return {
        "route": route if whole else {**route, "matchers": [config.ours]},
        "inhibit_rules": [
            {"source_matchers": list(rule.source), "target_matchers": list(rule.target), "equal": list(rule.equal)}
            for rule in config.inhibitions
        ],
        "receivers": [{"name": name} for name in config.receivers],
    }


def runbooks(written: Written) -> Iterator[Problem]:
    """Find the plan's headings, sentences and tables in the runbooks, in the plan's order."""
    if "runbooks" not in written.kinds:
        return
    for book in written.plan.runbooks:
        path = f"runbooks/{book.service}.md"
        text = written.files.get(path, "")
        headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
        names = [entry.name for entry in book.entries]
        if headings != names:
            yield at_file(path, f"its headings should be {shown(names)}, but are {shown(headings)}", HINT)
            continue
        parts = text.split("\n## ")[1:]
        for entry, part in zip(book.entries, parts, strict=True):
            for fact in _facts(entry):
                if fact not in part:
                    yield at_file(path, f"{entry.name} should say {shown(fact)}", HINT)
        yield from (
            at_file(path, f"it should name the owner {book.owner!r}", HINT) for _ in range(_unowned(book, text))
        )


def _unowned(book: Runbook, text: str) -> bool:
    return bool(book.owner) and markdown.escaped(book.owner) not in text


def _facts(entry: RunbookEntry) -> Iterator[str]:
    yield from (markdown.escaped(value) for _, value in entry.facts)
    yield markdown.escaped(entry.remediation)
    yield from (markdown.escaped(sentence) for sentence in entry.reading)
    yield from (query.expr for query in entry.queries)
    yield from (markdown.address(url) for _, url in entry.links)
    for table in (entry.alerts, entry.policy):
        yield from () if table is None else _lines(table)


def _lines(table: Table) -> list[str]:
    return markdown.table(table).splitlines()

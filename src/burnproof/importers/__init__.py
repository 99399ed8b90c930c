"""Turn files of Sloth, Pyrra and OpenSLO into specs, and list what could not be carried over.

One file for each dialect reads it into ``model``, ``simplify`` finds the simplest kind of SLI, ``write`` lays out one
file for each service. What is written is read and checked as any spec is before it is given away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import Severity, problem
from burnproof.importers import openslo, pyrra, sloth, sloth_windows
from burnproof.importers.comments import Comments
from burnproof.importers.reading import Keys, Notes, Refused, Shape
from burnproof.importers.write import spec_files
from burnproof.model.quantities import Duration
from burnproof.specs.resolve import slos_from_text
from burnproof.specs.source import Mapping, Scalar, Sequence, read_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from burnproof.diagnostics import Problem
    from burnproof.importers.model import Objective
    from burnproof.specs.source import Value

SUFFIXES: Final = (".yaml", ".yml", ".json")
TOOLS: Final = ("Sloth", "Pyrra", "OpenSLO")
_DAY: Final = 86_400_000
_LIST: Final = Shape("a list of objects", ("apiVersion", "kind", "items"), {"metadata": ""})


@dataclass(frozen=True, slots=True)
class Options:
    """What the files do not say.

    Attributes:
        period: of Sloth's SLOs, which it takes from the command line; None for 30 days, or that of the only catalog.
        scrape: the time between scrapes, which is written into the specs.
        service: the service of SLOs that name none, as those of Pyrra.
    """

    period: Duration | None = None
    scrape: Duration | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import.

    Attributes:
        files: the specs by their names, such as ``shop.yaml``.
        objectives: how many SLOs they hold.
        refused: how many could not be carried over.
        problems: everything that was found, in the order of files and lines.
        texts: each file's text by name, for drawing carets.
    """

    files: dict[str, str]
    objectives: tuple[Objective, ...]
    problems: tuple[Problem, ...]
    texts: dict[str, str]

    @property
    def refused(self) -> int:
        """How many problems left something out that should be there."""
        return sum(found.severity is Severity.ERROR for found in self.problems)


@dataclass(slots=True)
class _Sorted:
    """The objects of all files, by the tool that reads them."""

    sloth: list[Keys] = field(default_factory=list)
    catalogs: list[Keys] = field(default_factory=list)
    pyrra: list[Keys] = field(default_factory=list)
    openslo: list[Mapping] = field(default_factory=list)
    strangers: list[Value] = field(default_factory=list)
    notes: dict[str, Notes] = field(default_factory=lambda: {tool: Notes(tool) for tool in TOOLS})


def import_files(paths: Iterable[str | Path], options: Options | None = None) -> Imported:
    """Read files of other tools, folders of them and ``-``, and write the specs that they stand for.

    Never raises for what a file holds.
    """
    options = options or Options()
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    comments: dict[str, Comments] = {}
    found = _Sorted()
    for part in read_each(paths, SUFFIXES):
        problems += part.problems
        texts |= part.texts
        for document in part.documents:
            for value in _objects(document.root):
                _sort(value, found)
        if part.documents:
            file = part.documents[0].file
            comments[file.name] = Comments(file, part.documents)
    objectives = [
        *_of_sloth(found, options),
        *_of_pyrra(found, options),
        *openslo.objectives(found.openslo, found.notes["OpenSLO"], options.scrape),
    ]
    for notes in found.notes.values():
        problems += notes.problems
    problems += _strangers(found)
    kept = _usable(_once(objectives, problems), options, problems)
    files = spec_files(kept, comments, {}, options.scrape)
    ordered = tuple(sorted(dict.fromkeys(problems), key=_order))
    return Imported(files, tuple(kept), ordered, texts)


def _order(found: Problem) -> tuple[object, ...]:
    return (found.span is not None, found.span or found.message)


def _objects(root: Value) -> Iterator[Value]:
    """Give the objects of a document: itself, the items of a list, or those of a Kubernetes list."""
    if isinstance(root, Sequence):
        for item in root.items:
            yield from _objects(item)
        return
    items = root.entries.get("items") if isinstance(root, Mapping) else None
    if items is not None and isinstance(items[1], Sequence) and _text(root, "kind").endswith("List"):
        yield from items[1].items
    else:
        yield root


def _text(root: Value, name: str) -> str:
    entry = root.entries.get(name) if isinstance(root, Mapping) else None
    return entry[1].text.strip() if entry is not None and isinstance(entry[1], Scalar) else ""


def _sort(root: Value, found: _Sorted) -> None:
    """Tell whose an object is by its version and kind."""
    version, kind = _text(root, "version") or _text(root, "apiVersion"), _text(root, "kind")
    if not isinstance(root, Mapping):
        found.strangers.append(root)
    elif version == "prometheus/v1":
        found.sloth.append(Keys(root, sloth.DOCUMENT, found.notes["Sloth"]))
    elif version.startswith("sloth.slok.dev/") and kind == "AlertWindows":
        found.catalogs.append(Keys(root, sloth.OBJECT, found.notes["Sloth"]))
    elif version.startswith("sloth.slok.dev/"):
        found.sloth.append(Keys(root, sloth.OBJECT, found.notes["Sloth"]))
    elif version.startswith("pyrra.dev/"):
        found.pyrra.append(Keys(root, pyrra.OBJECT, found.notes["Pyrra"]))
    elif version.startswith("openslo"):
        found.openslo.append(root)
    else:
        found.strangers.append(root)


def _strangers(found: _Sorted) -> Iterator[Problem]:
    """Name the documents of no tool that is known."""
    for root in found.strangers:
        said = _text(root, "kind") or _text(root, "apiVersion") or _text(root, "version")
        shown = f"a document that begins with {said!r}" if said else "this"
        hint = "files of Sloth begin with version: prometheus/v1, those of others with their apiVersion"
        if said == "burnproof/v1":
            shown, hint = "a spec of burnproof", "nothing is to be imported: burnproof check reads it"
        yield problem("not-carried", f"{shown} is no file of {', '.join(TOOLS[:-1])} or {TOOLS[-1]}", root.span(), hint)


def _of_sloth(found: _Sorted, options: Options) -> Iterator[Objective]:
    notes = found.notes["Sloth"]
    catalogs = []
    for root in found.catalogs:
        try:
            catalogs.append(sloth_windows.catalog(root))
        except Refused as reason:
            notes.problems.append(reason.found)
    if not found.sloth:
        return
    settings = sloth.Settings(_windows(catalogs, found, options), options.scrape)
    for root in found.sloth:
        yield from sloth.objectives(root, settings)


def _windows(catalogs: list[sloth_windows.Windows], found: _Sorted, options: Options) -> sloth_windows.Windows:
    """Choose the catalog of the period; Sloth takes one for a run."""
    period = options.period or (catalogs[0].period if len(catalogs) == 1 else Duration(30 * _DAY))
    chosen = next((one for one in (*catalogs, *sloth_windows.OWN_WINDOWS) if one.period == period), None)
    if chosen is not None:
        return chosen
    nearest = sloth_windows.OWN_WINDOWS[0]
    message = f"no catalog of alert windows is for a period of {period}"
    hint = "name the file of that catalog, too; the alerts are Sloth's for 30d until then"
    root = found.sloth[0].node
    found.notes["Sloth"].otherwise(root, message, hint)
    return sloth_windows.Windows(period, nearest.rows, "sloth")


def _of_pyrra(found: _Sorted, options: Options) -> Iterator[Objective]:
    for root in found.pyrra:
        try:
            yield pyrra.objective(root, options.service, options.scrape)
        except Refused as reason:
            root.notes.problems.append(reason.found)


def _once(objectives: list[Objective], problems: list[Problem]) -> list[Objective]:
    """Leave out the objectives whose service has one of that name already."""
    seen: dict[tuple[str, str], Objective] = {}
    for one in objectives:
        first = seen.setdefault((one.service, one.name), one)
        if first is not one:
            message = f"the service {one.service} has a second SLO {one.name}; the first is at {first.node.span()}"
            hint = "name its file alone to import it, or rename one of the two"
            problems.append(problem("not-imported", message, (one.places.get("name") or one.node).span(), hint))
    return list(seen.values())


def _usable(objectives: list[Objective], options: Options, problems: list[Problem]) -> list[Objective]:
    """Leave out the objectives that would not compile, for the reason that ``check`` gives."""
    none = {one.node.file.name: Comments.none() for one in objectives}
    bad: set[int] = set()
    for name, text in spec_files(objectives, none, {}, options.scrape).items():
        errors = [found for found in slos_from_text(name, text).problems if found.severity is Severity.ERROR]
        if not errors:
            continue
        lines = _lines(text)
        of_service = [one for one in objectives if f"{one.service}.yaml" == name]
        for found in errors:
            at = sum(line <= (found.span.line if found.span else 0) for line in lines) - 1
            for one in of_service[at : at + 1] if at >= 0 else of_service:
                bad.add(id(one))
                place = one.places.get("sli") or one.node
                message = f"{one.name} would not compile: {found.message} [{found.code}]"
                problems.append(problem("not-imported", message, place.span(), found.hint))
    return [one for one in objectives if id(one) not in bad]


def _lines(text: str) -> list[int]:
    """Give the lines on which the objectives of a spec begin."""
    lines = text.split("\n")
    begin = lines.index("slos:")
    return [number + 1 for number, line in enumerate(lines) if number > begin and line.startswith("  - name:")]

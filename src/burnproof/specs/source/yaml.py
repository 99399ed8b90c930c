"""Read YAML text as values with places, and explain every way in which it can fail.

Events are read one by one with a stack of our own: composing trees in libyaml recurses in C, and a file of
brackets would end the process. What anchors can multiply is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs hide it

from burnproof.diagnostics import problem
from burnproof.specs.source.nodes import Document, File, Mapping, Scalar, Sequence, Value
from burnproof.specs.source.syntax import explain

if TYPE_CHECKING:
    from burnproof.diagnostics import Problem, Span

MAX_DEPTH: Final = 32
MAX_EXPANDED: Final = 2_000_000
"""Values that one document may stand for once its aliases are followed."""

_YAML_TAGS: Final = "tag:yaml.org,2002:"
_NO_KEY: Final = "?"  # the style of a key that is none, whose entry is left out
_SCALAR_TAGS: Final = frozenset({None, "!", f"{_YAML_TAGS}str"})


class _Stop(Exception):  # noqa: N818 - it carries a problem, it is none
    """The rest of a file cannot be read, for this reason."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.found = found


def parse_documents(file: File) -> tuple[list[Document], list[Problem]]:
    """Read all documents of a file; those before a syntax error are given too.

    Returns:
        The documents, empty ones left out, and the problems.
    """
    composer = _Composer(file)
    try:
        composer.run()
    except _Stop as stop:
        composer.problems.append(stop.found)
    except yaml.YAMLError as error:
        composer.problems.append(explain(error, file))
    return composer.done, composer.problems


class _Composer:
    """Builds values from the events of one file; lives as long as one call of ``parse_documents``."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.done: list[Document] = []
        self.parser = CParser(file.text)
        self.anchors: dict[str, Value] = {}
        self.open: set[int] = set()  # ids of the collections whose end was not met yet
        self.sizes: dict[int, int] = {}  # values below an anchored or aliased collection, aliases followed
        self.expanded = 0

    def run(self) -> None:
        """Read documents into ``done`` until the end of the stream."""
        next_event = self.parser.get_event
        while (event := next_event()) is not None:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors.clear()
                self.open.clear()
                self.sizes.clear()
                self.expanded = 0
                root = self._value(next_event())
                if not (isinstance(root, Scalar) and root.is_null):
                    self.done.append(Document(self.file, root))

    def _value(self, event: Any) -> Value:
        """Read the value that begins with ``event``, and all below it."""
        next_event = self.parser.get_event
        stack: list[_Frame] = []
        while True:
            kind = type(event)
            value: Value
            if kind is yaml.ScalarEvent:
                value = Scalar(event.value, event.style or "", self.file, event.start_mark, event.end_mark)
                if event.tag is not None or event.anchor is not None:
                    self._note(event, value)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                stack.append(self._open(event, len(stack)))
                event = next_event()
                continue
            elif kind is yaml.AliasEvent:
                value = self._alias(event)
            else:
                value = self._close(stack.pop(), event)
            self.expanded += 1
            if not stack:
                return value
            stack[-1].take(value, self.problems)
            event = next_event()

    def _open(self, event: Any, depth: int) -> _Frame:
        """Begin a mapping or a list."""
        if depth >= MAX_DEPTH:
            hint = "close brackets, or indent less: no key of a spec is so deep"
            raise _Stop(problem("yaml-too-deep", f"more than {MAX_DEPTH} levels of nesting", self._span(event), hint))
        start, end = event.start_mark, event.end_mark
        mapping = isinstance(event, yaml.MappingStartEvent)
        value = Mapping({}, self.file, start, end) if mapping else Sequence([], self.file, start, end)
        if event.tag is not None or event.anchor is not None:
            self._note(event, value)
        return _Frame(value, self.expanded)

    def _close(self, frame: _Frame, event: Any) -> Mapping | Sequence:
        """End a mapping or a list."""
        value = frame.value
        value.end = event.end_mark
        if frame.merges:
            frame.close()
        if id(value) in self.open:
            self.open.discard(id(value))
            self.sizes[id(value)] = self.expanded - frame.before
        return value

    def _note(self, event: Any, value: Value) -> None:
        """Remember an anchor, refuse a tag."""
        if event.anchor is not None:
            self.anchors[event.anchor] = value
            if type(value) is not Scalar:
                self.open.add(id(value))
        if event.tag not in _SCALAR_TAGS:
            message = f"the tag {event.tag.replace(_YAML_TAGS, '!!')} has no meaning in a spec"
            self.problems.append(problem("yaml-tag", message, self._span(event), "remove the tag"))

    def _alias(self, event: Any) -> Value:
        """Follow an alias to what its anchor holds."""
        value = self.anchors.get(event.anchor)
        if value is None:
            raise _Stop(
                problem(
                    "yaml-alias",
                    f"the alias *{event.anchor} has no anchor &{event.anchor} before it",
                    self._span(event),
                    f"write &{event.anchor} in front of the value that is meant",
                )
            )
        if id(value) in self.open:
            hint = "write what is meant in its place, or take another anchor"
            raise _Stop(problem("yaml-alias", f"*{event.anchor} is inside its own anchor", self._span(event), hint))
        self.expanded += self.sizes.get(id(value), 0)
        if self.expanded > MAX_EXPANDED:
            message = "the aliases of this document multiply it beyond reason"
            raise _Stop(
                problem("yaml-too-big", message, self._span(event), "use fewer aliases of values that hold aliases")
            )
        return value

    def _span(self, event: Any) -> Span:
        """The place of an event."""
        return self.file.span(event.start_mark, event.end_mark)


class _Frame:
    """A collection that is being read: its value so far and, in a mapping, the key that waits for its value."""

    __slots__ = ("before", "key", "merges", "value")

    def __init__(self, value: Mapping | Sequence, before: int) -> None:
        self.value = value
        self.before = before
        self.key: Scalar | None = None
        self.merges: list[Mapping] = []

    def take(self, value: Value, problems: list[Problem]) -> None:
        """Add a finished value: an item, a key, or what belongs to the last key."""
        if type(self.value) is Sequence:
            self.value.items.append(value)
        elif self.key is None:
            self.key = value if type(value) is Scalar else _no_key(value, problems)
        else:
            key, self.key = self.key, None
            self._put(key, value, problems)

    def _put(self, key: Scalar, value: Value, problems: list[Problem]) -> None:
        """Add an entry to a mapping; a key that is there already is a problem, ``<<`` waits for the end."""
        entries = self.value.entries if isinstance(self.value, Mapping) else {}
        if key.style == _NO_KEY:
            return
        if key.text == "<<" and not key.style:
            self._merge(key, value, problems)
        elif key.text in entries:
            first = entries[key.text][0].start.line + 1
            problems.append(
                problem(
                    "duplicate-key",
                    f"the key {key.text!r} is here a second time; the first is on line {first}",
                    key.span(),
                    "keep one of the two: YAML readers silently take the last",
                )
            )
        else:
            entries[key.text] = (key, value)

    def _merge(self, key: Scalar, value: Value, problems: list[Problem]) -> None:
        """Note the mappings of a merge."""
        for source in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(source, Mapping):
                self.merges.append(source)
            else:
                problems.append(
                    problem("yaml-alias", "<< merges a mapping or a list of mappings", key.span(), "write <<: *name")
                )

    def close(self) -> None:
        """Add what was merged: the mapping's own keys win wherever the merge stands, earlier merges over later."""
        for source in self.merges:
            for name, entry in source.entries.items():
                self.value.entries.setdefault(name, entry)  # type: ignore[union-attr]  # only mappings merge


def _no_key(value: Value, problems: list[Problem]) -> Scalar:
    """Refuse a list or a mapping as key, and go on without it."""
    hint = "quote text that begins with { or ["
    problems.append(problem("yaml-key", "a key must be a name, not a list or a mapping", value.span(), hint))
    return Scalar("", _NO_KEY, value.file, value.start, value.end)

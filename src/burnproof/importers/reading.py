"""Read mappings of another tool's files; a key that nobody reads is named at its line."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from burnproof.diagnostics import problem
from burnproof.model.naming import RESERVED_LABELS
from burnproof.model.quantities import Duration, UnitError, duration, number
from burnproof.specs.source import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem, Span
    from burnproof.importers.model import Pairs
    from burnproof.specs.source import Value

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_ALERT: Final = re.compile(r"[A-Za-z_:][A-Za-z0-9_:. -]*")
MAX_NAME: Final = 63

# What Kubernetes itself adds to an object, or needs of it; none of it says anything about an objective.
KUBERNETES: Final = frozenset(
    {"creationTimestamp", "finalizers", "generateName", "generation", "managedFields", "ownerReferences"}
    | {"resourceVersion", "selfLink", "uid"}
)


class Refused(Exception):  # noqa: N818 - it carries a problem, it is none
    """An objective cannot be carried over, for this reason."""

    def __init__(self, found: Problem) -> None:
        """Note the reason."""
        super().__init__(found.message)
        self.found = found


def refused(message: str, span: Span | None, hint: str) -> Refused:
    """Make the reason for which an objective is left out."""
    return Refused(problem("not-imported", message, span, hint))


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys that one kind of mapping may have in another tool's files.

    Attributes:
        what: what to call such a mapping.
        keys: those that are read.
        left: those that have no counterpart, with the reason; "" where nothing is lost.
    """

    what: str
    keys: tuple[str, ...]
    left: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Notes:
    """The problems of one run, in the order in which they are found."""

    tool: str
    problems: list[Problem] = field(default_factory=list)

    def left_out(self, node: Value, message: str, hint: str) -> None:
        """Name something that has no counterpart."""
        self.problems.append(problem("not-carried", message, node.span(), hint))

    def otherwise(self, node: Value, message: str, hint: str) -> None:
        """Name something that means something else than before."""
        self.problems.append(problem("carried-otherwise", message, node.span(), hint))


class Keys:
    """One mapping, and which of its keys were read."""

    def __init__(self, node: Mapping, shape: Shape, notes: Notes) -> None:
        """Begin with none read."""
        self.node = node
        self.shape = shape
        self.notes = notes
        self.seen: set[str] = set()

    def node_of(self, *names: str) -> Value | None:
        """Give the value of the first of several spellings of a key; None where it is missing or empty."""
        for name in names:
            self.seen.add(name)
        for name in names:
            entry = self.node.entries.get(name)
            if entry is not None and not (isinstance(entry[1], Scalar) and entry[1].is_null):
                return entry[1]
        return None

    def key_of(self, *names: str) -> Scalar | None:
        """Give the key itself, where comments stand."""
        return next((self.node.entries[name][0] for name in names if name in self.node.entries), None)

    def scalar(self, *names: str) -> Scalar | None:
        """Give a text.

        Raises:
            Refused: there is a list or a mapping.
        """
        found = self.node_of(*names)
        if found is not None and not isinstance(found, Scalar):
            raise refused(f"{names[0]} must be text", found.span(), f"correct it for {self.notes.tool} first")
        return found

    def text(self, *names: str) -> str:
        """Give a text without the blanks around it; "" where there is none."""
        found = self.scalar(*names)
        return "" if found is None else found.text.strip()

    def needed(self, *names: str) -> Scalar:
        """Give a text that must be there.

        Raises:
            Refused: it is not.
        """
        found = self.scalar(*names)
        if found is None or not found.text.strip():
            raise refused(f"the key {names[0]} is missing", self.node.span(), f"{self.notes.tool} needs it, too")
        return found

    def flag(self, *names: str) -> bool | None:
        """Give a switch; None where it is not set."""
        text = self.text(*names).lower()
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(text)

    def below(self, shape: Shape, *names: str) -> Keys | None:
        """Give a mapping below a key.

        Raises:
            Refused: something else stands there.
        """
        found = self.node_of(*names)
        if found is None:
            return None
        if not isinstance(found, Mapping):
            raise refused(f"{names[0]} must be a mapping", found.span(), f"correct it for {self.notes.tool} first")
        return Keys(found, shape, self.notes)

    def items(self, *names: str) -> list[Value]:
        """Give the items of a list.

        Raises:
            Refused: something else stands there.
        """
        found = self.node_of(*names)
        if found is None:
            return []
        if not isinstance(found, Sequence):
            raise refused(f"{names[0]} must be a list", found.span(), f"correct it for {self.notes.tool} first")
        return list(found.items)

    def each(self, shape: Shape, *names: str) -> Iterator[Keys]:
        """Give the mappings of a list.

        Raises:
            Refused: there is something else.
        """
        for item in self.items(*names):
            if not isinstance(item, Mapping):
                raise refused(f"{names[0]} holds mappings", item.span(), f"correct it for {self.notes.tool} first")
            yield Keys(item, shape, self.notes)

    def pairs(self, *names: str) -> list[tuple[Scalar, Value]]:
        """Give the entries of a mapping whose keys the user chooses."""
        found = self.node_of(*names)
        return list(found.entries.values()) if isinstance(found, Mapping) else []

    def done(self) -> None:
        """Name every key that nobody read."""
        for name, (key, value) in self.node.entries.items():
            if name in self.seen or name in KUBERNETES or (isinstance(value, Scalar) and value.is_null):
                continue
            if name in self.shape.left:
                why = self.shape.left[name]
                if why:
                    self.notes.left_out(key, f"not carried over: {name} of {self.shape.what}", why)
                continue
            known = (*self.shape.keys, *self.shape.left)
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
            hint = f"was {close[0]} meant? Correct it and import again" if close else "remove it, or say it otherwise"
            self.notes.left_out(key, f"{self.shape.what} has no key {name!r}, so {self.notes.tool} ignores it", hint)


def name_of(found: Scalar, notes: Notes, *, quiet: bool = False) -> str:
    """Give a name as specs allow it: letters, digits, - and _, at most 63 of them.

    Raises:
        Refused: nothing of it is left.
    """
    text = found.text.strip()
    made = _NO_NAME.sub("-", text)[:MAX_NAME].strip("-_")
    if not made:
        raise refused(f"{text!r} is no name", found.span(), "names are made of letters, digits, - and _")
    if made != text and not quiet:
        hint = "names hold letters, digits, - and _, at most 63"
        notes.otherwise(found, f"the name {text!r} becomes {made!r}", hint)
    return made


def alert_name(found: Scalar | None, notes: Notes) -> str:
    """Give the name of an alert; "" where there is none."""
    text = "" if found is None else found.text.strip()
    if found is None or not text or _ALERT.fullmatch(text):
        return text
    made = re.sub(r"[^A-Za-z0-9_:.]+", "_", text)
    made = made if _ALERT.fullmatch(made) else f"_{made}"
    notes.otherwise(found, f"the alert {text!r} becomes {made!r}", "names of alerts hold letters, digits, _ : . and -")
    return made


def label_pairs(entries: list[tuple[Scalar, Value]], notes: Notes, own: frozenset[str] = frozenset()) -> Pairs:
    """Give labels as text, without those that no alert can have; ``own`` are read elsewhere."""
    made = []
    for key, value in entries:
        name = key.text
        text = label_text(value)
        if name in own or (isinstance(value, Scalar) and value.is_null):
            continue
        if text is None:
            notes.left_out(key, f"the label {name} holds no text", "write one value")
        elif not _LABEL.fullmatch(name):
            notes.left_out(key, f"{name!r} is no label name for Prometheus 2", "rename it, with letters, digits and _")
        elif name in RESERVED_LABELS or name.startswith("__"):
            notes.left_out(key, f"the label {name} is burnproof's own", "rename it; a severity is set by a policy")
        elif "{{" in text:
            hint = "name the label of the series under by, or move it to annotations"
            notes.left_out(value, f"the label {name} is a template, and labels identify an alert", hint)
        else:
            made.append((name, text))
    return tuple(made)


def label_text(value: Value) -> str | None:
    """Give a label's value: a text, or several of them joined by commas."""
    if isinstance(value, Scalar):
        return value.text.strip()
    if isinstance(value, Sequence) and all(isinstance(item, Scalar) for item in value.items):
        return ",".join(item.text.strip() for item in value.items if isinstance(item, Scalar))
    return None


def percentage(found: Scalar) -> Decimal:
    """Give an objective that is written in percent as a share.

    Raises:
        Refused: it does not lie between 0 and 100.
    """
    return _share(found, Decimal(100), "99.9")


def share(found: Scalar) -> Decimal:
    """Give an objective that is written as a share.

    Raises:
        Refused: it does not lie between 0 and 1.
    """
    return _share(found, Decimal(1), "0.999")


def _share(found: Scalar, most: Decimal, example: str) -> Decimal:
    try:
        value = number(found.text.strip().removesuffix("%")) / most
    except UnitError as error:
        raise refused(error.message, found.span(), error.hint or f"write for example {example}") from None
    if not 0 < value < 1:
        message = f"an objective of {found.text.strip()} leaves no budget, or is no objective"
        raise refused(message, found.span(), f"write something between 0 and {most}, such as {example}")
    return value


def length(found: Scalar) -> Duration:
    """Give a length of time.

    Raises:
        Refused: it is none.
    """
    try:
        return duration(found.text)
    except UnitError as error:
        raise refused(error.message, found.span(), error.hint) from None

"""Parse every expression of the plan once: which recorded series it reads, and which labels it gives.

A thousand objectives of one kind differ in the values of matchers alone (see ``promrules.syntax.label_values``), so
that trees and proofs are shared, and checking one more objective costs a few dictionary look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.output.verify.labelsets import ANY_LABELS, LabelSet, Prover
from burnproof.rules.types import RecordingRule
from promrules.syntax import label_values as shapes
from promrules.syntax.nodes import MatchOp, MatrixSelector, Subquery, VectorSelector, children
from promrules.syntax.parse import PromqlSyntaxError, parse

if TYPE_CHECKING:
    from collections.abc import Hashable

    from burnproof.output.plan import Plan
    from burnproof.rules.types import Labels, Rule, RuleGroup
    from promrules.syntax.nodes import Node

RECORDED = "slo:"
"""What the names of all series that burnproof records begin with."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A matcher of a shape: its value, or which of the values taken out of the shape it is."""

    name: str
    op: MatchOp
    value: str
    index: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """A selector of a shape: where it stands, and whether it reads the past alone."""

    position: int
    matchers: tuple[Matcher, ...]
    past: bool
    key: str  # what it says apart from the values taken out
    taken: tuple[int, ...]  # which those are


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed shape."""

    node: Node
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A selector with its values filled in: the metric, and the equality matchers."""

    metric: str
    equal: dict[str, str]
    others: tuple[str, ...]  # labels matched in any other way
    past: bool


@dataclass(slots=True)
class Entry:
    """A recording rule in the index: where it stands and, once asked for, the labels of its series."""

    group: RuleGroup
    index: int
    rule: RecordingRule
    statics: dict[str, str]
    labels: LabelSet | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A read with what the plan knows of it: the rules that record the series, and the labels these carry."""

    read: Read
    entries: tuple[Entry, ...]
    labels: LabelSet


@dataclass(slots=True)
class Expressions:
    """The recording rules of a plan by what they write, and what any expression over them reads and carries."""

    _rules: dict[str, list[tuple[RuleGroup, int, RecordingRule]]] = field(default_factory=dict)
    _entries: dict[str, dict[str, list[Entry]]] = field(default_factory=dict)
    _resolved: dict[tuple[str, tuple[str, ...]], Resolved] = field(default_factory=dict)
    _known: dict[int, LabelSet] = field(default_factory=dict)  # of rules of the plan, which outlive this, by identity

    @classmethod
    def of(cls, plan: Plan) -> Expressions:
        """Index the recording rules of ``plan``."""
        self = cls()
        for file in plan.rules:
            for group in file.groups:
                for index, rule in enumerate(group.rules):
                    if isinstance(rule, RecordingRule):
                        self._rules.setdefault(rule.record, []).append((group, index, rule))
        return self

    def reads(self, expr: str) -> list[Resolved]:
        """Give what each selector of ``expr`` reads, in the order of the text.

        Raises:
            PromqlSyntaxError: it, or an expression behind what it reads, does not parse.
        """
        _, tree, values = _bound(expr)
        return [self._resolve(selection, values) for selection in tree.selections]

    def proved(self, rule: Rule) -> tuple[list[Resolved], tuple[str, ...]]:
        """Give what each selector of a rule reads, and each join in its expression that was refuted.

        Raises:
            PromqlSyntaxError: as ``reads``.
        """
        resolved, labels, failures = self._carried(rule)
        self._known[id(rule)] = labels
        return resolved, failures

    def refuted(self, expr: str) -> tuple[str, ...]:
        """Give each join that is refuted in an expression of no rule.

        Raises:
            PromqlSyntaxError: as ``reads``.
        """
        return self._carried(RecordingRule("slo:page:query", expr, ()))[2]

    def _carried(self, rule: Rule) -> tuple[list[Resolved], LabelSet, tuple[str, ...]]:
        """Give what a rule reads, the labels of its series, and each join that was refuted."""
        shape, tree, values = _bound(rule.expr)
        resolved = [self._resolve(selection, values) for selection in tree.selections]
        # Only which values are equal matters to a proof, so numbers stand for them and rules of a kind share it.
        numbers: dict[Hashable, int] = {}
        stand_ins = []
        for one in resolved:
            labels = one.labels
            fixed = tuple([(name, numbers.setdefault(value, len(numbers))) for name, value in labels.fixed])
            stand_ins.append((labels.names, labels.closed, fixed))
        proved, failures = _proved(_Proof(shape, tuple(stand_ins), tree))
        meant = list(numbers)
        own = frozenset([name for name, _ in rule.labels])
        kept = [(name, meant[value]) for name, value in proved.fixed if isinstance(value, int) and name not in own]
        labels = LabelSet(_union(proved.names, own), proved.closed, (*kept, *rule.labels))
        return resolved, labels, failures

    def entry_labels(self, entry: Entry) -> LabelSet:
        """Give the labels of the series that a recording rule writes."""
        if entry.labels is None:
            entry.labels = self._known.get(id(entry.rule))
        if entry.labels is None:
            entry.labels = ANY_LABELS  # what a rule that reads itself gets to see
            entry.labels = self._carried(entry.rule)[1]
        return entry.labels

    def _resolve(self, selection: Selection, values: tuple[str, ...]) -> Resolved:
        key = (selection.key, tuple([values[index] for index in selection.taken]))
        known = self._resolved.get(key)
        if known is None:
            read = _read(selection, values)
            entries = self._behind(read)
            known = Resolved(read, entries, self._labels(read, entries))
            if all(entry.labels is not ANY_LABELS for entry in entries):  # else a circle is still being followed
                self._resolved[key] = known
        return known

    def _behind(self, read: Read) -> tuple[Entry, ...]:
        """Find the recording rules whose series ``read`` may select."""
        recorded = self._recorded(read.metric)
        slo_id = read.equal.get(naming.ID)
        candidates = chain.from_iterable(recorded.values()) if slo_id is None else recorded.get(slo_id, ())
        return tuple([entry for entry in candidates if _agrees(entry, read)])

    def _recorded(self, metric: str) -> dict[str, list[Entry]]:
        """Give the rules that record a metric by SLO, indexed when first asked for: a page reads few metrics of all."""
        if metric not in self._entries:
            found = self._entries[metric] = {}
            for group, index, rule in self._rules.get(metric, ()):
                entry = Entry(group, index, rule, _statics(rule.labels))
                found.setdefault(entry.statics.get(naming.ID, ""), []).append(entry)
        return self._entries[metric]

    def _labels(self, read: Read, entries: tuple[Entry, ...]) -> LabelSet:
        """Give the label set of a selector: that of the recording rules behind it, or what its matchers say."""
        own = {name: value for name, value in read.equal.items() if value}
        if not entries:
            return LabelSet(frozenset(own), closed=False, fixed=tuple(own.items()))
        sets = [self.entry_labels(entry) for entry in entries]
        fixed = dict(sets[0].fixed)
        if len(sets) == 1 and own.items() <= fixed.items():
            return sets[0]
        for labels in sets[1:]:
            theirs = dict(labels.fixed)
            fixed = {name: value for name, value in fixed.items() if theirs.get(name) == value}
        names = frozenset.intersection(*(labels.names for labels in sets))
        return LabelSet(names, all(labels.closed for labels in sets), tuple({**fixed, **own}.items()))


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a proof depends on; the tree follows from the shape."""

    shape: str
    selected: tuple[tuple[frozenset[str], bool, tuple[tuple[str, int], ...]], ...]
    tree: Tree = field(compare=False)


@lru_cache(maxsize=16384)
def _proved(proof: _Proof) -> tuple[LabelSet, tuple[str, ...]]:
    positions = (selection.position for selection in proof.tree.selections)
    prover = Prover({at: LabelSet(*parts) for at, parts in zip(positions, proof.selected, strict=True)})
    labels = prover.labels(proof.tree.node) or LabelSet(frozenset(), closed=True)
    return labels, tuple(prover.failures)


@lru_cache(maxsize=16384)
def _statics(labels: Labels) -> dict[str, str]:
    """Give the same dictionary for all rules of an SLO."""
    return dict(labels)


@lru_cache(maxsize=4096)
def _union(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Give the same set for the same two: ten thousands of rules carry the same labels."""
    return one | other


def _bound(expr: str) -> tuple[str, Tree, tuple[str, ...]]:
    """Give an expression's shape, the tree of it, and the values that belong into it."""
    shape, values = shapes.split(expr)
    tree = _tree(shape, len(values))
    return (shape, tree, values) if tree is not None else (expr, _whole(expr), ())


@lru_cache(maxsize=16384)
def _tree(shape: str, count: int) -> Tree | None:
    """Parse a shape; ``None`` where the values taken out are needed to read it."""
    try:
        tree = _selections(parse(shape), take=True)
    except PromqlSyntaxError:
        return None
    taken = sum(matcher.index is not None for selection in tree.selections for matcher in selection.matchers)
    return tree if taken == count else None


@lru_cache(maxsize=1024)
def _whole(expr: str) -> Tree:
    return _selections(parse(expr), take=False)


def _selections(root: Node, *, take: bool) -> Tree:
    """List the selectors of a tree in the order of the text; ``take`` numbers the values that a shape lacks."""
    selections: list[Selection] = []
    count = 0
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, past = stack.pop()
        if isinstance(node, Subquery | VectorSelector):
            past = past or node.offset not in (0, None) or node.at is not None
        if not isinstance(node, VectorSelector):
            inner = (node.selector,) if isinstance(node, MatrixSelector) else children(node)
            stack.extend((child, past) for child in reversed(inner))
            continue
        matchers: list[Matcher] = []
        for matcher in node.matchers:
            hollow = take and matcher.value == "" and matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL)
            matchers.append(Matcher(matcher.name, matcher.op, matcher.value, count if hollow else None))
            count += hollow
        key = f"{past}{[(m.name, m.op.value, m.index is None, m.value) for m in matchers]}"
        taken = tuple(m.index for m in matchers if m.index is not None)
        selections.append(Selection(node.span[0], tuple(matchers), past, key, taken))
    return Tree(root, tuple(selections))


def _read(selection: Selection, values: tuple[str, ...]) -> Read:
    equal: dict[str, str] = {}
    others: list[str] = []
    for matcher in selection.matchers:
        if matcher.op is MatchOp.EQUAL:
            equal[matcher.name] = matcher.value if matcher.index is None else values[matcher.index]
        else:
            others.append(matcher.name)
    return Read(equal.pop("__name__", ""), equal, tuple(others), selection.past)


def _agrees(entry: Entry, read: Read) -> bool:
    """Tell whether a rule's static labels leave room for what is read."""
    return all(entry.statics.get(name, value) == value for name, value in read.equal.items())

"""Every expression of the plan, parsed once per shape: which recorded series it reads, and what its own carry.

A thousand objectives of one kind differ in the values of matchers alone (see ``burnproof.shapes``), so that trees
and proofs are shared, and checking one more objective costs a few dictionary look-ups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from burnproof import naming, shapes
from burnproof.plan.types import RecordingRule
from burnproof.promql.nodes import MatchOp, MatrixSelector, Subquery, VectorSelector, children
from burnproof.promql.parse import PromqlSyntaxError, parse
from burnproof.verify.labelsets import ANY_LABELS, LabelSet, Prover

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from burnproof.plan.types import Plan, Rule, RuleGroup
    from burnproof.promql.nodes import Node

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


@dataclass(slots=True)
class Expressions:
    """The recording rules of a plan by what they write, and what any expression over them reads and carries."""

    entries: dict[tuple[str, str], list[Entry]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, plan: Plan) -> Expressions:
        """Index the recording rules of ``plan``."""
        self = cls()
        for file in plan.rules:
            for group in file.groups:
                for index, rule in enumerate(group.rules):
                    if isinstance(rule, RecordingRule):
                        statics = dict(rule.labels)
                        key = (rule.record, statics.get(naming.ID, ""))
                        self.entries.setdefault(key, []).append(Entry(group, index, rule, statics))
                        self.names.add(rule.record)
        return self

    def reads(self, expr: str) -> Iterator[Read]:
        """Yield what each selector of ``expr`` reads, in the order of the text.

        Raises:
            PromqlSyntaxError: it does not parse.
        """
        tree, values = _bound(expr)
        return (_read(selection, values) for selection in tree.selections)

    def found(self, read: Read) -> list[Entry]:
        """Give the recording rules whose series ``read`` may select."""
        slo_id = read.equal.get(naming.ID)
        if slo_id is not None:
            candidates = self.entries.get((read.metric, slo_id), [])
        elif read.metric in self.names:
            candidates = [e for (name, _), found in self.entries.items() if name == read.metric for e in found]
        else:
            candidates = []
        return [entry for entry in candidates if _agrees(entry, read)]

    def carried(self, rule: Rule) -> tuple[LabelSet, tuple[str, ...]]:
        """Give the labels of a rule's series, and each join in its expression that was refuted.

        Raises:
            PromqlSyntaxError: its expression, or one it reads, does not parse.
        """
        tree, values = _bound(rule.expr)
        selected = [self._selected(_read(selection, values)) for selection in tree.selections]
        # Only which values are equal matters to a proof, so numbers stand for them and rules of a kind share it.
        numbers: dict[Hashable, int] = {}
        stand_ins = tuple(
            LabelSet(s.names, s.closed, tuple((n, numbers.setdefault(v, len(numbers))) for n, v in s.fixed))
            for s in selected
        )
        labels, failures = _proved(_Proof(shapes.split(rule.expr)[0], stand_ins, tree))
        meant = list(numbers)
        fixed = tuple((name, meant[value]) for name, value in labels.fixed if isinstance(value, int))
        labels = LabelSet(labels.names, labels.closed, fixed)
        statics = dict(rule.labels)
        own = frozenset(statics)
        kept = labels.drop(own)
        return LabelSet(kept.names | own, kept.closed, (*kept.fixed, *statics.items())), failures

    def _selected(self, read: Read) -> LabelSet:
        """Give the label set of a selector: that of the recording rules behind it, or what its matchers say."""
        sets = [self.entry_labels(entry) for entry in self.found(read)]
        own = tuple((name, value) for name, value in read.equal.items() if value)
        if not sets:
            return LabelSet(frozenset(name for name, _ in own), closed=False, fixed=own)
        names = frozenset.intersection(*(labels.names for labels in sets))
        fixed = dict(sets[0].fixed)
        for labels in sets[1:]:
            theirs = dict(labels.fixed)
            fixed = {name: value for name, value in fixed.items() if theirs.get(name) == value}
        return LabelSet(names, all(labels.closed for labels in sets), tuple({**fixed, **dict(own)}.items()))

    def entry_labels(self, entry: Entry) -> LabelSet:
        """Give the labels of the series that a recording rule writes."""
        if entry.labels is None:
            entry.labels = ANY_LABELS  # what a rule that reads itself gets to see
            entry.labels = self.carried(entry.rule)[0]
        return entry.labels


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a proof depends on; the tree follows from the shape."""

    shape: str
    selected: tuple[LabelSet, ...]
    tree: Tree = field(compare=False)


@lru_cache(maxsize=16384)
def _proved(proof: _Proof) -> tuple[LabelSet, tuple[str, ...]]:
    positions = (selection.position for selection in proof.tree.selections)
    prover = Prover(dict(zip(positions, proof.selected, strict=True)))
    labels = prover.labels(proof.tree.node) or LabelSet(frozenset(), closed=True)
    return labels, tuple(prover.failures)


def _bound(expr: str) -> tuple[Tree, tuple[str, ...]]:
    """Give the tree of an expression's shape, with the values that belong into it."""
    shape, values = shapes.split(expr)
    tree = _tree(shape, len(values))
    return (tree, values) if tree is not None else (_whole(expr), ())


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
        selections.append(Selection(node.span[0], tuple(matchers), past))
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

"""Check that each recorded series is written before it is read, and that both sides of each join match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.output.verify.context import at_rule
from burnproof.output.verify.expressions import RECORDED, Expressions
from promrules.syntax.tokens import PromqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.diagnostics import Problem
    from burnproof.output.verify.context import Written
    from burnproof.output.verify.expressions import Resolved
    from burnproof.rules.types import Rule, RuleGroup


def joins(written: Written) -> Iterator[Problem]:
    """Check what every expression reads, and prove its joins."""
    expressions = Expressions.of(written.plan)
    for group in written.groups():
        for index, rule in enumerate(group.rules):
            try:
                reads, failures = expressions.proved(rule)
                for resolved in reads:
                    if resolved.entries or resolved.read.metric.startswith(RECORDED):
                        yield from _check_read(group, index, rule, resolved)
                for failure in failures:
                    yield at_rule(group, rule, failure, "Join on labels that both sides carry.")
            except PromqlSyntaxError as error:
                yield at_rule(group, rule, f"the expression does not parse: {error.message}", f"It reads {rule.expr}")
            except RecursionError:
                yield at_rule(group, rule, "the expression is nested too deeply to be checked", "Record parts of it.")


def _check_read(group: RuleGroup, index: int, rule: Rule, resolved: Resolved) -> Iterator[Problem]:
    """Check one selector of recorded series."""
    read = resolved.read
    if not resolved.entries:
        matchers = ", ".join(f'{name}="{value}"' for name, value in read.equal.items())
        yield at_rule(group, rule, f"it reads {read.metric}{{{matchers}}}, which no rule records")
        return
    if naming.ID not in read.equal:
        hint = f"Rules select recorded series by {naming.ID}, so that no other SLO's are read."
        yield at_rule(group, rule, f"it reads {read.metric} without saying whose", hint)
    for name in (*read.equal, *read.others):
        if resolved.labels.closed and name not in resolved.labels.names:
            yield at_rule(group, rule, f"it selects {read.metric} by {name}, a label that series does not have")
    for entry in resolved.entries:
        if entry.group is group and entry.index >= index and not read.past:
            hint = "Within a group a rule sees what the rules before it have written, and the others' last round."
            yield at_rule(group, rule, f"it reads {read.metric}, which this group records only after it", hint)

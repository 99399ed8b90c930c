"""Tell series of good or bad events that are missing from those that do not exist yet.

Counters with labels appear with their first event. After a restart no error series exists until the next error, and
that reads as no errors. So a missing series is only a fault where something says that it would be there:

- it was there at 0, so it comes with its process and not with its first event,
- all series of the total had its label, as with ``code`` of every request,
- a target that has not restarted since had it an hour ago,
- there were errors in nearly every hour of a day, and then none in six.

Of a histogram, a bucket is missing wherever its ``_count`` has no bucket beside it, for both come with each scrape: see
``kinds/events.py``, where no figure is made of such data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Ratio
from burnproof.rules import selectors
from burnproof.rules.measure import Record
from burnproof.rules.query_terms import COUNTERS, terms_of
from promrules.syntax.nodes import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.query_terms import Term
    from promrules.syntax.nodes import VectorSelector

REMEMBERED = "1d"
"""For how long what was there is missed; after that the alert ends."""
TARGET = ("job", "instance", "pod")
"""Labels that tell one process from another; one that both sides lack is equal."""
_USUAL_HOURS = 19
"""Of 24: with so many hours that had errors, each run of six hours on the clock had some."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What must be there.

    Attributes:
        family: the series that are counted; of the total's own metric those that have the label that is asked for.
        outside: the series of the total that lack such a label.
        total: the series of all events.
    """

    family: tuple[VectorSelector, ...]
    outside: tuple[VectorSelector, ...]
    total: tuple[VectorSelector, ...]


def watch_of(slo: Slo) -> Watch | None:
    """Find what must be there for an SLO's counting; None where nothing can be missing apart from the total."""
    if not isinstance(slo.indicator, Ratio):
        return None
    total, counted = terms_of(slo.indicator.total), terms_of(slo.indicator.counted)
    if total is None or counted is None or not all(_plain(term) for term in total + counted):
        return None
    family: dict[VectorSelector, None] = {}
    outside: dict[VectorSelector, None] = {}
    for term in counted:
        base = next((one.selector for one in total if one.selector.name == term.selector.name), None)
        if base is None:
            family[term.selector] = None
            continue
        names = sorted({m.name for m in term.selector.matchers if m not in base.matchers})
        if names:
            family[_with(base, names, MatchOp.NOT_EQUAL)] = None
            outside |= {_with(base, [name], MatchOp.EQUAL): None for name in names}
    return Watch(tuple(family), tuple(outside), tuple({term.selector: None for term in total})) if family else None


def _plain(term: Term) -> bool:
    return term.func in COUNTERS and not term.selector.offset and term.selector.at is None


def _with(base: VectorSelector, names: list[str], op: MatchOp) -> VectorSelector:
    return replace(base, matchers=(*base.matchers, *(Matcher(name, op, "") for name in names)))


def missing_records(slo: Slo, measure: Measure) -> Iterator[Record]:
    """Yield the rules that record where series are missing, as the number that was there; ratios read no such thing."""
    if measure.pair is None:
        return
    watch = watch_of(slo) if slo.no_data_alert else None
    if watch is None:
        return
    join = f"on ({', '.join(slo.by)})"
    there = _count(slo, watch.family)
    yield Record(naming.LASTING, _lasting(slo, measure, watch), pace="slow")
    yield Record(
        naming.MISSING,
        f"(max_over_time({naming.selector(naming.LASTING, slo.id)}[{REMEMBERED}]) unless {join} {there})\n"
        f"and {join} {naming.selector(naming.TOTAL, slo.id)}",
        pace="slow",
    )


def _lasting(slo: Slo, measure: Measure, watch: Watch) -> str:
    """Count series that end only where something is wrong, while they are there, or for an hour after they ended."""
    join = f"on ({', '.join(slo.by)})"
    there = _count(slo, watch.family)
    found = [_count(slo, watch.family, " == 0")]
    if watch.outside:
        found.append(f"({there} unless {join} {_count(slo, watch.outside)})")
    steady = " or ".join(f"(resets({one}[1h:5m]) == 0 and {one})" for one in map(selectors.text, watch.total))
    past = " or ".join(selectors.text(replace(one, offset=3_600_000)) for one in watch.family)
    kept = selectors.aggregated("count", slo.by, f"({past}) and on ({', '.join(TARGET)}) ({steady})")
    # A restart shows in five minutes at most, and so not in the first quarter of an hour.
    lately = _count(slo, tuple(replace(one, offset=900_000) for one in watch.family))
    gone = [f"{kept} unless {join} {lately}"]
    pair = measure.pair
    if (
        pair is not None
        and pair.long is not None
        and isinstance(slo.indicator, Ratio)
        and slo.indicator.counts == "bad"
    ):
        hours = naming.selector(naming.tile("errors", pair.long), slo.id)
        before = f"count_over_time(({hours} > 0)[1d:1h] offset 6h) >= {_USUAL_HOURS}"
        # Labels of the SLO are on the recorded tiles alone.
        usual = selectors.aggregated("max", slo.by, f"({before}) unless (sum_over_time({hours}[6h:1h]) > 0)")
        gone.append(usual)
    found += [f"({one} unless {join} {there})" for one in gone]
    return f"\nor {join}\n".join(found)


def _count(slo: Slo, of: tuple[VectorSelector, ...], condition: str = "") -> str:
    return selectors.aggregated("count", slo.by, " or ".join(f"{selectors.text(one)}{condition}" for one in of))

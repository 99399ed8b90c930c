"""Make the alert on contradictory counts: more good or bad events than there are events.

It is written only where the queries could disagree. Where what is counted is a narrower selection of the total, or a
bucket of its histogram, it cannot exceed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.slo import Ratio
from burnproof.rules.alerting import alert_labels
from burnproof.rules.annotations import group_text, pointers
from burnproof.rules.kinds.events import is_classic
from burnproof.rules.missing_series import missing_records
from burnproof.rules.query_terms import GAUGES, terms_of
from burnproof.rules.recording import sorted_labels
from burnproof.rules.types import AlertingRule
from promrules.syntax.labels import is_empty_matching, predicate
from promrules.syntax.nodes import MatchOp

if TYPE_CHECKING:
    from burnproof.model.slo import Slo
    from burnproof.rules.measure import Measure
    from burnproof.rules.query_terms import Term
    from burnproof.rules.types import Labels
    from promrules.syntax.nodes import Matcher

EXCESS = "0.05"  # of the total; counters scraped apart differ by less
HOLD = "15m"


def can_exceed(slo: Slo) -> bool:
    """Tell whether what is counted could be more than the total."""
    ratio = slo.indicator
    if not isinstance(ratio, Ratio):
        return False
    total, counted = terms_of(ratio.total), terms_of(ratio.counted)
    if total is None or counted is None:
        return True
    if any(term.func in GAUGES for term in total + counted):
        return False  # a gauge of 0 and 1 adds up to its samples at most
    # What is taken away only makes it less: ``bad: total - good`` is no more than the total.
    return not all(any(_within(one, other) for other in total) for one in counted if one.factor > 0)


def _within(one: Term, other: Term) -> bool:
    """Tell whether a term selects no more than another."""
    narrower = all(_implied(matcher, one.selector.matchers) for matcher in other.selector.matchers)
    return narrower and one.selector.offset == other.selector.offset and one.factor <= other.factor


def _implied(matcher: Matcher, by: tuple[Matcher, ...]) -> bool:
    """Tell whether all that ``by`` selects is selected by ``matcher``: ``code=~"5.."`` implies ``code!=""``."""
    if matcher in by:
        return True
    alike = [other for other in by if other.name == matcher.name]
    if any(other.op is MatchOp.EQUAL and predicate(matcher)(other.value) for other in alike):
        return True
    present = matcher.op is MatchOp.NOT_EQUAL and not matcher.value
    return present and not all(is_empty_matching(other) for other in alike)


def bad_data_rules(slo: Slo, measure: Measure) -> tuple[AlertingRule, ...]:
    """Give the alert, or none where it could never fire."""
    if measure.pair is None or not can_exceed(slo):
        return ()
    return (
        AlertingRule(
            alert=bad_data_name(slo),
            expr=bad_data_expr(slo, measure),
            labels=bad_data_labels(slo),
            annotations=_annotations(slo),
            hold=HOLD,
        ),
    )


def bad_data_name(slo: Slo) -> str:
    """Name the alert that the counting is wrong."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.BAD_DATA_SUFFIX


def bad_data_labels(slo: Slo) -> Labels:
    """Give the labels that the rule adds."""
    return sorted_labels((*alert_labels(slo), (naming.SEVERITY, slo.no_data_severity)))


def bad_data_expr(slo: Slo, measure: Measure) -> str:
    """Write the condition on the last hour: errors below none (good beyond total), or beyond the total."""
    if measure.pair is None:
        raise ValueError(f"{slo.id} records no pair")
    errors, total = (f"avg_over_time({naming.selector(name, slo.id)}[1h])" for name in (naming.ERRORS, naming.TOTAL))
    if isinstance(slo.indicator, Ratio) and slo.indicator.counts == "good":
        return f"{errors} < -{EXCESS} * {total}"
    return f"{errors} - {total} > {EXCESS} * {total}"


def missing_rules(slo: Slo, measure: Measure) -> tuple[AlertingRule, ...]:
    """Give the alert that series of good or bad events are missing; none where nothing records that."""
    recorded = any(one.name == naming.MISSING for one in (*measure.records, *missing_records(slo, measure)))
    if not slo.no_data_alert or not recorded:
        return ()
    return (
        AlertingRule(
            alert=missing_name(slo),
            expr=naming.selector(naming.MISSING, slo.id),
            labels=bad_data_labels(slo),
            annotations=_missing_annotations(slo),
            hold=HOLD,
        ),
    )


def missing_name(slo: Slo) -> str:
    """Name the alert that series are missing."""
    return slo.alert_name.removesuffix("BurnRateHigh") + naming.MISSING_SUFFIX


def _missing_annotations(slo: Slo) -> Labels:
    if is_classic(slo.indicator):
        said = (
            "{{ $value }} series of the histogram have a _count and no bucket at the bound of this SLO. "
            "What cannot be told is not counted: until the bucket returns, no alert of this SLO can fire."
        )
    else:
        counted = slo.indicator.counts if isinstance(slo.indicator, Ratio) else "bad"
        read = "no errors" if counted == "bad" else "only errors"
        said = (
            f"The series of {counted} events were there within the last day and are gone, while the total goes on. "
            f"They were renamed, or lost a label, or are dropped; until they return this SLO reads {read}."
        )
    return sorted_labels(
        (
            ("summary", f"{slo.service} {slo.name}{group_text(slo)} lacks series that it counts"),
            ("description", said),
            *pointers(slo),
            *slo.annotations,
        )
    )


def _annotations(slo: Slo) -> Labels:
    counted = slo.indicator.counts if isinstance(slo.indicator, Ratio) else "bad"
    return sorted_labels(
        (
            ("summary", f"{slo.service} {slo.name}{group_text(slo)} counts more {counted} events than events"),
            (
                "description",
                (
                    f"Over the last hour the query of {counted} events gave over 5% more than the query of all events. "
                    "One of the two counts something else, so no ratio or alert of this SLO can be trusted."
                ),
            ),
            *pointers(slo),
            *slo.annotations,
        )
    )

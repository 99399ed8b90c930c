"""Select what a panel reads: one SLO's series, and the groups chosen at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from burnproof.model import naming
from burnproof.model.indicators import OfHistogram
from burnproof.rules import selectors
from promrules.syntax.nodes import Matcher, MatchOp

if TYPE_CHECKING:
    from burnproof.model.slo import Query, Slo
    from promrules.syntax.nodes import VectorSelector

DATASOURCE = "datasource"
JOB = "job"
SERVICE = "service"
TEAM = "team"
RATE = "$__rate_interval"
_TAKEN = frozenset({DATASOURCE, JOB, SERVICE, TEAM})


def variable_of(label: str) -> str:
    """Name the variable that chooses among a group label's values."""
    return f"by_{label}" if label in _TAKEN else label


def group_matchers(slo: Slo) -> str:
    """Write the matchers that choose groups: ``,route=~"$route"``."""
    return "".join(f',{label}=~"${variable_of(label)}"' for label in slo.by)


def chosen(metric: str, slo: Slo) -> str:
    """Select the chosen groups of one of the SLO's recorded series."""
    return in_groups(naming.selector(metric, slo.id), slo)


def in_groups(expr: str, slo: Slo) -> str:
    """Narrow every recorded series of the SLO in ``expr`` to the chosen groups."""
    return expr.replace(f'{{{naming.ID}="{slo.id}"}}', f'{{{naming.ID}="{slo.id}"{group_matchers(slo)}}}')


def anchor(slo: Slo) -> str:
    """Select the series that is there as long as the rules run; it has no groups."""
    return naming.selector(naming.ANCHOR, slo.id)


def group_legend(slo: Slo) -> str:
    """Name a series by its group; "" where there are none."""
    return " ".join(f"{{{{{label}}}}}" for label in slo.by)


def named(slo: Slo, name: str) -> str:
    """Name a series, and its group where there are several."""
    return f"{name} {group_legend(slo)}".rstrip()


def raw(query: Query, slo: Slo, suffix: str = "") -> VectorSelector:
    """Select the raw series of a query for the chosen jobs and groups."""
    selector = selectors.read(query)
    if suffix:
        selector = selectors.with_suffix(selector, suffix)
    for label, variable in ((JOB, JOB), *((label, variable_of(label)) for label in slo.by if label != JOB)):
        selector = selectors.with_matcher(selector, Matcher(label, MatchOp.REGEX, f"${variable}"))
    return selector


def ranged(selector: VectorSelector) -> str:
    """Write a selector as a range of the length that Grafana chooses."""
    return f"{selectors.text(selector)}[{RATE}]"


def histogram_metric(slo: Slo) -> str:
    """Name the series of the SLO's histogram that carries a job: its buckets, or itself where it is native."""
    indicator = slo.indicator
    if not isinstance(indicator, OfHistogram):
        return ""
    return (selectors.read(indicator.histogram).name or "") + ("" if indicator.native else "_bucket")

"""Resolve specs into ``Slo`` values: fill in defaults, look up names, make ids, check that they are unique.

``read_slos`` is the whole front end: paths in, objectives and every problem out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from burnproof.diagnostics import Problem, Severity, problem
from burnproof.model import policies
from burnproof.model.decimals import plain
from burnproof.model.slo import Calendar, Count, Indicator, Owner, Policy, Report, Rolling, Slo, Tier
from burnproof.specs import checks
from burnproof.specs.keys import (
    AlertingSpec,
    CalendarSpec,
    Common,
    CompositeSpec,
    CountSpec,
    LevelSpec,
    NoDataSpec,
    OwnerSpec,
    PolicySpec,
    SliSpec,
    SloSpec,
    Spec,
    read_spec,
)
from burnproof.specs.resolve.composites import put_together
from burnproof.specs.resolve.indicators import UNREADABLE, groups_of, indicator_of
from burnproof.specs.resolve.levels import BASE_LEVEL, kind_name, levels_of
from burnproof.specs.resolve.pages import add_boards, budget_policy, dashboard_link, runbook_link
from burnproof.specs.resolve.result_checks import client_objectives, is_client_side
from burnproof.specs.source import read_each, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from burnproof.diagnostics import Span
    from burnproof.model.boards import Board
    from burnproof.model.quantities import Duration
    from burnproof.model.result_check import Objective
    from burnproof.specs.source import Read

DEFAULT_WINDOW: Final = policies.BASE_PERIOD
NO_DATA_SEVERITY: Final = "ticket"
_NO_ALERTING: Final = AlertingSpec()
_NO_OWNER: Final = OwnerSpec()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the front end makes of some paths.

    Attributes:
        slos: The objectives that could be read, in the order of the files; ``ok`` says whether to use them.
        problems: Everything that was found, in the order of files and lines.
        texts: Each file's text by name, for drawing carets.
        client_side: The objectives of kind ``check``, for the gate.
        boards: Dashboards of the user's own.
    """

    slos: tuple[Slo, ...]
    problems: tuple[Problem, ...]
    texts: dict[str, str] = field(default_factory=dict)
    client_side: tuple[Objective, ...] = ()
    boards: tuple[Board, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing stops a compilation."""
        return not any(found.severity is Severity.ERROR for found in self.problems)


def read_slos(paths: Iterable[str | Path]) -> Loaded:
    """Read, normalise and check the specs at ``paths`` (files, folders, ``-``); never raises for their content."""
    return _load(read_each(paths))


def slos_from_text(name: str, text: str) -> Loaded:
    """Do the same for a spec in memory; ``name`` stands for the file in problems."""
    return _load((read_text(name, text),))


def _load(parts: Iterable[Read]) -> Loaded:
    problems: list[Problem] = []
    drafts: list[Draft] = []
    client_side: list[Objective] = []
    boards: dict[tuple[str, str], Board] = {}
    texts: dict[str, str] = {}
    for part in parts:
        problems += part.problems
        texts |= part.texts
        for document in part.documents:
            spec, found = read_spec(document)
            problems += found
            if spec is not None:
                drafts += normalise(spec, problems)
                client_side += client_objectives(spec, problems)
                add_boards(spec, boards, problems)
    made = put_together([(draft.slo, draft.composite, draft.complete) for draft in drafts], problems)
    problems += checks.check_all([slo for slo, _ in made]) if made else []
    slos = tuple(slo for slo, complete in made if complete)
    ordered = tuple(sorted(dict.fromkeys(problems), key=_order))
    return Loaded(slos, ordered, texts, tuple(client_side), tuple(boards.values()))


def _order(found: Problem) -> tuple[Any, ...]:
    """Sort by place; problems without one come first."""
    return (found.span is not None, found.span, found.code) if found.span else (False, found.code, found.message)


@dataclass(frozen=True, slots=True)
class Draft:
    """An objective, and whether all of it could be read; checks see incomplete ones too, so that nothing waits."""

    slo: Slo
    complete: bool
    composite: CompositeSpec | None = None  # what is to be put together once all SLOs are known


def normalise(spec: Spec, problems: list[Problem]) -> list[Draft]:
    """Fill in one spec's defaults; what cannot be resolved is added to ``problems``."""
    own = _own_policies(spec, problems)
    inherited = {path: span for path, span in spec.spans.items() if path.partition(".")[0] in _INHERITED}
    return [
        _Builder(spec, leveled, own, inherited, problems, level).draft()
        for slo in spec.slos or ()
        if not is_client_side(slo)
        for level, leveled in levels_of(slo, problems)
    ]


def _own_policies(spec: Spec, problems: list[Problem]) -> dict[str, Policy]:
    """Collect the policies that a spec declares."""
    found: dict[str, Policy] = {}
    for index, declared in enumerate(spec.policies or ()):
        if declared.name is None:
            continue
        if declared.name in policies.BUILT_IN or declared.name in found:
            span = spec.spans.get(f"policies.{index}.name")
            message = f"there is a policy {declared.name!r} already"
            problems.append(problem("duplicate-name", message, span, "choose another name"))
        found.setdefault(declared.name, own_policy(declared))
    return found


def own_policy(declared: PolicySpec) -> Policy:
    """Make a policy of a declared one; rows that could not be read are left out."""
    tiers = [
        Tier(
            tier.factor,
            tier.long,
            tier.short,
            tier.severity,
            tier.hold,
            tier.keep_firing_for,
            labels=tier.labels or (),
            annotations=tier.annotations or (),
        )
        for tier in declared.tiers or ()
        if None not in (tier.factor, tier.long, tier.severity)
    ]
    return Policy(declared.name, tuple(tiers))


class _Builder:
    """Makes one ``Slo`` of what its spec and the document around it say."""

    def __init__(
        self,
        spec: Spec,
        slo: SloSpec,
        own: dict[str, Policy],
        inherited: dict[str, Span],
        problems: list[Problem],
        level: LevelSpec | None,
    ) -> None:
        self.level = level
        self.spec = spec
        self.slo = slo
        self.own = own
        self.inherited = inherited
        self.problems = problems
        self.complete = not slo.broken and not spec.broken & {"service", "window", "alerting", "policies", "labels"}
        self.alerting = slo.alerting or _NO_ALERTING
        self.shared = spec.alerting or _NO_ALERTING

    def fail(self, code: str, message: str, path: str, hint: str = "") -> None:
        """Note a problem; the SLO cannot be used."""
        self.problems.append(problem(code, message, self.slo.spans.get(path, self.slo.spans.get("")), hint))
        self.complete = False

    def draft(self) -> Draft:
        """Build the SLO."""
        spec, slo = self.spec, self.slo
        sli: SliSpec | None = slo.sli  # None where it is missing
        kind = sli.written() if sli is not None else None
        readable = sli is not None and kind is not None and "sli" not in slo.broken
        indicator = indicator_of(sli.kind() if readable else None)  # type: ignore[union-attr]  # readable says so
        period = self._period()
        service, name = spec.service or "", slo.name or ""
        suffix = f"-{self.level.name}" if self.level else ""
        self._check_objective(kind)
        self._check_groups(kind)
        alerting, shared = self.alerting, self.shared
        severity = self.level.severity if self.level else None
        policy = self._severe(self._policy(indicator, period, getattr(kind, "slice", None)))
        owner = slo.owner or spec.owner or _NO_OWNER
        built = Slo(
            service=service,
            name=name,
            id=f"{service}-{name}{suffix}",
            indicator=indicator,
            objective=slo.objective,
            period=period,
            policy=policy,
            alert_name=alerting.name or f"{camel_case(service)}{camel_case(name + suffix)}BurnRateHigh",
            level=self.level.name if self.level else BASE_LEVEL if slo.levels else "",
            by=groups_of(kind),
            min_events=kind.min_events if kind else None,
            no_traffic=(kind.no_traffic if kind else None) or "ignore",
            expected_rate=slo.expected_rate,
            scrape_interval=slo.scrape_interval or spec.scrape_interval,
            query_offset=slo.query_offset or spec.query_offset,
            description=slo.description or "",
            journeys=self._journeys(),
            owner=Owner(owner.team or "", owner.contact or ""),
            labels=_merged(spec.labels, slo.labels),
            runbook=alerting.runbook or slo.runbook or shared.runbook or runbook_link(spec, slo),
            dashboard=alerting.dashboard or slo.dashboard or shared.dashboard or dashboard_link(spec),
            remediation=slo.remediation or "",
            # The data of all levels are the same: one alert says that they are gone.
            no_data_alert=self._no_data() != "false" and self.level is None,
            no_data_severity=severity
            or (self._no_data() if self._no_data() not in ("true", "false") else NO_DATA_SEVERITY),
            no_data_per_group=self._per_group() and bool(groups_of(kind)) and self.level is None,
            alert_labels=_merged(shared.labels, alerting.labels),
            annotations=_merged(shared.annotations, alerting.annotations),
            external_labels=spec.external_labels or (),
            reports=tuple(Report(r.every, r.title or "", r.to or "") for r in spec.reports or ()),
            budget_policy=budget_policy(spec, slo, self.problems, severity),
            spans=self._spans(policy.name) | self._places(indicator),
        )
        return Draft(built, self.complete, kind if readable and isinstance(kind, CompositeSpec) else None)

    def _places(self, indicator: Indicator) -> dict[str, Span]:
        """Give the places of a kind that is a reading of another under that other's name, where checks look."""
        read_as = f"sli.{indicator.key}"
        if indicator is UNREADABLE or read_as in self.slo.spans:
            return {}
        own = f"sli.{kind_name(self.slo)}"
        return {
            path.replace(own, read_as, 1): span
            for path, span in self.slo.spans.items()
            if path == own or path.startswith(f"{own}.")
        }

    def _spans(self, policy: str) -> dict[str, Span]:
        """Places of the SLO's own fields, and of those it inherits; a shared policy's tiers as if they were its own."""
        spans = self.inherited | self.slo.spans
        if policy in self.own:
            index = next(index for index, declared in enumerate(self.spec.policies or ()) if declared.name == policy)
            start = f"policies.{index}."
            shared = {path: span for path, span in self.inherited.items() if path.startswith(start)}
            return {f"alerting.policy.{path.removeprefix(start)}": span for path, span in shared.items()} | spans
        if "alerting.policy" in self.slo.spans and "alerting.policy.tiers" in self.inherited:
            own = self.slo.spans
            return {
                path: span for path, span in spans.items() if not path.startswith("alerting.policy.") or path in own
            }
        return spans

    def _period(self) -> Rolling | Calendar:
        window = self.slo.window or self.spec.window
        if isinstance(window, CalendarSpec):
            return Calendar(window.calendar or "month", window.timezone or "UTC")
        return Rolling(window or DEFAULT_WINDOW)

    def _check_objective(self, kind: object) -> None:
        """A count has no objective; every other kind needs one."""
        if isinstance(kind, CountSpec):
            if "objective" in self.slo.spans:
                message = "a count has no objective: the count is the budget"
                self.fail("objective-unused", message, "objective", "remove it")
        elif "objective" not in self.slo.spans and "objective" not in self.slo.broken and kind is not None:
            self.fail(
                "missing-key", "the key objective is missing", "name", "give a percentage such as objective: 99.5%"
            )

    def _check_groups(self, kind: Common | None) -> None:
        """An SLO that asks for alerts per group must have groups; one that inherits the wish may have none."""
        own = self.alerting.no_data
        if isinstance(own, NoDataSpec) and own.per_group and kind is not None and not groups_of(kind):
            message = "per_group alerts for each group, and this SLO has none"
            self.fail("bad-choice", message, "alerting.no_data.per_group", "name labels under by, or remove it")

    def _policy(self, indicator: Indicator, period: Rolling | Calendar, slices: Duration | None) -> Policy:
        """Resolve the policy and fit it to the period; a default one also to the length of slices."""
        chosen = self.alerting.policy
        if chosen is None and isinstance(indicator, Count):
            return policies.count_policy(indicator.per)
        named = chosen if chosen is not None else self.shared.policy
        policy = own_policy(named) if isinstance(named, PolicySpec) else self._named_policy(named, indicator, period)
        return policy if chosen is not None else self._fitted(policy, slices)

    def _fitted(self, policy: Policy, slices: Duration | None) -> Policy:
        """Leave out tiers that nobody chose for such slices, and say so where none of the most urgent ones is left."""
        fitted = _without_short_tiers(policy, slices)
        urgent = [tier for tier in policy.tiers if tier.severity == policy.tiers[0].severity]
        if fitted is policy or any(tier in fitted.tiers for tier in urgent):
            return fitted
        shown = " and ".join(f"{plain(tier.factor)} times over {tier.long}" for tier in urgent)
        message = (
            f"slices of {slices} leave {policy.name} without a {urgent[0].severity}: {shown} look at less than a slice"
        )
        longest = max(min(tier.long, tier.short or tier.long) for tier in urgent)
        hint = f"choose slices of {longest} or shorter, or a policy of your own with longer windows, under alerting"
        span = self.slo.spans.get(f"sli.{kind_name(self.slo)}.slice", self.slo.spans.get("sli"))
        self.problems.append(problem("tiers-dropped", message, span, hint))
        return fitted

    def _named_policy(self, named: str | None, indicator: Indicator, period: Rolling | Calendar) -> Policy:
        """Find a policy by name, the user's own first; built-in ones are scaled to the period."""
        name = named or policies.DEFAULT
        if name in self.own:
            return self.own[name]
        policy = policies.BUILT_IN.get(policies.DEFAULT if name == policies.ADAPT else name)
        if policy is None:
            if name == policies.COUNT and isinstance(indicator, Count):
                return policies.count_policy(indicator.per)
            known = ", ".join((*policies.BUILT_IN, policies.ADAPT, *self.own))
            self._unknown_policy(name, known, inherited=self.alerting.policy is None)
            return policies.BUILT_IN[policies.DEFAULT]
        policy = policies.scaled(policy, policies.budget_period(period))
        if name == policies.ADAPT and self.slo.objective is not None:
            return policies.adapted(policy, self.slo.objective)
        return policy

    def _severe(self, policy: Policy) -> Policy:
        """Let a level's own severity stand for those of its policy."""
        if self.level is None or self.level.severity is None:
            return policy
        return Policy(policy.name, tuple(replace(tier, severity=self.level.severity) for tier in policy.tiers))

    def _unknown_policy(self, name: str, known: str, *, inherited: bool) -> None:
        span = (self.spec if inherited else self.slo).spans.get("alerting.policy")
        found = problem(
            "unknown-policy", f"there is no policy {name!r}", span, f"there are {known}; or declare it under policies"
        )
        if found not in self.problems:
            self.problems.append(found)
        self.complete = False

    def _no_data(self) -> str:
        """Say whether data that vanish alert, or by which severity."""
        found = self.alerting.no_data or self.shared.no_data or "true"
        return (found.severity or "true") if isinstance(found, NoDataSpec) else found

    def _per_group(self) -> bool:
        found = self.alerting.no_data or self.shared.no_data
        return isinstance(found, NoDataSpec) and bool(found.per_group)

    def _journeys(self) -> tuple[tuple[str, str], ...]:
        """Pair the SLO's journeys with their texts."""
        declared = dict(self.spec.journeys or ())
        for name in self.slo.journey or ():
            if declared and name not in declared:
                hint = f"declared are {', '.join(declared)}"
                self.fail("unknown-journey", f"the journey {name!r} is not declared", "journey", hint)
        return tuple((name, declared.get(name, name)) for name in self.slo.journey or ())


_INHERITED: Final = frozenset(
    {"service", "owner", "labels", "window", "scrape_interval", "query_offset", "alerting", "policies"}
)


def _without_short_tiers(policy: Policy, slices: Duration | None) -> Policy:
    """Leave out the tiers of a default policy whose windows hold no whole slice; all stay if none would."""
    fitting = tuple(
        tier for tier in policy.tiers if slices is None or min(tier.long, tier.short or tier.long) >= slices
    )
    return Policy(policy.name, fitting) if fitting and fitting != policy.tiers else policy


def _merged(
    first: tuple[tuple[str, str], ...] | None, second: tuple[tuple[str, str], ...] | None
) -> tuple[tuple[str, str], ...]:
    """Merge pairs by name; the second ones win."""
    if not first or not second:
        return first or second or ()
    return tuple((dict(first) | dict(second)).items())


def camel_case(name: str) -> str:
    """Turn ``latency-p95`` into ``LatencyP95``."""
    return "".join(part[0].upper() + part[1:] for part in re.split(r"[-_]+", name) if part)

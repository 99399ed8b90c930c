"""List every problem that burnproof can report: its code, its severity, and why it is one.

``problem`` is the one door through which problems are raised, so that none has a code that is not
documented. ``docs/reference/problems.md`` is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from promrules.problem import Problem, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stage(StrEnum):
    """Where in the way of the data a problem is found; the input stage means that nothing could be read."""

    INPUT = "Reading files"
    YAML = "YAML"
    SHAPE = "Fields"
    VALUE = "Values"
    QUERY = "PromQL"
    MEANING = "Meaning"
    MISTAKE = "Mistakes that compile"
    LIVE = "A live server (`check --url`)"
    IMPORT = "Importing"


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem.

    Attributes:
        name: The stable name that is printed and that configurations may mention.
        stage: Where it is found.
        doc: One or two sentences on why it matters.
        severity: Whether it stops a compilation.
    """

    name: str
    stage: Stage
    doc: str
    severity: Severity = Severity.ERROR


_WARN: Final = Severity.WARNING

CODES: Final = (
    Code("no-such-file", Stage.INPUT, "A file or folder that was named does not exist, so nothing could be checked."),
    Code("unreadable", Stage.INPUT, "The system does not let this file or folder be read."),
    Code("not-a-file", Stage.INPUT, "Devices and sockets are not read: they may never end."),
    Code("no-specs", Stage.INPUT, "A folder without a single spec is almost always the wrong folder."),
    Code("file-too-big", Stage.YAML, "A spec has kilobytes. A file of many megabytes is something else, or a mistake."),
    Code("encoding", Stage.YAML, "YAML is UTF-8 text; what is not would reach rules and dashboards damaged."),
    Code(
        "empty-file",
        Stage.YAML,
        "A spec file that holds nothing compiles to nothing, and its alerts would disappear without a message.",
    ),
    Code("yaml-syntax", Stage.YAML, "The text is not YAML, so what it says cannot be known."),
    Code("yaml-tab", Stage.YAML, "YAML forbids tabs in indentation: their depth is not visible."),
    Code("yaml-tag", Stage.YAML, "Tags make YAML build objects; a spec is plain data."),
    Code("yaml-alias", Stage.YAML, "An alias must follow its anchor, and a merge takes mappings."),
    Code("yaml-key", Stage.YAML, "Keys are names."),
    Code("yaml-too-big", Stage.YAML, "Aliases of aliases multiply a small file into gigabytes."),
    Code("yaml-too-deep", Stage.YAML, "No spec nests this deeply."),
    Code(
        "duplicate-key", Stage.YAML, "YAML readers keep the last of two equal keys, so an objective can be lost unseen."
    ),
    Code("version", Stage.SHAPE, "The version says which fields a spec may have."),
    Code("unknown-key", Stage.SHAPE, "A misspelt field would be ignored, and with it an objective or a silence."),
    Code("missing-key", Stage.SHAPE, "The field is needed."),
    Code("empty-value", Stage.SHAPE, "A key without a value reads as forgotten."),
    Code("wrong-type", Stage.SHAPE, "A list, a mapping or text is given where another is needed."),
    Code("one-of", Stage.SHAPE, "Exactly one of several fields is needed: with two, one would win unseen."),
    Code("repeated", Stage.VALUE, "The same item twice in a list is a slip: another one was probably meant."),
    Code("unordered", Stage.VALUE, "Bounds are read in any order, but one out of order may be a slip.", _WARN),
    Code("bad-choice", Stage.VALUE, "The value is none of those that are possible."),
    Code("bad-number", Stage.VALUE, "The text is no finite decimal number. Numbers stay exact, so none is guessed."),
    Code("bad-duration", Stage.VALUE, "The text is no length of time."),
    Code("out-of-range", Stage.VALUE, "The value cannot be meant: it is outside of what the field can be."),
    Code(
        "objective",
        Stage.VALUE,
        "An objective is a percentage between 0 and 100, both excluded. At 100 % there is no budget to burn.",
    ),
    Code("name", Stage.VALUE, "Names become file names, label values and parts of ids."),
    Code("alert-name", Stage.VALUE, "The name of an alert is a label value that silences and routes refer to."),
    Code(
        "label-name",
        Stage.VALUE,
        "Prometheus 2 refuses the whole rule file for one label that is not [a-zA-Z_][a-zA-Z0-9_]*.",
    ),
    Code(
        "reserved-label",
        Stage.VALUE,
        "burnproof's rules select by these labels; overriding one would make every alert of the SLO silent.",
    ),
    Code("timezone", Stage.VALUE, "The zone is not in the IANA database."),
    Code("template", Stage.VALUE, "Prometheus refuses a rule file whose alert templates do not parse."),
    Code(
        "template-label",
        Stage.VALUE,
        "Labels identify an alert, and no template is expanded on the info series. Put what depends on the data into "
        "an annotation.",
    ),
    Code("promql-syntax", Stage.QUERY, "The expression does not parse; the caret is in the expression itself."),
    Code(
        "promql-type",
        Stage.QUERY,
        "Rules need an instant vector: a string or a scalar has no series, a range vector no value.",
    ),
    Code(
        "promql-comment",
        Stage.QUERY,
        "A comment ends with its line. Where YAML folds lines into one, it swallows the rest of the query.",
    ),
    Code(
        "promql-window",
        Stage.QUERY,
        "Every window of every alert is cut from this query, so each range in it must be $window.",
    ),
    Code(
        "promql-experimental",
        Stage.QUERY,
        "A Prometheus without the feature flag refuses the whole rule file for one such word, and every alert with it.",
    ),
    Code(
        "promql-frozen",
        Stage.QUERY,
        "With @ and a fixed time a query always reads that moment, so its SLO could never change.",
    ),
    Code(
        "promql-selector",
        Stage.QUERY,
        "A bare selector is needed here, for suffixes, matchers and ranges are added to it.",
    ),
    Code(
        "histogram-name",
        Stage.QUERY,
        "The histogram is named by its base name; _bucket, _count and le are added as needed.",
    ),
    Code("impossible-matchers", Stage.QUERY, "No series can satisfy these matchers, so the SLI would never have data."),
    Code("by-label", Stage.QUERY, "The result of the query cannot have this label, so the groups would never match."),
    Code("dedup", Stage.QUERY, "A label that tells replicas apart is needed in the query, so it cannot be taken out."),
    Code("gauge-range", Stage.QUERY, "rate and increase of a result of rate lose counter resets.", _WARN),
    Code(
        "mixed-functions",
        Stage.QUERY,
        "rate is per second and increase per window: their quotient is off by the window's length.",
    ),
    Code(
        "member",
        Stage.MEANING,
        "A composite is made of other SLOs of the same run, of a kind and in groups that can be put together.",
    ),
    Code(
        "duplicate-id",
        Stage.MEANING,
        "Two SLOs with one id record the same series, and each overwrites the other's alerts.",
    ),
    Code("duplicate-name", Stage.MEANING, "The same name twice: one of the two would be lost."),
    Code("unknown-journey", Stage.MEANING, "The journey is not declared under journeys."),
    Code("unknown-policy", Stage.MEANING, "No policy has this name."),
    Code("objective-unused", Stage.MEANING, "A count is its own budget; an objective beside it would contradict it."),
    Code("min-events", Stage.MEANING, "The guard counts events, and this kind of SLI has none."),
    Code("no-traffic", Stage.MEANING, "The setting says how idle time is judged, which has no meaning for a count."),
    Code(
        "tier-unreachable",
        Stage.MEANING,
        "An error ratio never exceeds 1, so this alert could not fire in a total outage.",
    ),
    Code(
        "factor", Stage.MEANING, "Below a burn rate of 1 the budget lasts, and there is nothing to alert about.", _WARN
    ),
    Code(
        "tier-windows",
        Stage.MEANING,
        "The short window must be shorter than the long one, and the long one than the period.",
    ),
    Code("tier-duplicate", Stage.MEANING, "Two tiers with the same windows are the same alert twice."),
    Code("window-scrapes", Stage.MEANING, "A rate needs two samples, so a window below two scrapes is always empty."),
    Code(
        "few-scrapes",
        Stage.MEANING,
        "With fewer than four scrapes in a window, one that fails or comes late leaves it without a rate: alerts break "
        "off and fire again. Without a declared scrape_interval Prometheus' default of 1m is assumed.",
        _WARN,
    ),
    Code(
        "compare-window",
        Stage.MEANING,
        "A slice is bad if the window `over` fails, too. A window shorter than a slice misses events. In one that is "
        "too long, a slice in which nothing was processed is within the tolerance.",
    ),
    Code(
        "compare-noise",
        Stage.MEANING,
        "Two counters scraped at different moments differ by a scrape's events and by chance. If that exceeds the "
        "tolerance, real losses are missed, or slices are bad without any loss.",
        _WARN,
    ),
    Code("window-slice", Stage.MEANING, "A window shorter than a slice holds no complete slice."),
    Code(
        "tiers-dropped",
        Stage.MEANING,
        "An SLO that inherits a policy keeps the tiers whose windows hold a whole slice. With long slices no page is "
        "left, so nobody would be called.",
        _WARN,
    ),
    Code("slice", Stage.MEANING, "A slice must hold two scrapes and fit into the period."),
    Code(
        "calendar-zone",
        Stage.MEANING,
        "A calendar unit is summed in whole hours, so all its midnights must fall on the same minute of the hour.",
    ),
    Code(
        "calendar-horizon",
        Stage.MEANING,
        "When clocks change is written into the rules for a fixed span of years, so that the same spec always gives "
        "the same rules. Past its end, units of the zone would begin an hour off for part of the year.",
        _WARN,
    ),
    Code(
        "bound-bucket",
        Stage.MEANING,
        "A classic histogram knows counts at its bucket bounds only; the series for this bound does not exist.",
    ),
    Code(
        "bound-top",
        Stage.MEANING,
        "A histogram does not tell values above its top finite bucket apart, so the bound never appears broken.",
    ),
    Code(
        "bound-interpolated",
        Stage.MEANING,
        "Between two buckets the quantile is a guess: 110 ms for all requests reads as 242 ms.",
        _WARN,
    ),
    Code("bound-unit", Stage.MEANING, "The bound and the declared buckets look like different units.", _WARN),
    Code("one-failure-pages", Stage.MEANING, "At the declared rate a single failure breaks the threshold.", _WARN),
    Code(
        "guard-silences",
        Stage.MEANING,
        "At the declared rate the window never holds min_events, so the alert is always silent.",
        _WARN,
    ),
    Code("good-is-total", Stage.MEANING, "Both queries select the same series, so the SLI is always 0 % or 100 %."),
    Code(
        "same-sli",
        Stage.MEANING,
        "Two SLOs measure the same; one incident alerts twice. Levels of one SLO say it better.",
        _WARN,
    ),
    Code(
        "tolerance",
        Stage.MEANING,
        "Counters scraped at different moments are never equal: noise breaks about half of all slices.",
        _WARN,
    ),
    Code(
        "level-order",
        Stage.MEANING,
        "A warning that comes after the failure is never seen. What comes after the failure is a critical level.",
        _WARN,
    ),
    Code("baseline-order", Stage.MEANING, "A regression that warns only after it has failed never warns."),
    Code("check-unit", Stage.MEANING, "A number of one kind is never compared with a bound of another one."),
    Code(
        "adapted",
        Stage.MEANING,
        "The policy adapt replaced a tier that not even a total outage could reach. The alert fires later than the "
        "policy's name suggests.",
        _WARN,
    ),
    Code(
        "unproved",
        Stage.MEANING,
        "Tests need example series that match the spec's queries. None could be found for these queries, so the "
        "alerts have no tests.",
        _WARN,
    ),
    Code("live-no-metric", Stage.LIVE, "The server has no such metric, so the SLO would never have data."),
    Code("live-no-label", Stage.LIVE, "No series of the metric has this label, so the matcher matches nothing."),
    Code("live-no-value", Stage.LIVE, "The label has no such value on the server, so the matcher matches nothing."),
    Code("live-no-series", Stage.LIVE, "Each matcher matches something, and no series matches them all."),
    Code(
        "live-ended",
        Stage.LIVE,
        "The series were there within the last day and are gone: a target that is down, or one that was renamed.",
        _WARN,
    ),
    Code(
        "live-rare",
        Stage.LIVE,
        "Series of failures often begin with the first failure. A slip in their name looks the same.",
        _WARN,
    ),
    Code(
        "live-no-bucket",
        Stage.LIVE,
        "The histogram on the server has no bucket at the bound, so the SLI has no data there.",
    ),
    Code(
        "live-interpolated",
        Stage.LIVE,
        "The histogram on the server has no bucket at the bound: what the quantile says near it is a guess.",
        _WARN,
    ),
    Code("live-buckets", Stage.LIVE, "The buckets on the server are others than the declared ones.", _WARN),
    Code("live-native", Stage.LIVE, "Native and classic histograms are read by different queries."),
    Code(
        "live-scrape-slow",
        Stage.LIVE,
        "Samples are further apart than the rules assume, so short windows hold too few of them.",
    ),
    Code(
        "live-scrape-fast",
        Stage.LIVE,
        "Samples are closer than the rules assume, so ranges are longer than needed and read more.",
        _WARN,
    ),
    Code("live-type", Stage.LIVE, "The target itself says that the metric is of another type than the query needs."),
    Code(
        "live-falls",
        Stage.LIVE,
        "What falls without a restart is no counter: rate and increase take each fall for a reset and count too much.",
    ),
    Code("live-retention", Stage.LIVE, "Samples are deleted before the longest window of the rules is over."),
    Code(
        "live-refused", Stage.LIVE, "One expression that the server does not take makes it refuse the whole rule file."
    ),
    Code("live-version", Stage.LIVE, "A server refuses a rule file that holds a key it does not know."),
    Code(
        "live-too-many", Stage.LIVE, "The server ends a query that loads more samples than its limit; the rule fails."
    ),
    Code(
        "live-cost", Stage.LIVE, "Rules read each of their series at every evaluation, so many series cost much.", _WARN
    ),
    Code("live-not-loaded", Stage.LIVE, "Without its rules an SLO has neither windows nor alerts.", _WARN),
    Code("live-stale", Stage.LIVE, "The server evaluates older rules than the specs in the repository.", _WARN),
    Code("live-failing", Stage.LIVE, "A rule that fails records nothing, and an alert on it never fires."),
    Code("nested-ids", Stage.MEANING, "Services that differ only in case share a file on many systems."),
    Code(
        "near-name",
        Stage.MISTAKE,
        "Two names of one SLI differ in a letter, a plural or an underscore. If one is a slip, its query matches "
        "nothing, and errors are never seen.",
        _WARN,
    ),
    Code(
        "regex-as-text",
        Stage.MISTAKE,
        "`=` and `!=` compare texts. A regular expression behind them matches no series, so no error is ever counted.",
        _WARN,
    ),
    Code(
        "variable",
        Stage.MISTAKE,
        "Rules have no variables: those of dashboards and templates are compared as text, and match nothing.",
        _WARN,
    ),
    Code("inverted", Stage.MISTAKE, "Good and bad are exchanged, so the SLI is wrong by nearly 100 %.", _WARN),
    Code(
        "outside-total",
        Stage.MISTAKE,
        "What is counted of a metric must be a part of the total, or the SLI is a quotient of two different things.",
        _WARN,
    ),
    Code(
        "recorded-sum",
        Stage.MISTAKE,
        "A sum of counters falls when one of them restarts. `rate` takes that for a reset of the whole sum, and reads "
        "thousands of events where one instance restarted.",
        _WARN,
    ),
    Code(
        "rate-of-gauge",
        Stage.MISTAKE,
        "`rate` takes each fall of a gauge for a reset, and counts what it fell from as events.",
        _WARN,
    ),
    Code(
        "undeclared-buckets",
        Stage.MISTAKE,
        "A classic histogram has counts at its bucket bounds only. Unless those are declared, a bound that is none of "
        "them goes unnoticed.",
        _WARN,
    ),
    Code(
        "bucket-spelling",
        Stage.MISTAKE,
        "Prometheus 3 stores the bucket bound 1 as `1.0`. `le='1'` is written so that it takes both; a regular "
        "expression of your own has to.",
        _WARN,
    ),
    Code(
        "all-buckets",
        Stage.MISTAKE,
        "Buckets are cumulative, so a sum of all of them counts an observation many times.",
        _WARN,
    ),
    Code(
        "dimension",
        Stage.MISTAKE,
        "A quotient divided by events per second is no error ratio: half of 100 calls a second reads as 0.005.",
    ),
    Code(
        "units",
        Stage.MISTAKE,
        "By their names the two queries count different things, such as seconds and events.",
        _WARN,
    ),
    Code(
        "not-additive",
        Stage.MISTAKE,
        "Alerts read several windows, and long ones are made of short ones. So a query must give for an hour what it "
        "gives for the parts of that hour together.",
        _WARN,
    ),
    Code(
        "silent-join",
        Stage.MISTAKE,
        "A value that is read only while a second metric says so is empty without that metric, and nothing tells.",
        _WARN,
    ),
    Code(
        "silent-group",
        Stage.MISTAKE,
        "An age is there as long as its series is. A job that no longer reports at all would be old for ever, and its "
        "group is empty instead.",
        _WARN,
    ),
    Code(
        "time-unit",
        Stage.MISTAKE,
        "A bound of 250 that was meant in milliseconds is never broken. A number that is one of the declared buckets "
        "needs no unit.",
    ),
    Code(
        "not-imported",
        Stage.IMPORT,
        "The objective cannot be carried over, for the reason that is given. It is left out; the others are written.",
    ),
    Code(
        "unresolved",
        Stage.IMPORT,
        "The file refers to an object by its name, and no file that was named holds it.",
    ),
    Code(
        "not-carried",
        Stage.IMPORT,
        "burnproof/v1 has no place for this, or the other tool ignores it too, so it is left out of what is written.",
        _WARN,
    ),
    Code(
        "carried-otherwise",
        Stage.IMPORT,
        "It is carried over, and what is written does not mean quite the same; the message says where they differ.",
        _WARN,
    ),
)

BY_NAME: Final = {code.name: code for code in CODES}


def problem(code: str, message: str, span: Span | None, hint: str = "") -> Problem:
    """Make a problem of a documented kind; its severity comes from the table.

    Raises:
        KeyError: the code is not in the table.
    """
    return Problem(code, message, span, hint, BY_NAME[code].severity)


def exit_code(problems: Iterable[Problem], *, strict: bool = False) -> int:
    """Give the exit code that problems lead to: 2 nothing could be read, 1 errors, 0 fine.

    Args:
        problems: what was found.
        strict: whether warnings count as errors.
    """
    worst = 0
    for found in problems:
        code = BY_NAME.get(found.code)
        if code is not None and code.stage is Stage.INPUT:
            return 2
        if strict or found.severity is Severity.ERROR:
            worst = 1
    return worst

"""Checks speak where a spec cannot work, and are silent where it can."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnproof.diagnostics import Severity
from burnproof.specs.keys.promql import queries
from burnproof.specs.keys.promql.queries import read
from burnproof.specs.keys.promql.uses import QueryError, Use
from burnproof.specs.resolve import slos_from_text
from places import examples
from promrules.syntax.types import can_have, type_of

RATIO = "ratio: {total: a_total, bad: b_total}"


def check(sli=RATIO, fields="objective: 99.9", top=""):
    """Give the codes found in a spec of one SLO, ``sli`` in block or flow form."""
    text = f"version: burnproof/v1\nservice: shop\n{top}\nslos:\n  - {{name: x, {fields}, sli: {{{sli}}}}}\n"
    return [found.code for found in slos_from_text("a.yaml", text).problems]


QUARTER = "scrape_interval: 15s"  # of a minute: a slice of a minute holds four scrapes


def query(text, use="ratio"):
    quoted = text.replace("'", "''")
    return check(f"ratio: {{total: '{quoted}', bad: b_total}}" if use == "ratio" else use.replace("Q", f"'{quoted}'"))


@pytest.mark.parametrize(
    "text",
    [
        'http_requests_total{job="api",code=~"2..|3.."}',
        "http_requests_total",
        "http_requests_total{}",
        '{__name__="http_requests_total"}',
        '{"http.requests", job="api"}',
        "http_requests_total offset 5m",
        "http_requests_total @ end()",
        "rate(x[$window]) - rate(x[$window] @ 1700000000)",
        'x{a="b",}',
        'x{a!="",b!~"c.*"}',
        "x{a='b'}",
        "(http_requests_total)",
        "sum(rate(http_requests_total[$window]))",
        "sum by (route) (rate(x[$window])) + sum by (route) (rate(y[$window]))",
        "sum(rate(x[$window])) by (le)",
        "rate(x[ $window ])",
        "avg_over_time(sum(rate(x[$window]))[$window:1m])",
        "x # all",
        "rate(x[$window]) # all",
        'sum(rate(x{note="# no comment"}[$window]))',
        'x{a="$1"}',
        "rate(x[$window] offset 1h)",
        'x{a=~"b",a!~"bc"}',
        'x{a="5xx",a=~"5.."}',
    ],
)
def test_queries_that_work_are_accepted(text):
    assert [code for code in query(text) if code != "mixed-functions"] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('sum(rate(foo{a="b"', "promql-syntax"),
        ("summ(rate(x[$window]))", "promql-syntax"),
        ("", "promql-syntax"),
        ("   ", "promql-syntax"),
        ('"up"', "promql-type"),
        ('"$window"', "promql-window"),
        ("42", "promql-type"),
        ("time()", "promql-type"),
        ("scalar(x)", "promql-type"),
        ("x[$window]", "promql-type"),
        ("1 + 2", "promql-type"),
        ("x[5m]", "promql-type"),
        ("a_total @ 0", "promql-frozen"),
        ('a_total{a="b"} @ 1700000000', "promql-frozen"),
        ("sum(rate(x[$window] @ 0)) / sum(rate(y[$window] @ 0))", "promql-frozen"),
        ("max_over_time(rate(x[$window])[$window:1m] @ 0)", "promql-frozen"),
        ("rate(x[5m])", "promql-window"),
        ("sum(x)", "promql-window"),
        ("rate(x[$window]) + rate(y[5m])", "promql-window"),
        ("rate(x[{{.window}}])", "promql-window"),
        ("rate(x[$interval])", "promql-window"),
        ("rate(x[${window}])", "promql-window"),
        ("# x", "promql-comment"),
        ("rate(x[$window]) + # all\n rate(y[$window])", "promql-comment"),
        ('x{a="1",a="2"}', "impossible-matchers"),
        ('x{a="1",a!="1"}', "impossible-matchers"),
        ('x{a="1",a!~".*"}', "impossible-matchers"),
        ('sum(rate(x{a="1",a="2"}[$window]))', "impossible-matchers"),
        ('x{a=~"("}', "promql-syntax"),
        ("x{a=b}", "promql-syntax"),
        ("{}", "promql-syntax"),
        ('{a=""}', "promql-syntax"),
        ("rate(sum(x)[$window:])", "gauge-range"),
        ("sum by (a) (rate(x[$window])) / sum by (b) (rate(y[$window]))", "by-label"),
    ],
)
def test_queries_that_cannot_work_are_refused(text, code):
    assert query(text)[:1] == [code]


@pytest.mark.parametrize(
    ("expr", "label", "expected"),
    [
        ("x", "a", True),
        ("rate(x[5m])", "a", True),
        ("sum(x)", "a", False),
        ("sum by (a) (x)", "a", True),
        ("sum by (a) (sum by (b) (x))", "a", False),
        ("sum without (a) (x)", "a", False),
        ("sum without (b) (x)", "a", True),
        ("topk(3, x)", "a", True),
        ("vector(1)", "a", False),
        ("2 * sum by (a) (x)", "a", True),
        ("sum by (a) (x) / on (b) sum by (a, b) (y)", "a", False),
        ("x / ignoring (a) y", "a", False),
        ("x * on (b) group_left (a) y", "a", True),
        ("sum by (b) (x) * on (b) group_left (a) y", "a", True),
        ("sum(x) or sum by (a) (y)", "a", True),
        ("sum(x) and sum by (a) (y)", "a", False),
        ('label_replace(sum(x), "a", "1", "b", "(.*)")', "a", True),
        ("histogram_quantile(0.9, sum by (le, a) (x))", "a", True),
        ("histogram_quantile(0.9, sum by (le, a) (x))", "le", False),
        ("max_over_time(sum(x)[5m:])", "a", False),
        ("-sum by (a) (x)", "a", True),
    ],
)
def test_labels_of_a_result_are_told_from_the_expression(expr, label, expected):
    assert can_have(read(expr, Use.VALUE).node, label) is expected


@pytest.mark.parametrize(
    ("sli", "code"),
    [
        ("ratio: {total: 'sum(rate(x[$window]))', bad: b_total, by: [a]}", "by-label"),
        ("ratio: {total: 'x{a=\"\"}', bad: b_total, by: [a]}", "by-label"),
        ("ratio: {total: x, bad: b_total, by: [slo]}", "reserved-label"),
        ("ratio: {total: x, bad: b_total, by: [__name__]}", "reserved-label"),
        ("ratio: {total: 'x{a=\"1\"}', good: 'x{a=\"1\"}'}", "good-is-total"),
        ("ratio: {total: 'sum(rate(x[$window]))', good: 'sum(rate(x[$window]))'}", "good-is-total"),
        ("ratio: {total: x, bad: 'sum(increase(y[$window]))'}", "mixed-functions"),
        ("latency: {histogram: h_seconds_count, at_most: 0.2s, buckets: [0.2]}", "histogram-name"),
        ("latency: {histogram: 'h_seconds{le=\"0.2\"}', at_most: 0.2s, buckets: [0.2]}", "histogram-name"),
        ("latency: {histogram: h, at_most: 0.2s, buckets: [0.1, 0.5]}", "bound-bucket"),
        ("latency: {histogram: h, at_most: 20s, buckets: [0.1, 10]}", "bound-bucket"),
        ("quantile: {histogram: h, quantile: 0.9, at_most: 10s, slice: 5m, buckets: [0.1, 10]}", "bound-top"),
        ("quantile: {histogram: h, quantile: 0.9, at_most: 1s, slice: 5m, buckets: [0.1, 10]}", "bound-interpolated"),
        ("quantile: {histogram: h, quantile: 0.9, at_most: 1s, slice: 7m}", "slice"),
        ("quantile: {histogram: h, quantile: 0.9, at_most: 1s, slice: 20d}", "slice"),
        ("compare: {left: a, op: '>=', right: b, slice: 1m}", "tolerance"),
        ("compare: {left: a, op: '>=', right: b, slice: 1m, tolerance: 5%, min_events: 5}", "min-events"),
        ("threshold: {value: a, op: '<', bound: 1, slice: 1m, min_events: 5}", "min-events"),
    ],
)
def test_slis_that_cannot_work_are_told(sli, code):
    assert check(sli, top=QUARTER) == [code]


def test_a_count_must_allow_none_at_least():
    assert check("count: {counter: a, fewer_than: 0, per: 1d}", "description: y") == ["out-of-range"]
    assert check("count: {counter: a, at_most: 0, per: 1d}", "description: y") == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("alerting: {no_data: page}", []),
        ("alerting: {no_data: false}", []),
        ("alerting: {no_data: no}", ["bad-choice"]),
        ("alerting: {no_data: a b}", ["name"]),
    ],
)
def test_no_data_is_true_false_or_a_severity(fields, expected):
    assert check(fields=f"objective: 99, {fields}") == expected


def test_the_name_of_an_alert_is_not_shared():
    assert check(top="alerting: {name: Slow}") == ["unknown-key"]


@pytest.mark.parametrize(
    "sli",
    [
        RATIO,
        "ratio: {total: 'sum by (a) (rate(x[$window]))', bad: b_total, by: [a]}",
        "ratio: {total: a_total, bad: 'sum(rate(x[$window]))'}",
        "latency: {histogram: h, at_most: 10s, buckets: [0.1, 10]}",  # the top bucket itself can be counted
        "latency: {histogram: h, at_most: 0.2s, buckets: [0.2]}",
        "latency: {histogram: h_count, at_most: 0.2s, native: true}",
        "latency: {histogram: h_milliseconds, at_most: 250, buckets: [250]}",
        "quantile: {histogram: h, quantile: 0.9, less_than: 10s, slice: 5m, buckets: [0.1, 10]}",  # the top reads as 10
        "quantile: {histogram: h, quantile: 0.9, at_most: 1s, slice: 5m, min_events: 100}",
        "compare: {left: a, op: '>=', right: b, slice: 1m, tolerance: 5%}",
        "threshold: {value: 'sum(rate(a[5m]))', op: '>', bound: 10, slice: 1m}",
        "threshold: {value: a, op: '==', bound: 1, slice: 1m}",
    ],
)
def test_slis_that_work_are_passed_in_silence(sli):
    assert check(sli, top=QUARTER) == []


def tiers(*rows, name="own"):
    return f"alerting: {{policy: {{name: {name}, tiers: [{', '.join(f'{{{row}}}' for row in rows)}]}}}}"


@pytest.mark.parametrize(
    ("objective", "tier", "expected"),
    [
        ("93.06", "factor: 14.4, long: 1h, short: 5m, severity: page", []),
        ("93.05", "factor: 14.4, long: 1h, short: 5m, severity: page", ["tier-unreachable"]),
        ("90", "factor: 10, long: 1h, short: 5m, severity: page", ["tier-unreachable"]),
        ("90", "factor: 9.99, long: 1h, short: 5m, severity: page", []),
        ("99", "factor: 1, long: 1h, short: 1h, severity: page", ["tier-windows"]),
        ("99", "factor: 1, long: 30d, severity: page", ["tier-windows"]),
        ("99", "factor: 1, long: 29d, severity: page", []),
        # Scrapes are a minute apart unless declared.
        ("99", "factor: 1, long: 1h, short: 119s, severity: page", ["window-scrapes"]),
        ("99", "factor: 1, long: 1h, short: 2m, severity: page", ["few-scrapes"]),
        ("99", "factor: 1, long: 1h, short: 239s, severity: page", ["few-scrapes"]),
        ("99", "factor: 1, long: 1h, short: 4m, severity: page", []),
        ("99", "factor: 1, long: 30s, severity: page", ["window-scrapes"]),
    ],
)
def test_tiers_must_be_able_to_fire(objective, tier, expected):
    assert check(fields=f"objective: {objective}, {tiers(tier)}") == expected


def test_two_tiers_may_share_a_window_but_not_its_severity_too():
    rows = "factor: 10, long: 1h, severity: page", "factor: 2, long: 1h, severity: ticket"

    assert check(fields=f"objective: 99, {tiers(*rows)}") == []
    assert check(fields=f"objective: 99, {tiers(rows[0], rows[0])}") == ["tier-duplicate"]


SLICES = "histogram: h, quantile: 0.9, at_most: 1s, slice: 1m"


@pytest.mark.parametrize(
    ("fields", "sli", "expected"),
    [
        ("expected_rate: 70/h", RATIO, []),
        ("expected_rate: 69/h", RATIO, ["one-failure-pages"]),
        ("expected_rate: 10rps", RATIO, []),
        ("expected_rate: 69/h", "ratio: {total: a, bad: b, min_events: 100}", ["guard-silences"]),
        ("expected_rate: 10rps", "ratio: {total: a, bad: b, min_events: 100}", []),
        ("expected_rate: 1/h", "quantile: {histogram: h, quantile: 0.9, at_most: 1s, slice: 30m}", []),
        ("expected_rate: 20rpm", f"quantile: {{{SLICES}, min_events: 20}}", []),
        ("expected_rate: 19rpm", f"quantile: {{{SLICES}, min_events: 20}}", ["guard-silences"]),
    ],
)
def test_the_declared_rate_is_held_against_the_policy(fields, sli, expected):
    assert check(sli, f"objective: 99.9, {fields}", QUARTER) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("labels: {slo_id: x}", ["reserved-label"]),
        ("labels: {__x: y}", ["reserved-label"]),
        ("labels: {team: x}", []),
        ("alerting: {labels: {severity: high}}", ["reserved-label"]),
        ("labels: {bad-label: x}", ["label-name"]),
        ("alerting: {annotations: {a: '{{ $value | humanize }}'}}", []),
        ("alerting: {annotations: {a: '{{ $value | humanizee }}'}}", ["template"]),
        ("alerting: {annotations: {a: '{{ if }}'}}", ["template"]),
        ("alerting: {labels: {a: '{{ $labels.instance }}'}}", ["template-label"]),
        ("labels: {a: '{{ .Foo }}'}", ["template-label"]),
        ("labels: {a: '{x} }} {'}", []),
        ("owner: {team: 'of {{ $labels.x }}'}", ["template-label"]),
        ("owner: {contact: 'of {{ x }}'}, remediation: 'see {{ $labels.job }}'", []),
        ("alerting: {name: 'a b'}", []),
        ("alerting: {name: '1a'}", ["alert-name"]),
    ],
)
def test_labels_and_annotations(fields, expected):
    assert check(fields=f"objective: 99, {fields}") == expected


@pytest.mark.parametrize(
    ("length", "fields", "expected"),
    [
        ("30m", "objective: 99", []),
        ("1h", "objective: 99", ["tiers-dropped"]),
        ("1h", "objective: 99, window: {calendar: week}", ["tiers-dropped"]),
        ("10m", "objective: 99, window: 7d", ["tiers-dropped"]),
        ("1h", "objective: 99, alerting: {policy: {name: a, tiers: [{factor: 2, long: 1d, severity: ticket}]}}", []),
        ("30m", "objective: 99, levels: [{name: critical, at_most: 2s}]", []),
        ("1h", "objective: 99, levels: [{name: critical, at_most: 2s}]", ["tiers-dropped"]),
    ],
)
def test_slices_that_leave_no_page_are_told(length, fields, expected):
    assert check(f"quantile: {{histogram: h, quantile: 0.9, at_most: 1s, slice: {length}}}", fields) == expected


def hints(fields):
    text = f"version: burnproof/v1\nservice: shop\nslos: [{{name: x, {fields}, sli: {{{RATIO}}}}}]"
    return {found.hint for found in slos_from_text("a.yaml", text).problems if found.code == "tier-duplicate"}


def test_a_period_too_short_for_a_built_in_policy_is_said_to_be_so():
    assert hints("objective: 99%, window: 5m") == {
        "a period of 5m is too short for google: choose a longer window, or a policy of your own"
    }


def test_adapt_is_never_refused_for_tiers_that_became_equal():
    fields = "objective: 10%, window: 7d, alerting: {policy: adapt}"

    assert set(check(fields=fields)) == {"adapted"}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.org/x", []),
        ("HTTP://example.org", []),
        ("/runbooks/{{ $labels.route }}", []),
        ("docs/runbook.md#a:b", []),
        ("{{ $externalURL }}/x", []),
        ("see the wiki: page 3", []),
        ("javascript:alert(1)", ["bad-choice"]),
        ("JavaScript:alert(1)", ["bad-choice"]),
        ('"java\\tscript:alert(1)"', ["bad-choice"]),
        ("data:text/html,x", ["bad-choice"]),
    ],
)
@pytest.mark.parametrize("place", ["runbook: {}", "dashboard: {}", "alerting: {{runbook: {}}}"])
def test_links_lead_to_pages_of_the_web(place, link, expected):
    quoted = link if link.startswith('"') else f"'{link}'"

    assert check(fields=f"objective: 99, {place.format(quoted)}") == expected


@pytest.mark.parametrize(
    ("sli", "level", "expected"),
    [
        (RATIO, "objective: 99", ["one-of"]),
        (RATIO, "objective: 98", []),
        ("latency: {histogram: h, at_most: 1s, native: true}", "at_most: 1s", ["one-of"]),
        ("latency: {histogram: h, at_most: 1s, native: true}", "at_most: 1s, objective: 99%", ["one-of"]),
        ("latency: {histogram: h, at_most: 1s, native: true}", "at_most: 1s, objective: 98%", []),
        ("latency: {histogram: h, at_most: 1s, native: true}", "at_most: 2s, objective: 99%", []),
        ("count: {counter: c, fewer_than: 3, per: 1d}", "fewer_than: 3", ["one-of"]),
    ],
)
def test_a_level_must_promise_something_else_than_its_slo(sli, level, expected):
    fields = "objective: 99" if "count" not in sli else "description: x"

    assert check(sli, f"{fields}, levels: [{{name: critical, {level}}}]") == expected


@pytest.mark.parametrize(("sli", "code"), [("", "missing-key"), (", sli: 3", "wrong-type"), (", sli: {}", "one-of")])
def test_levels_of_an_slo_without_an_sli_are_no_crash(sli, code):
    slo = f"{{name: x, objective: 99, levels: [{{name: a, at_most: 1s}}]{sli}}}"
    found = slos_from_text("a.yaml", f"version: burnproof/v1\nservice: shop\nslos: [{slo}]").problems

    assert [one.code for one in found] == [code]


def two(first, second, services=("a", "a")):
    documents = [
        f"version: burnproof/v1\nservice: {service}\nslos: [{{{body}}}]\n"
        for service, body in zip(services, (first, second), strict=True)
    ]
    return [found.code for found in slos_from_text("a.yaml", "---\n".join(documents)).problems]


def body(name="x", objective="99", sli="ratio: {total: a, bad: b}"):
    return f"name: {name}, objective: {objective}, sli: {{{sli}}}"


LATENCY = "latency: {{histogram: h, at_most: {}s, native: true}}"


@pytest.mark.parametrize(
    ("first", "second", "services", "expected"),
    [
        (body(), body(sli="ratio: {total: c, bad: d}"), ("a", "a"), ["duplicate-id"]),
        (body("bb-cc"), body("cc", sli="ratio: {total: c, bad: d}"), ("aa", "aa-bb"), ["duplicate-id"]),
        (body("x"), body("X", sli="ratio: {total: c, bad: d}"), ("a", "a"), ["duplicate-id"]),
        (body("x"), body("y", sli="ratio: {total: c, bad: d}"), ("a", "A"), ["nested-ids"]),
        (body("x"), body("y"), ("a", "a"), ["same-sli"]),
        (body("x"), body("y", objective="95"), ("a", "b"), ["same-sli"]),
        (body("x", "99", LATENCY.format(1)), body("y", "95", LATENCY.format("0.2")), ("a", "a"), []),
        (body("x", "95", LATENCY.format(1)), body("y", "99", LATENCY.format("0.2")), ("a", "a"), ["same-sli"]),
        (body("x"), body("y", sli="ratio: {total: a, bad: c}"), ("a", "a"), []),
    ],
)
def test_what_several_slos_must_not_share(first, second, services, expected):
    assert two(first, second, services) == expected


def test_warnings_stop_nothing():
    loaded = slos_from_text(
        "a.yaml",
        "version: burnproof/v1\nservice: a\nscrape_interval: 15s\nslos: [{name: x, objective: 99, "
        "sli: {compare: {left: a, op: '>=', right: b, slice: 1m}}}]\n",
    )

    assert [found.severity for found in loaded.problems] == [Severity.WARNING]
    assert loaded.ok
    assert len(loaded.slos) == 1


NUMBERS = st.from_regex(r"[0-9]{1,17}(\.[0-9]{1,17})?(e-?[0-9]{1,2})?(ms|s|m|h|d|w|%|x|rps|rpm)?", fullmatch=True)


@settings(max_examples=examples(60))
@given(st.lists(NUMBERS, min_size=12, max_size=12))
def test_no_number_fails_in_another_way_than_by_a_problem(numbers):
    """Sizes between the atom's and the galaxy's go through all arithmetic of the checks."""
    window, scrape, objective, rate, least, factor, long, short, bound, bucket, length, limit = numbers
    policy = f"{{name: p, tiers: [{{factor: {factor}, long: {long}, short: {short}, severity: page}}]}}"
    slos_from_text(
        "a.yaml",
        f"version: burnproof/v1\nservice: a\nwindow: {window}\nscrape_interval: {scrape}\nslos:\n"
        f"- {{name: x, objective: {objective}, expected_rate: {rate}, alerting: {{policy: {policy}}},"
        f" sli: {{ratio: {{total: a, bad: b, min_events: {least}}}}}}}\n"
        f"- {{name: y, objective: {objective}, expected_rate: {rate},"
        f" sli: {{latency: {{histogram: h, at_most: {bound}, buckets: [{bucket}, 1]}}}}}}\n"
        f"- {{name: z, objective: {objective},"
        f" sli: {{quantile: {{histogram: h, quantile: {objective}, at_most: {bound}, slice: {length}}}}}}}\n"
        f"- {{name: w, sli: {{count: {{counter: c, fewer_than: {limit}, per: {length}}}}}}}\n",
    )


WORDS = [
    *(
        "sum",
        "rate",
        "x",
        "up",
        "[$window]",
        "[5m]",
        "(",
        ")",
        "{",
        "}",
        "by",
        "(a)",
        ",",
        "=",
        "=~",
        '"b"',
        '"("',
        "+",
    ),
    *("/", "on", "offset", "5m", "@", "1", "#", "$x", "'c'", "`", "\\", "\u00e9", "$window"),
]
PROMQL = st.lists(st.sampled_from(WORDS), max_size=12)


@pytest.mark.parametrize("terms", [190, 250, 900, 5000])
def test_long_chains_are_read_or_refused_never_too_deep(terms):
    assert query(" + ".join(["rate(x[$window])"] * terms)) == ([] if terms < 200 else ["promql-syntax"])


VALUES = st.text(st.sampled_from("ab1-.*$/ é{}[]()#,"), max_size=6)


@settings(max_examples=examples(300))
@given(
    VALUES,
    VALUES,
    st.sampled_from(["=", "!=", "=~", "!~"]),
    st.sampled_from(
        [
            'sum(rate(x{{a{op}"{one}",b="{two}"}}[$window]))',
            'sum(rate(x{{a{op} "{one}"}}[$window])) / -(sum(rate({{__name__="y",b!="{two}"}}[$window]) * 2))',
            'quantile(0.9, label_replace(rate(x{{a{op}"{one}"}}[$window]), "d", "$1", "a", "(.*)")) + y{{b="{two}"}}',
            'max_over_time(sum(rate(x{{a=\'{one}\',c="{two}"}}[$window]))[$window:1m]) or x{{a=""}}',
        ]
    ),
)
def test_a_query_read_through_its_shape_is_the_query_that_was_written(one, two, op, form):
    text = form.format(one=one, two=two, op=op)
    try:
        expected = queries._exact(text, Use.EVENTS)
    except QueryError as error:
        with pytest.raises(QueryError, match=re.escape(error.message)):
            read(text, Use.EVENTS)
    else:
        assert read(text, Use.EVENTS) == expected


@settings(max_examples=examples(500))
@given(PROMQL, st.sampled_from(["", " "]), st.sampled_from(list(Use)))
def test_no_query_fails_in_another_way_than_by_a_query_error(words, blank, use):
    text = blank.join(words)
    try:
        reading = read(text, use)
    except QueryError as refused:
        error = refused
    else:
        error = None
    if error is not None:
        assert error.message
        assert 0 <= error.start < error.end <= len(text) + 1
    else:
        type_of(reading.node)
        can_have(reading.node, "a")

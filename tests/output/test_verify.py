"""Plan and texts to problems: a template cannot lie, and no rule is written that could never match."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnproof.diagnostics import Severity
from burnproof.output.plan import Plan
from burnproof.output.render import SHIPPED, render
from burnproof.output.verify import MOST, verify
from burnproof.output.verify.expressions import Expressions
from burnproof.rules.types import RuleFile, RuleGroup
from places import examples
from plans import alert, plan, proof_file, record
from promrules.syntax.parse import PromqlSyntaxError

ERROR_1H = 'slo:sli_error:ratio_rate1h{slo_id="api-availability"}'


def messages(made, files=None, kinds=("rules", "tests")):
    found = verify(made, render(made) if files is None else files, kinds)
    return [problem.message for problem in found if problem.severity is Severity.ERROR]


def test_a_sound_plan_has_no_problems():
    assert messages(plan(proofs=(proof_file(),))) == []


LIES = [
    ("rule.expr | promql(10)", "(rule.expr + ' ') | replace('0.0144', '0.9') | promql(10)", "expr should be"),
    ("rule.alert | scalar", "'Other'", "alert should be 'ApiBurn', but reads 'Other'"),
    ("rule.hold | duration", "'1h'", "for should be '5m', but reads '1h'"),
    ("value | quoted", "value | upper | quoted", "severity should be 'page', but reads 'PAGE'"),
    ("value | text(12)", "'x' | text(12)", "description should be"),
    ("value | quoted", "'true'", "but reads True"),
    ("{% for group in groups %}", "{% for group in groups[:0] %}", "one key, `groups`, with a list"),
    ("    rules:", "    limit: 5\n    rules:", "limit should be absent, but reads 5"),
    ("        labels:", "        labels: {}\n        labels:", "the key 'labels' is there twice"),
    ("groups:", "---\na: 1\n---\ngroups:", "expected a single document"),
    ("groups:", "groups: []\ngroups:", "the key 'groups' is there twice"),
    ("groups:", "extra: 1\ngroups:", "one key, `groups`"),
    ("groups:", "groups: [", "not a YAML document"),
    ("# Code generated", "# Made", "lacks the header"),
    ("groups:", "groups:\n  - &a {name: x, rules: [*a]}", "groups"),
]


@pytest.mark.parametrize(("old", "new", "message"), LIES, ids=[lie[2] for lie in LIES])
def test_a_template_cannot_lie(tmp_path, old, new, message):
    shipped = (SHIPPED / "rules.yaml.j2").read_text()
    assert old in shipped
    (tmp_path / "rules.yaml.j2").write_text(shipped.replace(old, new))
    made = plan(record(), alert(hold="5m"))

    found = messages(made, render(made, templates=tmp_path))

    assert message in "\n".join(found)


PROOF_LIES = [
    ("check.eval_time | duration", "'59m'", "eval_time should be '1h', but reads '59m'"),
    ("series.values | scalar", "'1x5'", "values should be '0+60x120'"),
    ("value | number", "'2'", "value should be 1e-05, but reads 2"),
    ("file | scalar", "'../rules/no.yaml'", "rule_files"),
    ("check.alertname | scalar", "'Other'", "alertname should be 'ApiBurn'"),
    ("tests:", "fuzzy_compare: true\ntests:", "fuzzy_compare should be absent"),
    ("{% for proof in file.proofs %}", "{% for proof in file.proofs[:0] %}", "tests should be"),
]


@pytest.mark.parametrize(("old", "new", "message"), PROOF_LIES, ids=[lie[2] for lie in PROOF_LIES])
def test_a_template_cannot_lie_about_proofs(tmp_path, old, new, message):
    shipped = (SHIPPED / "unit_tests.yaml.j2").read_text()
    assert old in shipped
    (tmp_path / "unit_tests.yaml.j2").write_text(shipped.replace(old, new))
    made = plan(proofs=(proof_file(),))

    assert message in "\n".join(messages(made, render(made, templates=tmp_path)))


def _rule_problems(*rules):
    return "\n".join(messages(plan(*rules)))


JOINS_THAT_FAIL = [
    (f"{ERROR_1H} > 1 and on (slo_id) sum(up)", "right side has no label slo_id"),
    (f"sum(up) unless on (slo_id) {ERROR_1H}", "left side has no label slo_id"),
    (f"{ERROR_1H} and on (slo_id, route) {ERROR_1H}", "no label route"),
    (f"{ERROR_1H} and sum by (slo_id) (up)", "its sides have the labels"),
    (f"{ERROR_1H} / sum by (job) (up)", "its sides have the labels"),
    (f"sum by (job) (up) or on (job) sum(up) and on (job) {ERROR_1H}", "no label job"),
    (f'{ERROR_1H} and on (slo_id) label_replace(up, "slo_id", "x", "", "") / on (job) sum by (job) (up)', "slo_id"),
    ('sum by (job) (up{job="a"}) / on (job) sum by (job) (up{job="b"})', "another value on each side"),
    (f"{ERROR_1H} and on (slo_id) count without (slo_id) ({ERROR_1H})", "no label slo_id"),
    (f'absent(up{{job="a"}}) and on (slo_id) {ERROR_1H}', "left side has no label slo_id"),
    (f"{ERROR_1H} and on (slo_id) vector(1)", "right side has no label slo_id"),
]


@pytest.mark.parametrize(("expr", "message"), JOINS_THAT_FAIL, ids=[row[0] for row in JOINS_THAT_FAIL])
def test_joins_that_can_never_match_are_refused(expr, message):
    found = _rule_problems(record(), alert(expr))

    assert "can never match" in found
    assert message in found


JOINS_THAT_HOLD = [
    f"{ERROR_1H} > 0.1 and on (slo_id) {ERROR_1H} > 0.1",
    f"{ERROR_1H} and on () sum(up)",
    f"{ERROR_1H} / {ERROR_1H}",
    f"{ERROR_1H} * 2 > scalar(sum(up))",
    "sum(rate(a[5m])) or 0 * sum(rate(b[5m]))",
    "sum by (job) (a) / on (job) group_left (team) b",
    'a / ignoring (le) b{job="x"}',
    f'{ERROR_1H} and on (slo_id) count_values("slo_id", up)',
    "histogram_quantile(0.9, sum by (le, job) (rate(a[5m]))) > on (job) sum by (job) (b)",
    f"max_over_time(({ERROR_1H} > bool 0)[1h:5m]) and on (slo_id) topk(1, {ERROR_1H})",
    "month() == 1 and on () hour(up) > 3",
]


@pytest.mark.parametrize("expr", JOINS_THAT_HOLD)
def test_joins_that_match_pass(expr):
    assert _rule_problems(record(), alert(expr)) == ""


def test_group_labels_count_where_both_sides_keep_them():
    grouped = record(expr='sum by (route) (rate(errors_total{job="api"}[1h]))')
    expr = f"{ERROR_1H} > 0.1 and on (slo_id, route) {ERROR_1H} > 0.1"

    assert _rule_problems(grouped, alert(expr)) == ""
    assert "no label route" in _rule_problems(record(), alert(expr))


def test_labels_are_followed_through_records_of_records():
    second = record("slo:copy:ratio", f"{ERROR_1H} * 1")
    third = record("slo:sum:ratio", 'sum(slo:copy:ratio{slo_id="api-availability"})', labels=())

    found = _rule_problems(record(), second, third, alert(f"{ERROR_1H} and on (slo_id) slo:sum:ratio"))

    assert "right side has no label slo_id" in found


READS = [
    ('slo:gone:ratio{slo_id="api-availability"}', "which no rule records"),
    ('slo:sli_error:ratio_rate1h{slo_id="other"}', "which no rule records"),
    ("slo:sli_error:ratio_rate1h", "without saying whose"),
    ('slo:sli_error:ratio_rate1h{slo_id="api-availability",job="api"}', "by job, a label that series does not have"),
    ('slo:sli_error:ratio_rate1h{slo_id="api-availability",slo="other"}', "which no rule records"),
    ("sum(rate(x[5m])", "does not parse"),
]


@pytest.mark.parametrize(("expr", "message"), READS, ids=[row[1] for row in READS])
def test_rules_read_what_is_written_and_say_whose(expr, message):
    assert message in _rule_problems(record(), alert(expr))


def test_a_rule_stands_after_all_that_it_reads():
    reader = record("slo:burn:ratio", f"{ERROR_1H} / 0.1")

    assert _rule_problems(record(), reader) == ""
    assert "records only after it" in _rule_problems(reader, record())
    past = record("slo:burn:ratio", f"count_over_time({ERROR_1H}[1h:5m] offset 6h)")
    assert _rule_problems(past, record()) == ""


def test_cyclic_rules_are_told_and_do_not_hang():
    one = record("slo:a:x", 'slo:b:x{slo_id="api-availability"}')
    two = record("slo:b:x", 'slo:a:x{slo_id="api-availability"}')

    assert "records only after it" in _rule_problems(one, two)


LIMITS = [
    ((record("errors_ratio"),), "level:metric:operations"),
    ((record(), record()), "two rules record this series"),
    ((record(labels=(("bad-name", "x"),)),), "'bad-name' is no label name"),
    ((record(), alert(f"{ERROR_1H} > 1.2")), "never above 1.2: it cannot fire"),
    ((record(), alert(annotations=(("summary", "{{ $value | nofunc }}"),))), "summary is not a template"),
    ((record(), alert(annotations=(("summary", "{{ if }}"),))), "summary is not a template"),
    ((record(), alert(labels=(("team", "{{ .Labels"),))), "team is not a template"),
    (tuple(record(f"slo:r{i}:x") for i in range(21)), "21 rules, and rulers take 20"),
]


@pytest.mark.parametrize(("rules", "message"), LIMITS, ids=[row[1] for row in LIMITS])
def test_limits_of_prometheus_and_rulers(rules, message):
    assert message in _rule_problems(*rules)


def test_group_names_are_unique_and_no_group_is_empty():
    groups = (RuleGroup("g", (record(),)), RuleGroup("g", (record("slo:b:x"),)), RuleGroup("h", ()))

    found = "\n".join(messages(plan(groups=groups)))

    assert "two groups have this name" in found
    assert "it has no rules" in found


def test_alerts_that_only_their_series_tell_apart_are_a_warning():
    found = verify(made := plan(record(), alert(), alert(f"{ERROR_1H} > 0.5")), render(made))

    assert [problem.severity for problem in found] == [Severity.WARNING]
    assert "two alerts are called ApiBurn" in found[0].message


def test_one_group_too_large_for_an_object_is_told():
    huge = alert(annotations=(("description", "x" * 250_000),))

    assert "larger than 200000 bytes" in _rule_problems(record(), huge)


@pytest.mark.parametrize("service", ["../up", "a/b", ".hidden", "", "a b"])
def test_no_service_name_leads_out_of_the_folder(service):
    made = plan(service=service)

    assert "plain file name" in "\n".join(messages(made))


def test_a_flood_of_problems_is_cut(tmp_path):
    rules = [record(f"slo:r{i}:x", expr="sum(") for i in range(100)]
    made = Plan((RuleFile("api", tuple(RuleGroup(f"g{i}", (rule,)) for i, rule in enumerate(rules))),), ())

    assert len(messages(made)) == MOST


VALUES = st.text(st.sampled_from("ab=~!\"\\{}[](),# \n'`"), max_size=6)


@settings(max_examples=examples(300))
@given(VALUES, st.sampled_from(["=", "!=", "=~"]), st.sampled_from(['"', "'", "`"]))
def test_sharing_trees_between_texts_of_one_shape_never_hides_an_error(value, op, quote):
    """What the shape of a text says about it is what parsing the text itself says."""
    expr = f'sum(x{{a{op}{quote}{value}{quote}}}) + x{{b="1"}}'
    expressions = Expressions.of(plan())
    try:
        whole = _facts_of_the_whole(expr)
    except PromqlSyntaxError:
        with pytest.raises(PromqlSyntaxError):
            list(expressions.reads(expr))
    else:
        assert [(found.read.metric, found.read.equal) for found in expressions.reads(expr)] == whole


def _facts_of_the_whole(expr):
    from promrules.syntax.nodes import selectors  # noqa: PLC0415 - the only test that looks at nodes
    from promrules.syntax.parse import parse  # noqa: PLC0415

    return [
        (
            selector.name or "",
            {m.name: m.value for m in selector.matchers if m.op == "=" and m.name != "__name__"},
        )
        for selector in selectors(parse(expr))
    ]

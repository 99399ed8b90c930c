"""Specs that other generators refuse or spoil, and outputs that they lose: here they compile as they are meant."""

from __future__ import annotations

import json
import re
import resource
from decimal import Decimal

import pytest
import yaml

from burnproof.compile import compile_specs
from burnproof.compile.plan import make_plan
from burnproof.output.verify import verify
from burnproof.rules.types import AlertingRule, RecordingRule
from burnproof.specs.resolve import slos_from_text
from places import ROOT
from promrules.syntax.parse import parse
from promrules.syntax.tokens import PromqlSyntaxError
from simulated import rule_text, slo_of

SPEC = """\
version: burnproof/v1
service: shop
slos:
  - name: availability
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        bad: http_requests_total{job="shop",code=~"5.."}
"""


def rules_of(*slos):
    return [rule for file in make_plan(slos, proofs=False).rules for group in file.groups for rule in group.rules]


@pytest.mark.parametrize(
    "text",
    [
        SPEC.replace("99.9%", "99.9"),
        SPEC.replace("99.9%", '"99.9"'),
        SPEC.replace("version: burnproof/v1", 'version: "burnproof/v1" # the format'),
        SPEC.replace("version:", '"version":'),
        SPEC.replace("\n", "\r\n"),
        SPEC.replace("name: availability", "name: a"),
        "%YAML 1.2\n---\n" + SPEC,
    ],
    ids=["a bare number", "a quoted number", "a comment", "a quoted key", "CRLF", "a name of one letter", "directive"],
)
def test_sloth_recognises_files_by_regex_and_numbers_by_type(text):
    assert slos_from_text("shop.yaml", text).problems == ()


def test_sloth_and_pyrra_write_binary_noise_for_99_9():
    """No rule has a number of more digits than the objective gives it; slo-guard cuts them to six instead."""
    text = rule_text((slo_of(SPEC),))

    assert "0.0144" in text
    assert "0.00099999" not in text
    assert "0.999000000" not in text
    long = rule_text((slo_of(SPEC.replace("99.9%", "99.99375%")),))
    assert str(Decimal("14.4") * Decimal("0.0000625")).rstrip("0") in long


def test_sloth_leaves_labels_off_the_alerts():
    """The user's labels stand on the alert rules themselves, and on no recorded series but the info one."""
    rules = rules_of(slo_of(SPEC.replace("    sli:", "    labels: {tier: gold}\n    sli:")))

    assert all(dict(rule.labels)["tier"] == "gold" for rule in rules if isinstance(rule, AlertingRule))
    recorded = [rule.record for rule in rules if isinstance(rule, RecordingRule) and "tier" in dict(rule.labels)]
    assert recorded == ["slo:info:labels"]


def test_a_label_value_cannot_break_out_of_its_quotes():
    """What Sloth also gets right: values are data, wherever they stand."""
    value = 'a"} or vector(1) #'
    made = rules_of(slo_of(SPEC.replace("    sli:", f"    labels: {{x: '{value}'}}\n    sli:")))

    assert all(dict(rule.labels)["x"] == value for rule in made if isinstance(rule, AlertingRule))
    text = rule_text((slo_of(SPEC.replace("    sli:", f"    labels: {{x: '{value}'}}\n    sli:")),))
    loaded = yaml.safe_load(text)
    assert any(rule["labels"].get("x") == value for group in loaded["groups"] for rule in group["rules"])


def test_sloth_cannot_mix_periods():
    """Each SLO has its own period, calendar units and lengths without a catalog included."""
    text = SPEC + SPEC.partition("slos:\n")[2].replace("availability", "b").replace(
        "    sli:", "    window: 90d\n    sli:"
    )
    text += SPEC.partition("slos:\n")[2].replace("availability", "c").replace("    sli:", "    window: 7d\n    sli:")
    text = text.replace("service: shop", "service: shop\nscrape_interval: 15s", 1)
    slos = [slo_of(text, name) for name in ("availability", "b", "c")]

    assert [str(slo.period.length) for slo in slos] == ["30d", "90d", "7d"]
    assert [str(slo.policy.tiers[0].long) for slo in slos] == ["1h", "3h", "14m"]


@pytest.mark.parametrize("window", ["1d", "7d", "90d"])
def test_slo_guard_and_pyrra_scale_policies_into_nonsense(window):
    """Pyrra makes windows of 0s, slo-guard alerts at 0.033x: windows stay above a minute, burns at 1 or more."""
    slo = slo_of(SPEC.replace("service: shop", f"service: shop\nscrape_interval: 15s\nwindow: {window}"))

    for tier in slo.policy.tiers:
        assert tier.factor >= 1
        assert tier.short.ms >= 60_000
        assert tier.short < tier.long < slo.period.length
    assert len({(tier.long, tier.severity) for tier in slo.policy.tiers}) == 4


def test_slo_guard_holds_alerts_by_for():
    """The Workbook advises against `for` on burn rates, and the default policies have none."""
    rules = rules_of(slo_of(SPEC))

    assert [rule.hold for rule in rules if isinstance(rule, AlertingRule) and "slo_tier" in dict(rule.labels)] == [
        ""
    ] * 4


def test_slo_guard_names_alerts_with_dashes():
    rules = rules_of(slo_of(SPEC.replace("name: availability", "name: read-api_v2")))

    assert {rule.alert for rule in rules if isinstance(rule, AlertingRule)} >= {"ShopReadApiV2BurnRateHigh"}
    assert all(rule.alert.isalnum() for rule in rules if isinstance(rule, AlertingRule))


def test_pyrra_has_alerts_without_a_word():
    """Summary, description with value and threshold, runbook and owner are there by default."""
    text = SPEC.replace("service: shop", "service: shop\nalerting: {runbook: https://example.org/r}\nowner: {team: x}")
    for rule in rules_of(slo_of(text)):
        if isinstance(rule, AlertingRule):
            assert {"summary", "description", "runbook_url", "owner"} <= dict(rule.annotations).keys()


def test_pyrra_drops_the_offset_of_a_selector():
    text = SPEC.replace('"5.."}', '"5.."} offset 5m').replace('job="shop"}\n', 'job="shop"} offset 5m\n')
    raw = [rule.expr for rule in rules_of(slo_of(text)) if "http_requests_total" in rule.expr]

    assert raw
    # Of the selector, or of the steps that read it.
    assert all(expr.count("offset 5m") == expr.count("http_requests_total") for expr in raw)


def test_pyrra_writes_no_rule_for_a_utf8_name():
    """A quoted name is a selector like any other."""
    text = SPEC.replace('http_requests_total{job="shop"', '\'{"http.requests"').replace('"5.."}', '"5.."}\'')
    text = text.replace('"http.requests"}\n', '"http.requests"}\'\n')
    made = rules_of(slo_of(text))

    assert len(made) > 10
    assert any('"http.requests"' in rule.expr for rule in made)


def test_pyrra_refuses_anything_but_selectors():
    """Expressions are welcome as long as $window stands in them."""
    bad = 'sum(rate(http_requests_total{code=~"5.."}[$window])) or vector(0)'
    text = SPEC.replace('http_requests_total{job="shop",code=~"5.."}', f"'{bad}'")

    assert slos_from_text("shop.yaml", text).problems == ()


def test_pyrra_uses_the_first_of_several_documents(tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text("---\n".join(SPEC.replace("service: shop", f"service: {name}") for name in ("a", "b", "c")))

    made = compile_specs([str(path)])

    assert {slo.service for slo in made.slos} == {"a", "b", "c"}
    assert {path for path in made.files if path.startswith("rules/")} == {f"rules/{name}.yaml" for name in "abc"}


def test_slokit_sre_writes_two_groups_keys():
    """However many documents and SLOs: one document per file, one groups key, every group named once."""
    text = SPEC + SPEC.partition("slos:\n")[2].replace("availability", "b")
    written = rule_text(tuple(slos_from_text("x", text).slos))

    assert written.count("\ngroups:") == 1
    assert len(list(yaml.safe_load_all(written))) == 1
    names = [group["name"] for group in yaml.safe_load(written)["groups"]]
    assert len(names) == len(set(names))
    assert all(names)


def test_pyrra_writes_two_absent_alerts_of_one_name():
    """Rules are unique by name and labels over a whole file, and a missing error series is no missing data."""
    text = SPEC.replace('bad: http_requests_total{job="shop",code=~"5.."}', 'bad: http_errors_total{job="shop"}')
    made = rules_of(slo_of(text))
    keys = [(rule.alert if isinstance(rule, AlertingRule) else rule.record, rule.labels) for rule in made]

    assert len(keys) == len(set(keys))
    assert sum(isinstance(rule, AlertingRule) and rule.alert.endswith("NoData") for rule in made) == 1


def test_sloth_writes_broken_rules_for_a_comment_in_a_query():
    query = 'http_requests_total{job="shop",code=~"5.."}'
    text = SPEC.replace(query, f"'sum(rate({query}[$window])) # all of them'")
    raw = [rule.expr for rule in rules_of(slo_of(text)) if "http_requests_total" in rule.expr]

    assert raw
    assert not any("#" in expr for expr in raw)


def test_mimir_refuses_groups_of_more_than_twenty_rules():
    """Each group stays within twenty rules, so an SLO may have six; with its three groups Sloth fits 23 SLOs."""
    groups = [group for file in make_plan([slo_of(SPEC)], proofs=False).rules for group in file.groups]

    assert len(groups) == 6
    assert max(len(group.rules) for group in groups) <= 20


def test_mimirtool_wants_level_metric_operations():
    assert all(rule.record.count(":") == 2 for rule in rules_of(slo_of(SPEC)) if isinstance(rule, RecordingRule))


def test_slokit_sre_joins_alerts_on_labels_that_never_match():
    """What is written is proved to match; with an `and` that cannot, verification says so and nothing is written."""
    slo = slo_of(SPEC)
    plan = make_plan([slo])
    files = {path: text for path, text in compile_files(slo).items() if path.startswith("rules/")}
    assert verify(plan, files, ("rules",)) == ()

    broken = {path: text.replace("and on (slo_id)", "and ignoring (slo_id)") for path, text in files.items()}
    assert broken != files
    assert verify(plan, broken, ("rules",)) != ()


def compile_files(slo):
    return {f"rules/{slo.service}.yaml": rule_text((slo,))}


@pytest.fixture
def generated(tmp_path, burnproof):
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "shop.yaml").write_text(SPEC)
    (tmp_path / "slos" / "cart.yaml").write_text(SPEC.replace("shop", "cart"))
    burnproof("generate", check=0)
    return tmp_path


def tree(folder):
    return {str(path): path.read_bytes() for path in (folder / "generated").rglob("*") if path.is_file()}


def test_sloth_empties_the_output_before_it_finds_a_problem(generated, burnproof):
    """With one bad spec among good ones, no file changes at all."""
    before = tree(generated)
    (generated / "slos" / "cart.yaml").write_text(SPEC.replace("99.9%", "101"))
    (generated / "slos" / "shop.yaml").write_text(SPEC.replace("99.9%", "99%"))

    burnproof("generate", check=1)

    assert tree(generated) == before


def test_pyrra_keeps_the_rules_of_a_deleted_spec(generated, burnproof):
    (generated / "slos" / "cart.yaml").unlink()

    burnproof("generate", check=0)

    assert not any("cart" in path for path in tree(generated))


@pytest.mark.parametrize("path", ["nothing/", "nothing.yaml"])
def test_pyrra_succeeds_without_any_input(generated, burnproof, path):
    burnproof("generate", path, check=2)


def test_pyrra_ships_a_panel_that_does_not_parse():
    """Every query of every panel of slos/ parses, whatever Grafana puts in the place of its variables."""
    made = compile_specs([str(ROOT / "slos")], kinds=("dashboards",))
    boards = [json.loads(text) for path, text in made.files.items() if path.endswith(".json")]
    panels = [panel for board in boards for row in board["panels"] for panel in (row, *row.get("panels", ()))]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]

    assert len(queries) > 100
    for query in queries:
        parse(re.sub(r"\$\{?\w+\}?", lambda found: "5m" if "__" in found[0] else "any", query))
    with pytest.raises(PromqlSyntaxError, match="got matrix"):
        parse('sum(pyrra_requests:rate5m{slo="shop"}[5m])')


def test_pyrra_needs_the_output_folder_to_exist(generated, burnproof):
    burnproof("generate", "-o", "new/deep/folder", check=0)

    assert (generated / "new/deep/folder/rules/shop.yaml").exists()


def test_sloth_keeps_all_files_open(generated, burnproof):
    """Two hundred specs under a limit of 64 open files."""
    for number in range(200):
        text = SPEC.replace("service: shop", f"service: s{number}")
        (generated / "slos" / f"s{number}.yaml").write_text(text)

    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    burnproof("generate", "--only", "rules", preexec_fn=few_files, check=0)

    assert len(list((generated / "generated/rules").iterdir())) == 202


def test_sloth_prints_a_stray_line_and_wraps_errors_six_times(generated, burnproof):
    """Success is silent on stdout; an error is one line with a place, a caret and a hint."""
    assert burnproof("check", "--quiet", check=0).stdout == ""
    (generated / "slos" / "shop.yaml").write_text(SPEC.replace("99.9%", "101"))

    first = burnproof("check", check=1).stdout.splitlines()[0]

    assert first.startswith("slos/shop.yaml:5:16: ")
    assert first.count(": ") <= 3


def test_sloth_reads_no_standard_input_and_has_no_json(tmp_path, burnproof):
    path = tmp_path / "in.yaml"
    path.write_text(SPEC.replace("objective", "objektive"))
    with path.open() as stdin:
        done = burnproof("check", "-", "--format", "json", stdin=stdin, check=1)

    found = json.loads(done.stdout)
    text = json.dumps(found)
    assert "unknown-key" in text
    assert "did you mean 'objective'?" in text


def test_slo_guard_ends_in_a_traceback_for_a_missing_file(burnproof):
    done = burnproof("check", "missing.yaml", check=2)

    assert "missing.yaml" in done.stdout + done.stderr

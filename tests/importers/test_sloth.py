"""Sloth's files in every form: what is written, what is named, what is refused."""

from __future__ import annotations

import pytest
from importing import SLOTH, imported, of_raw, of_sloth

from burnproof.model.quantities import duration

BAD, TOTAL = "sum(rate(bad_total[{{.window}}]))", "sum(rate(all_total[{{.window}}]))"
EVENTS_OF_BOTH = f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}"
OBJECT = """
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata:
  name: shop
  namespace: monitoring
  uid: 1-2-3
  resourceVersion: "17"
spec:
  service: shop
  labels: {team: shop}
  slos:
    - name: availability
      objective: 99.9
      sli:
        events:
          errorQuery: sum(rate(bad_total[{{.window}}]))
          totalQuery: sum(rate(all_total[{{.window}}]))
      alerting:
        name: ShopErrors
        pageAlert: {disable: true}
status: {processedSLOs: 1}
"""
CATALOG = """
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
metadata: {name: fast}
spec:
  sloPeriod: 7d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
"""


def test_an_object_of_kubernetes(tmp_path):
    made = imported(tmp_path, OBJECT)

    assert made.codes == []
    assert made.spec["labels"] == {"team": "shop"}
    assert [tier.severity for tier in made.slos[0].policy.tiers] == ["ticket", "ticket"]


def test_keys_in_the_spelling_of_the_other_form_are_named(tmp_path):
    """Sloth ignores `page_alert` in an object, so that its page is on although it was turned off."""
    made = imported(tmp_path, OBJECT.replace("pageAlert", "page_alert"))

    assert made.codes == ["carried-otherwise"]
    assert "Sloth ignores page_alert here, where it is called pageAlert" in made.messages


def test_a_list_of_kubernetes(tmp_path):
    item = "\n".join(f"    {line}" for line in OBJECT.strip().splitlines())
    made = imported(tmp_path, "apiVersion: v1\nkind: List\nitems:\n  -\n" + item)

    assert made.slo["name"] == "availability"


def test_all_documents_of_a_file_and_all_files_of_a_folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yml").write_text(OBJECT.replace("service: shop", "service: cart"))
    made = imported(tmp_path, f"{OBJECT}---{OBJECT.replace('service: shop', 'service: bank')}")
    every = imported(tmp_path / "deep", OBJECT.replace("service: shop", "service: desk"))

    assert sorted(made.files) == ["bank.yaml", "shop.yaml"]
    assert sorted(every.files) == ["desk.yaml"]


def test_carriage_returns_and_quoted_keys(tmp_path):
    """Sloth tells its files by regular expressions, and takes neither."""
    text = SLOTH.format(
        objective=99.9, sli="raw: {error_ratio_query: 'sum(rate(a[{{.window}}])) / sum(rate(b[{{.window}}]))'}"
    )

    assert imported(tmp_path, text.replace("\n", "\r\n").lstrip()).slo["name"] == "availability"
    assert imported(tmp_path, text.replace("version: prometheus/v1", '"version": "prometheus/v1" # x')).codes == []


def test_a_catalog_of_windows_becomes_a_policy(tmp_path):
    made = imported(tmp_path, f"{CATALOG}---{OBJECT.replace('pageAlert: {disable: true}', 'pageAlert: {}')}")

    assert made.spec["window"] == "7d"
    assert made.spec["policies"][0]["name"] == "fast"
    assert made.spec["policies"][0]["tiers"][0] == {"factor": "13.44", "long": "1h", "short": "5m", "severity": "page"}
    assert made.codes == ["carried-otherwise"]  # 42 % in three days is 0.98 times the budget
    assert made.spec["policies"][0]["tiers"][3]["factor"] == "1"


def test_a_catalog_that_is_not_whole_is_refused(tmp_path):
    made = imported(
        tmp_path, CATALOG.replace("    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}\n", "")
    )

    assert made.codes == ["not-imported"]
    assert "the catalog has no ticket.slow" in made.messages


def test_the_period_of_the_command_line(tmp_path):
    made = of_sloth(tmp_path, BAD, TOTAL, period=duration("28d"))

    assert made.spec["window"] == "28d"
    assert [str(tier.factor) for tier in made.slos[0].policy.tiers] == ["13.44", "5.6", "2.8", "1"]


def test_the_default_windows_need_no_policy(tmp_path):
    made = of_sloth(tmp_path, BAD, TOTAL)

    assert made.codes == []
    assert "policies" not in made.spec
    assert made.slo["alerting"] == {"name": "ShopErrors"}
    assert made.slos[0].policy.name == "google"


def test_no_alerts_are_the_policy_none(tmp_path):
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    made = imported(tmp_path, text + "      page_alert: {disable: true}\n      ticket_alert: {disable: true}\n")

    assert made.slo["alerting"]["policy"] == "none"
    assert made.slos[0].policy.tiers == ()


def test_pages_that_could_never_fire_are_left_out_and_named(tmp_path):
    made = of_sloth(tmp_path, BAD, TOTAL, objective="90")

    assert made.codes == ["not-carried"]
    assert "the page over 1h could never fire at 90%: its threshold is 1.44" in made.messages
    assert [str(tier.long) for tier in made.slos[0].policy.tiers] == ["6h", "1d", "3d"]


KEYS = {
    "time_window: 7d": "has no key 'time_window', so Sloth ignores it",
    "objetive: 99": "was objective meant?",
    "plugins: {chain: [{id: sloth.dev/contrib/info_labels/v1}]}": "the plugin sloth.dev/contrib/info_labels/v1",
    "plugins: {chain: [{id: acme/v1}]}": "it is a program of its own",
    "labels: {severity: x}": "the label severity is burnproof's own",
    "labels: {bad-label: x}": "is no label name",
    "labels: {a: '{{ $labels.x }}'}": "is a template",
}


@pytest.mark.parametrize(("key", "message"), KEYS.items(), ids=KEYS)
def test_what_is_not_carried_over_is_named(tmp_path, key, message):
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    made = imported(tmp_path, text.replace("    sli:", f"    {key}\n    sli:"))

    assert made.codes == ["not-carried"]
    assert message in made.messages
    assert made.files


@pytest.mark.parametrize("plugin", ["sloth.dev/core/debug/v1", "sloth.dev/contrib/denominator_corrected_rules/v1"])
def test_plugins_that_change_nothing_are_not_named(tmp_path, plugin):
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    made = imported(tmp_path, text.replace("    sli:", f"    plugins: {{chain: [{{id: {plugin}}}]}}\n    sli:"))

    assert made.codes == []


QUERIES = {
    "sum(rate(bad_total[{{.window}}])": "does not parse",
    "sum(rate(bad_total[{{.windw}}]))": "has the template {{.windw}}",
    "histogram_share(0.2, rate(a[{{.window}}]))": "does not parse",
    "vector(1)[{{.window}}]": "does not parse",
    "sum(rate(bad_total[5m])) + 0 * sum(rate(bad_total[{{.window}}]))": "would not compile",
    '"{{.window}}"': "is a string",
    "1": "is a scalar",
}


@pytest.mark.parametrize(("query", "message"), QUERIES.items(), ids=QUERIES)
def test_queries_that_cannot_be_carried_over_are_refused(tmp_path, query, message):
    made = of_sloth(tmp_path, query, TOTAL)

    assert made.files == {}
    assert message in made.messages


@pytest.mark.parametrize("objective", ["0", "100", "101", "-1", "abc", '""'])
def test_objectives_that_are_none_are_refused(tmp_path, objective):
    made = of_sloth(tmp_path, BAD, TOTAL, objective=objective)

    assert made.codes == ["not-imported"]


def test_a_bucket_that_is_counted_as_bad_is_named(tmp_path):
    """A common slip: the bucket holds the fast requests."""
    made = of_sloth(
        tmp_path,
        'sum(rate(request_duration_seconds_bucket{le="0.3"}[{{.window}}]))',
        "sum(rate(request_duration_seconds_count[{{.window}}]))",
    )

    assert made.codes == ["carried-otherwise"]
    assert "so the fast ones are bad" in made.messages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OBJECT.replace("PrometheusServiceLevel", "SLO"), "no objects of the kind SLO"),
        ("version: prometheus/v1\nservice: shop\nslos: []\n", "the spec has no slos"),
    ],
)
def test_what_is_no_spec_is_refused(tmp_path, text, message):
    made = imported(tmp_path, text)

    assert made.codes == ["not-imported"]
    assert message in made.messages


def test_one_that_is_refused_stops_no_other(tmp_path):
    second = (
        SLOTH.format(objective=99, sli="plugin: {id: acme}").partition("slos:\n")[2].replace("availability", "other")
    )
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}") + second
    made = imported(tmp_path, text)

    assert made.codes == ["not-imported"]
    assert [slo["name"] for slo in made.spec["slos"]] == ["availability"]


def test_a_second_slo_of_one_name_is_refused(tmp_path):
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    made = imported(tmp_path, text + text.partition("slos:\n")[2])

    assert made.codes == ["not-imported"]
    assert "a second SLO availability; the first is at" in made.messages


def test_runbooks_have_a_key_of_their_own(tmp_path):
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    text += "      annotations: {runbook_url: 'https://example.org/r', hint: 'of {{ $labels.sloth_service }}'}\n"
    alerting = imported(tmp_path, text).slo["alerting"]

    assert alerting["runbook"] == "https://example.org/r"
    assert alerting["annotations"] == {"hint": "of {{ $labels.slo_service }}"}


def test_a_share_without_a_quotient_counts_each_moment_alike(tmp_path):
    made = of_raw(tmp_path, "clamp_max(sum(rate(a[{{.window}}])) / sum(rate(b[{{.window}}])), 0.5)")

    assert made.codes == ["carried-otherwise"]
    assert made.slo["sli"]["ratio"]["total"].startswith("count(")


def test_names_are_made_to_fit_and_named(tmp_path):
    made = of_sloth(tmp_path, BAD, TOTAL)
    text = SLOTH.format(objective=99.9, sli=f"events: {{error_query: '{BAD}', total_query: '{TOTAL}'}}")
    named = imported(tmp_path, text.replace("service: shop", "service: shop.example"))

    assert made.spec["service"] == "shop"
    assert named.spec["service"] == "shop-example"
    assert named.codes == ["carried-otherwise"]


def test_comments_stand_where_they_stood(tmp_path):
    text = """
    # Who may page whom.
    version: prometheus/v1  # of 2021
    service: shop
    slos:
      # The most important one.
      - name: availability # agreed with sales
        # Three nines.
        objective: 99.9
        sli:
          # Only server errors.
          events:
            error_query: |  # with 429
              sum(rate(bad_total[{{.window}}]))
              # no comment of YAML
            total_query: sum(rate(all_total[{{.window}}]))
        alerting:
          name: ShopErrors
    # the end
    """
    made = imported(tmp_path, text.replace("              # no comment of YAML\n", ""))

    lines = made.text.splitlines()
    assert lines[:3] == ["# Who may page whom.", "# of 2021", "# the end"]
    assert "  - name: availability  # agreed with sales" in lines
    assert lines[lines.index("  - name: availability  # agreed with sales") - 1] == "  # The most important one."
    assert lines[lines.index("    objective: 99.9%") - 1] == "    # Three nines."
    assert {"  # Only server errors.", "  # with 429"} <= set(lines)

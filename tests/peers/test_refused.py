"""Specs that other generators accept in silence: here each is a problem, with its code and its place.

Each id names the tool and what it does with the same input; docs/explanation/peers.md lists them.
"""

from __future__ import annotations

import pytest

from burnproof.specs.resolve import slos_from_text

SPEC = """\
version: burnproof/v1
service: shop
scrape_interval: 30s
slos:
  - name: availability
    objective: 99.9%
    sli:
      ratio:
        total: http_requests_total{job="shop"}
        bad: http_requests_total{job="shop",code=~"5.."}
    alerting: {policy: google}
"""
TOTAL = 'total: http_requests_total{job="shop"}'
BAD = 'bad: http_requests_total{job="shop",code=~"5.."}'
OWN = "alerting: {policy: {name: own, tiers: [{factor: %s, long: %s, short: %s, severity: page}]}}"

# id -> what is replaced, by what, the code of the problem and its line.
REFUSED = {
    # Sloth 0.16
    "sloth accepts lables": ("    alerting", "    lables: {a: b}\n    alerting", "unknown-key", 11),
    "sloth accepts objetive": ("objective: 99.9%", "objetive: 99.9", "unknown-key", 6),
    "sloth accepts time_window": ("    sli:", "    time_window: 7d\n    sli:", "unknown-key", 7),
    "sloth accepts page_alert disabled and still pages": (
        "{policy: google}",
        "{page_alert: {disabled: true}}",
        "unknown-key",
        11,
    ),
    "sloth keeps the last of two objectives": (
        "objective: 99.9%",
        "objective: 99.9\n    objective: 95",
        "duplicate-key",
        7,
    ),
    "sloth accepts an objective of 100": ("99.9%", "100", "objective", 6),
    "sloth explains 99,9 as a Go type": ("99.9%", "99,9", "objective", 6),
    "sloth has no place for a syntax error in PromQL": ('code=~"5.."}', 'code=~"5.."', "promql-syntax", 10),
    "sloth reads an unknown variable as no value": (BAD, "bad: sum(rate(errors_total[$windw]))", "promql-window", 10),
    "sloth writes broken rules for a query that is a string": (BAD, "bad: '\"$window\"'", "promql-window", 10),
    "sloth accepts a scalar for a query": (BAD, "bad: scalar(sum(rate(x[$window])))", "promql-type", 10),
    "sloth accepts a fixed range beside the window": (
        BAD,
        "bad: sum(rate(x[5m])) + 0 * sum(rate(y[$window]))",
        "promql-window",
        10,
    ),
    "sloth accepts sums by labels that never match": (
        BAD,
        "bad: sum by (a) (rate(x[$window])) / sum by (b) (rate(y[$window]))",
        "by-label",
        10,
    ),
    "sloth accepts the label bad-label": ("    alerting", "    labels: {bad-label: x}\n    alerting", "label-name", 11),
    "sloth accepts its own id as a label and never alerts": (
        "    alerting",
        "    labels: {slo_id: custom}\n    alerting",
        "reserved-label",
        11,
    ),
    "sloth accepts its own window as a label": (
        "    alerting",
        "    labels: {slo_tier: custom}\n    alerting",
        "reserved-label",
        11,
    ),
    "sloth does not look at alert templates": (
        "{policy: google}",
        '{annotations: {note: "{{ $value | humanizee }}"}}',
        "template",
        11,
    ),
    "sloth accepts a short window longer than the long one": (
        "alerting: {policy: google}",
        OWN % (14.4, "1h", "9h"),
        "tier-windows",
        11,
    ),
    "sloth accepts a factor that can never be reached": (
        "alerting: {policy: google}",
        OWN % (1344, "1h", "5m"),
        "tier-unreachable",
        11,
    ),
    "sloth accepts a window as long as the period": (
        "alerting: {policy: google}",
        OWN % (1, "30d", "6h"),
        "tier-windows",
        11,
    ),
    "sloth never pages for 93%": ("99.9%", "93%", "tier-unreachable", 11),
    "sloth writes nothing for an empty file": (SPEC, "", "empty-file", None),
    # Pyrra
    "pyrra accepts a target of NaN": ("99.9%", "NaN", "objective", 6),
    "pyrra accepts a target of 0": ("99.9%", "0", "objective", 6),
    "pyrra writes a dead page for a target of 90": ("99.9%", "90%", "tier-unreachable", 11),
    "pyrra writes rules for a target of 0.999": ("99.9%", "0.999", "objective", 6),
    "pyrra leaks Go for an empty target": ("objective: 99.9%", "objective:", "empty-value", 6),
    "pyrra reads a month as an unknown unit": ("    sli:", "    window: 1month\n    sli:", "bad-duration", 7),
    "pyrra makes a window of one minute for scrapes of one": (
        "scrape_interval: 30s",
        "scrape_interval: 60s\nwindow: 7d",
        "window-scrapes",
        12,
    ),
    "pyrra writes invalid PromQL for a name with quotes": ("name: availability", "name: 'a \"b\"'", "name", 5),
    "pyrra writes invalid PromQL for a grouping that is no label": (
        "        total:",
        "        by: [not a label]\n        total:",
        "label-name",
        9,
    ),
    "pyrra writes rules for any kind of object": ("version: burnproof/v1", "apiVersion: apps/v1", "version", 1),
    "pyrra ignores the second of two indicators": (
        "    alerting",
        "      threshold: {value: up, op: '==', bound: 1, slice: 1m}\n    alerting",
        "one-of",
        11,
    ),
    "pyrra stops at a tab without naming a line of the file": ("    objective:", "\t objective:", "yaml-tab", 6),
    # slokit-sre, slo-guard, slokit
    "slokit-sre accepts PromQL that does not parse": (BAD, "bad: 'summ(rate(foo{[$window'", "promql-syntax", 10),
    "slokit accepts a function that does not exist": (BAD, "bad: summ(rate(foo[$window]))", "promql-syntax", 10),
    "slokit-sre accepts a fixed range for all windows": (BAD, "bad: sum(rate(foo[5m]))", "promql-window", 10),
    "slokit accepts an unknown field": ("    sli:", "    objektive: 3\n    sli:", "unknown-key", 7),
    "slo-guard writes a threshold above 1": ("99.9%", "90%", "tier-unreachable", 11),
    "slokit only lints an unreachable threshold": ("99.9%", "80%", "tier-unreachable", 11),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    old, new, code, line = REFUSED[name]
    assert old in SPEC
    loaded = slos_from_text("shop.yaml", SPEC.replace(old, new, 1))

    found = [problem for problem in loaded.problems if problem.code == code]
    assert found, loaded.problems
    assert not loaded.ok
    assert [problem.span.line for problem in found if problem.span][:1] == ([line] if line else [1])
    assert found[0].span.file == "shop.yaml"


def test_the_spec_that_these_are_made_from_is_accepted():
    assert slos_from_text("shop.yaml", SPEC).problems == ()


def test_sloth_gives_one_error_at_a_time():
    """All problems of all documents come at once, each at its own line."""
    broken = SPEC.replace("99.9%", "101").replace("alerting", "alertin").replace(TOTAL, "total: 'x{'")
    loaded = slos_from_text("shop.yaml", broken + "---\n" + broken.replace("shop", "cart"))

    assert [(problem.code, problem.span.line) for problem in loaded.problems] == [
        ("objective", 6),
        ("promql-syntax", 9),
        ("unknown-key", 11),
        ("objective", 18),
        ("promql-syntax", 21),
        ("unknown-key", 23),
    ]


def test_sloth_counts_lines_from_the_separator_of_documents():
    """An error in the second document has the line of the file."""
    loaded = slos_from_text("shop.yaml", f"# a comment\n{SPEC}---\n{SPEC.replace('    sli:', '   sli:')}")

    assert [(problem.code, problem.span.line) for problem in loaded.problems] == [("yaml-syntax", 20)]


@pytest.mark.parametrize(
    ("one", "two"), [(("aa-bb", "cc"), ("aa", "bb-cc")), (("shop", "api"), ("shop", "api"))], ids=["parts", "whole"]
)
def test_sloth_and_pyrra_write_two_slos_of_one_id(tmp_path, burnproof, one, two):
    """Also over several files, in every command."""
    for name, (service, slo) in (("a", one), ("b", two)):
        text = SPEC.replace("service: shop", f"service: {service}").replace("name: availability", f"name: {slo}")
        (tmp_path / f"{name}.yaml").write_text(text)

    done = burnproof("generate", "a.yaml", "b.yaml", check=1)

    assert "[duplicate-id]" in done.stderr
    assert "a.yaml:5" in done.stderr
    assert "b.yaml:5" in done.stderr
    assert not (tmp_path / "generated").exists()

"""``burnproof diff``: what a change of the specs means for the pager."""

from __future__ import annotations

import json
import subprocess

import pytest

from burnproof.lab.difference import differences
from burnproof.lab.difference_formats import MARKER, as_markdown
from burnproof.specs.resolve import read_slos
from places import PATIENCE

SPEC = """\
version: burnproof/v1
service: shop
owner: {team: checkout}
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="shop"}', bad: 'requests_total{job="shop",code=~"5.."}'}}
"""


def slos(tmp_path, text, name="shop.yaml"):
    path = tmp_path / name
    path.write_text(text)
    return read_slos([str(path)]).slos


def changed(tmp_path, old, new):
    found = differences(slos(tmp_path, SPEC), slos(tmp_path, SPEC.replace(old, new)))
    return {(change.subject, change.what): (change.old, change.new, change.warns) for change in found}


def test_the_same_specs_differ_in_nothing(tmp_path):
    assert differences(slos(tmp_path, SPEC), slos(tmp_path, "# a comment\n" + SPEC)) == ()


def test_a_higher_objective_changes_thresholds_and_times(tmp_path):
    found = changed(tmp_path, "99.9%", "99.99%")

    assert found["SLO", "objective"] == ("99.9% over 30d", "99.99% over 30d", False)
    assert found["page 1h", "threshold"] == ("above 1.44%", "above 0.144%", False)
    # 14.4 times 0.0001 of an hour, all of it bad: 5.184 s.
    assert found["page 1h", "detection of a total outage"] == ("52s", "5.2s", False)


@pytest.mark.parametrize(
    ("old", "new", "subject", "what"),
    [
        ("team: checkout", "team: payments", "ShopAvailabilityBurnRateHigh", "label team"),
        ("objective: 99.9%", "objective: 99.9%\n    alerting: {name: ShopDown}", "ShopDown", "name of an alert is new"),
        ("objective: 99.9%", "objective: 99.9%\n    alerting: {policy: google-3}", "ticket 1d", "alert removed"),
        ("name: availability", "name: uptime", "SLO", "removed"),
        ("total: 'requests_total{job=\"shop\"}'", "total: 'requests_total{job=\"store\"}'", "SLO", "queries"),
    ],
)
def test_what_silences_and_routes_match_is_named(tmp_path, old, new, subject, what):
    assert (subject, what) in changed(tmp_path, old, new)


def test_what_may_break_silences_is_marked(tmp_path):
    found = changed(tmp_path, "team: checkout", "team: payments")

    assert found["ShopAvailabilityBurnRateHigh", "label team"] == ("checkout", "payments", True)
    assert ":warning:" in as_markdown(
        differences(slos(tmp_path, SPEC), slos(tmp_path, SPEC.replace("checkout", "pay")))
    )


def test_folders_and_revisions_are_compared(burnproof, tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments],
            cwd=tmp_path,
            check=True,
            timeout=PATIENCE,
        )

    (tmp_path / "slos").mkdir()
    slos(tmp_path / "slos", SPEC)
    git("init", "-q", "-b", "main")
    git("add", "slos")
    git("commit", "-qm", "one")
    assert "Nothing changes" in burnproof("diff", "main", cwd=tmp_path, check=0).stdout

    slos(tmp_path / "slos", SPEC.replace("99.9%", "99.5%"))
    done = burnproof("diff", "main", "--format", "json", cwd=tmp_path, check=1)
    assert json.loads(done.stdout)["schema"] == "burnproof/diff/v1"
    assert MARKER in burnproof("diff", "main", "slos", "--format", "md", cwd=tmp_path, check=1).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("nowhere",), "neither a path nor a git revision"), (("-x",), "No such option"), (("broken",), "has errors")],
)
def test_what_cannot_be_compared_is_said(burnproof, tmp_path, arguments, said):
    (tmp_path / "slos").mkdir()
    slos(tmp_path / "slos", SPEC)
    (tmp_path / "broken").mkdir()
    slos(tmp_path / "broken", SPEC.replace("objective", "objektive"))

    done = burnproof("diff", *arguments, cwd=tmp_path, check=2)

    assert said in done.stderr
    assert "Traceback" not in done.stderr

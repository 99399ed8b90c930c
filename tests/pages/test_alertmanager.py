"""Routes and inhibitions: what they say, that amtool takes them, and what a real Alertmanager does with them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import yaml
from pagecases import MINIMAL

from burnproof.output.render import SHIPPED
from burnproof.pages.alertmanager import EXTERNAL

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
from liveservers import free_port, program, running

from places import PATIENCE, eventually

LEVELS = """\
version: burnproof/v1
service: api
owner: {team: api-team}
slos:
  - name: availability
    objective: 99.9%
    levels: [{name: critical, objective: 99%}]
    sli: {ratio: {total: 'requests_total{job="api"}', bad: 'requests_total{job="api",code=~"5.."}'}}
"""


def config(made, name="alertmanager"):
    return yaml.safe_load(made.files[f"alertmanager/{name}.yaml"])


def amtool(*arguments):
    if shutil.which("amtool") is None:
        pytest.skip("no amtool on the PATH")
    return subprocess.run(
        ["amtool", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def test_teams_are_receivers_and_the_rest_is_unowned(made):
    found = config(made)

    assert [one["name"] for one in found["receivers"]] == ["unowned", "platform-team", "shop-team"]
    assert found["route"]["receiver"] == "unowned"
    assert [(one.get("receiver"), one["matchers"]) for one in found["route"]["routes"]] == [
        ("platform-team", ['team="platform-team"', 'slo_id!=""']),
        ("shop-team", ['team="shop-team"', 'slo_id!=""']),
        (None, ['severity=~"page"', 'slo_id!=""']),
    ]


def test_a_page_silences_the_tickets_of_its_slo_and_group_alone(made):
    assert config(made)["inhibit_rules"] == [
        {
            "source_matchers": ['severity="page"', 'slo_id!=""', 'slo_tier!=""'],
            "target_matchers": ['severity="ticket"', 'slo_id!=""', 'slo_tier!=""'],
            "equal": ["slo_service", "slo", "slo_id", *sorted((*EXTERNAL, "product", "route"))],
        }
    ]


def test_labels_that_tell_environments_apart_are_equal_where_an_alert_silences_another(compiled):
    text = MINIMAL.replace("service:", "external_labels: [zone, cluster]\nlabels: {product: x}\nservice:")

    found = config(compiled(text))

    same = sorted({*EXTERNAL, "product", "zone"})
    assert found["inhibit_rules"][0]["equal"] == ["slo_service", "slo", "slo_id", *same]
    assert found["route"]["group_by"] == ["slo_service", "slo", "slo_id", *same]


def test_policies_that_disagree_on_severities_each_speak_for_their_own(compiled):
    tier = "{{factor: {}, long: {}, short: {}, severity: {}}}"
    strange = ", ".join([tier.format(10, "1h", "5m", "ticket"), tier.format(2, "6h", "30m", "page")])
    text = MINIMAL + MINIMAL.partition("slos:\n")[2].replace("availability", "odd")
    text += f"    alerting: {{policy: {{name: strange, tiers: [{strange}]}}}}\n"

    rules = config(compiled(text))["inhibit_rules"]

    assert [(rule["source_matchers"][:2], rule["target_matchers"][0]) for rule in rules] == [
        (['severity="page"', 'slo_id=~"api\\-availability"'], 'severity="ticket"'),
        (['severity="ticket"', 'slo_id=~"api\\-odd"'], 'severity="page"'),
    ]


def test_the_level_that_is_broken_last_silences_the_other_but_no_ticket_a_page(compiled):
    rules = config(compiled(LEVELS))["inhibit_rules"][1:]

    assert [(rule["source_matchers"][:2], rule["target_matchers"][:2]) for rule in rules] == [
        (['slo_level="critical"', 'severity="page"'], ['slo_level="target"', 'severity=~"page|ticket"']),
        (['slo_level="critical"', 'severity="ticket"'], ['slo_level="target"', 'severity=~"ticket"']),
    ]
    assert rules[0]["equal"] == ["slo_service", "slo", *EXTERNAL]


APART = """\
  - name: fast
    objective: 99%
    levels: [{name: critical, at_most: 1s, objective: 99.9%}]
    sli: {latency: {histogram: request_seconds, at_most: 250ms}}
"""


def test_levels_of_which_neither_implies_the_other_silence_nothing(compiled):
    alone = LEVELS.partition("  - name")[0] + APART
    rules = config(compiled(alone))["inhibit_rules"]

    assert [rule["source_matchers"] for rule in rules if "slo_level" in str(rule)] == []


def test_another_slo_whose_levels_are_apart_is_not_silenced_by_level_names_alone(compiled):
    rules = config(compiled(LEVELS + APART))["inhibit_rules"]

    sources = [rule["source_matchers"] for rule in rules if "slo_level" in str(rule)]
    assert len(sources) == 2
    assert [source[2] for source in sources] == ['slo_id=~"api\\\\-availability\\\\-critical"'] * 2


@pytest.mark.parametrize(
    ("sli", "level", "silences"),
    [
        ("latency: {histogram: h, at_most: 250ms}", "at_most: 1s", True),
        ("latency: {histogram: h, at_most: 250ms}", "at_most: 1s, objective: 98%", True),
        ("latency: {histogram: h, at_most: 250ms}", "at_most: 100ms, objective: 98%", False),
        ("threshold: {value: v, op: '>', bound: 5, slice: 5m}", "bound: 3", True),
        ("threshold: {value: v, op: '>', bound: 5, slice: 5m}", "bound: 7, objective: 98%", False),
        ("threshold: {value: v, op: '!=', bound: 5, slice: 5m}", "bound: 3", False),
    ],
)
def test_a_level_silences_what_its_breach_implies(compiled, sli, level, silences):
    text = f"version: burnproof/v1\nservice: api\nslos: [{{name: x, objective: 99%, sli: {{{sli}}}, "
    rules = config(compiled(f"{text}levels: [{{name: other, {level}}}]}}]\n"))["inhibit_rules"]

    assert any("slo_level" in str(rule) for rule in rules) is silences


def test_a_team_may_be_called_unowned_or_hold_quotes(compiled, tmp_path):
    text = MINIMAL.replace("slos:", "owner: {team: 'un\"owned\\\\ #1'}\nslos:", 1)
    more = text.replace("service: api", "service: web").replace('un"owned\\\\ #1', "unowned")
    made = compiled(f"{text}---\n{more}")
    names = [one["name"] for one in config(made)["receivers"]]

    assert names == ["unowned-", 'un"owned\\\\ #1', "unowned"]
    whole = tmp_path / "am.yaml"
    whole.write_text(made.files["alertmanager/alertmanager.yaml"])
    assert amtool("check-config", whole).returncode == 0
    routed = amtool(
        "config", "routes", "test", f"--config.file={whole}", 'team="un\\"owned\\\\\\\\ #1"', "slo_id=api-x"
    )
    assert routed.stdout.strip() == 'un"owned\\\\ #1'


def test_amtool_takes_the_whole_configuration_and_routes_by_owner(made, tmp_path):
    whole = tmp_path / "am.yaml"
    whole.write_text(made.files["alertmanager/alertmanager.yaml"])

    checked = amtool("check-config", whole)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    def receiver(*labels):
        return amtool("config", "routes", "test", f"--config.file={whole}", *labels).stdout.strip()

    assert receiver("team=shop-team", "slo_id=shop-fast", "severity=page") == "shop-team"
    assert receiver("team=platform-team", "slo_id=shop-keeps-up", "severity=ticket") == "platform-team"
    assert receiver("slo_id=other", "severity=page") == "unowned"
    assert receiver("team=shop-team") == "unowned", "an alert that is not burnproof's is no business of this route"


def test_the_fragment_joins_a_configuration_of_ones_own(made, tmp_path):
    part = config(made, "fragment")
    own = {
        "route": {"receiver": "mine", "routes": [part["route"]]},
        "inhibit_rules": part["inhibit_rules"],
        "receivers": [{"name": "mine"}, *part["receivers"]],
    }
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(own))

    assert amtool("check-config", path).returncode == 0
    assert amtool("config", "routes", "test", f"--config.file={path}", "alertname=Other").stdout.strip() == "mine"
    routed = amtool("config", "routes", "test", f"--config.file={path}", "team=shop-team", "slo_id=x")
    assert routed.stdout.strip() == "shop-team"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"severity=~"', '"severity=~"'), None),
        (("equal:", "equal: # none\n      - nonsense"), "inhibit_rules[0].equal"),
        (("receiver: {{ route.team | scalar }}", "receiver: unowned"), "route.routes[0].receiver"),
        (
            ("  - name: {{ name | scalar }}", "  - name: {{ name | scalar }}\n    webhook_configs: [{url: http://x}]"),
            None,
        ),
    ],
)
def test_a_template_may_give_addresses_and_not_change_who_is_told(compiled, tmp_path, change, said):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "alertmanager.yaml.j2").write_text((SHIPPED / "alertmanager.yaml.j2").read_text().replace(*change))

    problems = compiled(LEVELS, templates=folder).problems

    if said is None:
        assert problems == ()
    else:
        assert said in problems[0].message


@contextmanager
def webhook():
    """Listen for notifications; give (url, those that came)."""
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", came
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


def quick(node, url):
    """Shorten waits and give every receiver an address; what is told to whom stays."""
    if isinstance(node, dict):
        made = {key: quick(value, url) for key, value in node.items()}
        if "group_wait" in made:
            made |= {"group_wait": "1s", "group_interval": "1s"}
        if set(made) == {"name"}:
            made["webhook_configs"] = [{"url": url + made["name"], "send_resolved": False}]
        return made
    return [quick(item, url) for item in node] if isinstance(node, list) else node


def alert(name, severity, slo="availability", tier="", **more):
    labels = {
        "alertname": name,
        "severity": severity,
        "slo": slo,
        "slo_id": f"shop-{slo}",
        "slo_service": "shop",
        "team": "shop-team",
        **({"slo_tier": tier} if tier else {}),
        **more,
    }
    return {"labels": labels, "annotations": {"summary": f"{name} {severity}"}}


@pytest.mark.live
def test_where_page_and_ticket_fire_one_notification_comes(made, tmp_path):
    """A page and the ticket of the same group fire: the page alone arrives; what it does not speak for arrives too."""
    with webhook() as (url, came):
        path = tmp_path / "am.yaml"
        path.write_text(yaml.safe_dump(quick(config(made), url)))
        port = free_port()
        command = [
            program("alertmanager"),
            f"--config.file={path}",
            f"--storage.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]
        with running(command, port, tmp_path) as server:
            alerts = [
                alert("Burn", "page", tier="1h", route="/buy"),
                alert("Burn", "ticket", tier="3d", route="/buy"),
                alert("Burn", "ticket", tier="3d", route="/look"),
                alert("NoData", "ticket"),
                alert("BudgetLow", "ticket", route="/buy", slo_budget_below="25%"),
                alert("Burn", "ticket", slo="fast", tier="3d"),
                alert("Burn", "page", slo="other", tier="1h", cluster="staging"),
                alert("Burn", "ticket", slo="other", tier="3d", cluster="staging"),
                alert("Burn", "ticket", slo="other", tier="3d", cluster="production"),
            ]
            requests.post(f"{server.url}/api/v2/alerts", json=alerts, timeout=PATIENCE).raise_for_status()
            eventually(lambda: len(told(came)) >= 7)
            time.sleep(3)

    assert told(came) == {
        ("page", "Burn", "availability", "/buy"),
        ("ticket", "Burn", "availability", "/look"),
        ("ticket", "NoData", "availability", ""),
        ("ticket", "BudgetLow", "availability", "/buy"),
        ("ticket", "Burn", "fast", ""),
        ("page", "Burn", "other", ""),
        ("ticket", "Burn", "other", ""),
    }
    other = {(a["labels"]["severity"], a["labels"]["cluster"]) for a in sent(came) if a["labels"]["slo"] == "other"}
    assert other == {("page", "staging"), ("ticket", "production")}, "a page silences tickets of its environment alone"
    assert {one["receiver"] for one in came} == {"shop-team"}
    burning = [one for one in came for a in one["alerts"] if a["labels"].get("slo_tier") and "buy" in str(a["labels"])]
    assert len(burning) == 1, "two alerts fired for /buy, and one notification came"


def sent(came):
    return [found for one in list(came) for found in one["alerts"]]


def told(came):
    """What was notified: severity, alert, SLO, group."""
    return {
        (labels["severity"], labels["alertname"], labels["slo"], labels.get("route", ""))
        for found in sent(came)
        for labels in (found["labels"],)
    }

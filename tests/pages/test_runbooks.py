"""Runbooks say in numbers what an alert means, and alerts lead to them."""

from __future__ import annotations

import yaml
from pagecases import MINIMAL


def part(made, name, service="shop"):
    text = made.files[f"runbooks/{service}.md"]
    return text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def rules(made, service="shop"):
    """Give the service's rules, of all files that they are split into."""
    texts = [text for path, text in made.files.items() if path.startswith(f"rules/{service}")]
    return [rule for text in texts for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def test_the_arithmetic_of_alerts_is_that_of_the_workbook(compiled):
    """99.9 % over 30 days: the figures of the SRE Workbook, chapter 5, for a full outage; alerts are kept 5 minutes.

    A day and three days end with a tile of a minute.
    """
    lines = part(compiled(MINIMAL), "availability", "api").splitlines()

    assert [line for line in lines if line.startswith(("| page", "| ticket"))] == [
        "| page | error ratio over 1h and 5m is above 1.44% (14.4x) | 52s | 2% | 9m56s |",
        "| page | error ratio over 6h and 30m is above 0.6% (6x) | 2m10s | 5% | 34m50s |",
        "| ticket | error ratio over 1d and 2h is above 0.3% (3x) | 4m20s, up to 1m later | 10% | 2h4m39s |",
        "| ticket | error ratio over 3d and 6h is above 0.1% (1x) | 4m20s, up to 1m later | 10% | 6h4m39s |",
    ]
    assert "- **Error budget:** 0.1% of 30d, or 43.2 min of full outage" in lines


def test_a_runbook_holds_owner_journeys_remediation_and_policy(made):
    text = part(made, "availability")

    for line in (
        "- **Promise:** 99.5% of events over 30d",
        "- **Journey:** Buy a thing \\| at once",
        "- **Owner:** shop-team, \\#shop",
        "- **Judged for each:** route",
        "Roll back, or add \\*replicas\\*",
        "| less than 25% left | freeze releases | ShopAvailabilityBudgetLow (ticket) |",
        "| nothing left | all hands on reliability | ShopAvailabilityBudgetLow (page) |",
    ):
        assert line in text.splitlines()
    assert "Owner: shop-team, \\#shop; platform-team" in made.files["runbooks/shop.md"]


def test_a_count_is_explained_as_one(made):
    text = part(made, "restarts")

    assert "| ticket | 4 events were counted in 1d |" in text
    assert "full outage" not in text
    assert "- **Promise:** fewer than 4 in 1d" in text


def test_alerts_lead_to_the_runbook_unless_they_have_their_own(made):
    links = {
        rule["labels"]["slo_tier"] + rule["alert"]: rule["annotations"]["runbook_url"]
        for rule in rules(made)
        if "slo_tier" in rule.get("labels", {})
    }

    assert links["1hShopFastBurnRateHigh"] == "https://runbooks.example.org/slo/shop.md#fast"
    assert links["1dShopRestartsBurnRateHigh"] == "https://elsewhere.example.org/restarts"
    dashboards = {rule["annotations"]["dashboard_url"] for rule in rules(made) if "alert" in rule}
    assert dashboards == {"https://grafana.example.org/d/slo-shop"}


def test_without_a_base_nothing_is_linked(compiled):
    made = compiled(MINIMAL)

    assert all("runbook_url" not in rule["annotations"] for rule in rules(made, "api") if "alert" in rule)


def test_users_texts_stay_texts(compiled):
    """Markdown, HTML and tables in a user's words are shown, not obeyed."""
    evil = "a | b <script>x</script> `c` [d](e) **f**"
    text = MINIMAL + f"    remediation: '{evil}'\n    description: '# {evil}'\n"
    page = part(compiled(text), "availability", "api")

    assert "a \\| b \\<script\\>x\\</script\\> \\`c\\` \\[d\\](e) \\*\\*f\\*\\*" in page
    assert "- **What:** \\# a" in page

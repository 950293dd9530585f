"""docs/alerts.yml and docs/grafana.json speak of what /metrics has, and of nothing else."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from maild.store.beats import Pulse
from maild.store.vitals import Vitals
from maild.watch.http import metrics
from tests.watch.test_health import ILL, State

DOCS = Path(__file__).parents[2] / "docs"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVERYTHING = State(NOW, Vitals(pulse=Pulse(timedelta(seconds=40))), 1, fetched_at={"a": NOW})
HAD = set(re.findall(r"^# HELP (\w+)", metrics(EVERYTHING), re.MULTILINE))
NAME = re.compile(r"\b(?:maild|process)_\w+\b")


def rules() -> list[dict[str, Any]]:
    (group,) = YAML(typ="safe").load(DOCS / "alerts.yml")["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DOCS / "grafana.json").read_text())["panels"]
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    named = set(NAME.findall(rule["expr"]))
    assert named
    assert named <= HAD
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"]
    manual = (DOCS / "operator.md").read_text()
    assert f"`{rule['alert']}`" in manual


def test_what_is_compared_is_of_one_site() -> None:
    """Two sites have versions of rules of their own: with both at one Prometheus they always differed."""
    compared = [rule["expr"] for rule in rules() if "max" in rule["expr"]]
    assert compared == ["max by (job) (maild_ruleset_version) - min by (job) (maild_ruleset_version) > 0"]


def test_one_of_several_daemons_that_is_gone_is_told() -> None:
    """`absent` alone says nothing while another one answers."""
    (down,) = [rule["expr"] for rule in rules() if rule["alert"] == "MaildDown"]
    assert down == "absent(maild_healthy) or (last_over_time(maild_healthy[1d]) unless maild_healthy)"


def test_every_command_that_an_alert_names_is_one() -> None:
    from maild.cli import VERBS

    text = (DOCS / "alerts.yml").read_text()
    assert set(re.findall(r"`maild (\w+)", text)) <= set(VERBS)


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_a_panel_draws_what_there_is(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        named = set(NAME.findall(target["expr"]))
        assert named
        assert named <= HAD


def test_everything_of_ours_that_is_measured_is_drawn() -> None:
    drawn = {name for panel in panels() for target in panel["targets"] for name in NAME.findall(target["expr"])}
    assert {name for name in HAD if name.startswith("maild_")} - drawn == set()


def test_panels_do_not_lie_on_each_other() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(places)


def test_whatever_makes_healthz_say_no_is_alerted_by_one_rule_at_least() -> None:
    unhealthy = [rule for rule in rules() if rule["expr"] == "maild_healthy == 0"]
    assert len(unhealthy) == 1
    assert all("maild_healthy 0.0" in metrics(state) for state in ILL.values())

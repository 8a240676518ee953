"""Prometheus and Grafana match the addresses of the store, and each alert has its runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from subgraphs.kit.settings import SUBGRAPHS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
GRAFANA = DEPLOY / "grafana"
RULES, RULES_TEST = DEPLOY / "alerts.yml", Path(__file__).parent / "alerts_test.yml"
PROMTOOL = shutil.which("promtool")

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (apt install prometheus)")


@pytest.fixture(scope="session")
def configuration() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    return parsed


@pytest.fixture(scope="session")
def jobs(configuration: dict[str, Any]) -> dict[str, Any]:
    return {job["job_name"]: job for job in configuration["scrape_configs"]}


@pytest.fixture(scope="session")
def alerts() -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


@pytest.fixture(scope="session")
def dashboards() -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted((GRAFANA / "dashboards").glob("*.json"))]


def test_prometheus_scrapes_the_router_every_subgraph_and_the_auditor(
    jobs: dict[str, Any], services: dict[str, Any], commands: Any
) -> None:
    ports = {name: commands[name][2] for name in SUBGRAPHS}
    metrics = services["router"]["environment"]["ROUTER_METRICS_LISTEN"].rpartition(":")[2]
    action, _, every, port, _ = commands["auditor"]

    assert jobs["subgraphs"]["static_configs"] == [{"targets": [f"{n}:{p}" for n, p in ports.items()]}]
    assert jobs["live"]["dns_sd_configs"] == [{"names": ["live"], "type": "A", "port": commands["live"][1]}]
    assert jobs["router"]["static_configs"] == [{"targets": [f"router:{metrics}"]}]
    assert (action, every) == ("watch", 300)
    assert jobs["auditor"]["static_configs"] == [{"targets": [f"auditor:{port}"]}]
    assert all(job.get("metrics_path", "/metrics") == "/metrics" for job in jobs.values())


def test_samples_are_labelled_with_their_subgraph(jobs: dict[str, Any]) -> None:
    (rule,) = jobs["subgraphs"]["relabel_configs"]
    (addresses,) = jobs["subgraphs"]["static_configs"]

    assert (rule["source_labels"], rule["target_label"]) == (["__address__"], "subgraph")
    found = [re.fullmatch(rule["regex"], address) for address in addresses["targets"]]
    assert [one and one[1] for one in found] == list(SUBGRAPHS)


def test_prometheus_finds_its_alerts(configuration: dict[str, Any], services: dict[str, Any]) -> None:
    mounted = {v.split(":")[1]: v.split(":")[0] for v in services["prometheus"]["volumes"]}

    assert [mounted[file] for file in configuration["rule_files"]] == ["./deploy/alerts.yml"]


def test_grafana_finds_its_data_source_and_dashboards(
    dashboards: list[dict[str, Any]], services: dict[str, Any]
) -> None:
    provisioning = GRAFANA / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "store.yml").read_text())["providers"]
    mounted = {v.split(":")[1]: v.split(":")[0] for v in services["grafana"]["volumes"]}

    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for one in dashboards for panel in one["panels"]} == {source["uid"]}
    assert [one["title"] for one in dashboards] == ["Checkout", "Flash sale", "Machine", "Supergraph"]
    assert len({one["uid"] for one in dashboards}) == 4
    assert mounted[provider["options"]["path"]] == "./deploy/grafana/dashboards"
    assert mounted["/etc/grafana/provisioning"] == "./deploy/grafana/provisioning"


def test_every_alert_says_how_urgent_it_is_and_has_a_runbook(alerts: dict[str, dict[str, Any]]) -> None:
    headings = re.findall(r"^### (.+)$", (ROOT / "docs" / "operate.md").read_text(), re.M)
    anchors = {f"docs/operate.md#{heading.lower()}" for heading in headings}

    assert {alert["labels"]["severity"] for alert in alerts.values()} == {"page", "ticket"}
    assert {alert["annotations"]["runbook"] for alert in alerts.values()} <= anchors


def test_every_alert_is_shown_to_fire_and_to_be_silent(alerts: dict[str, Any]) -> None:
    cases = yaml.safe_load(RULES_TEST.read_text())["tests"]
    tests = [one for case in cases for one in case["alert_rule_test"]]

    assert {one["alertname"] for one in tests if one.get("exp_alerts")} == set(alerts)
    assert {one["alertname"] for one in tests if not one.get("exp_alerts")} == set(alerts)


@needs_promtool
@pytest.mark.parametrize("arguments", [("check", "rules", RULES), ("test", "rules", RULES_TEST)], ids=lambda a: a[0])
def test_promtool_accepts_the_alerts_and_their_tests(arguments: tuple[Any, ...]) -> None:
    assert PROMTOOL is not None
    ran = subprocess.run([PROMTOOL, *map(str, arguments)], capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr

"""Prometheus and Grafana match the metrics and addresses of the store."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from subgraphs.kit import telemetry
from subgraphs.kit.settings import SUBGRAPHS

DEPLOY = Path(__file__).parents[2] / "deploy"
GRAFANA = DEPLOY / "grafana"
# Metrics of Apollo Router and of Prometheus itself.
FOREIGN = {"http_server_request_duration_seconds_count", "http_server_request_duration_seconds_bucket", "up"}

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


@pytest.fixture(scope="session")
def jobs() -> dict[str, Any]:
    configuration = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    return {job["job_name"]: job for job in configuration["scrape_configs"]}


@pytest.fixture(scope="session")
def dashboard() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "store.json").read_text())
    return content


def expressions(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def test_prometheus_scrapes_the_router_and_every_subgraph(
    jobs: dict[str, Any], services: dict[str, Any], commands: Any
) -> None:
    ports = {name: commands[name][2] for name in SUBGRAPHS}
    metrics = services["router"]["environment"]["ROUTER_METRICS_LISTEN"].rpartition(":")[2]

    assert jobs["subgraphs"]["static_configs"] == [{"targets": [f"{n}:{p}" for n, p in ports.items()]}]
    assert jobs["live"]["dns_sd_configs"] == [{"names": ["live"], "type": "A", "port": commands["live"][1]}]
    assert jobs["router"]["static_configs"] == [{"targets": [f"router:{metrics}"]}]
    assert all(job.get("metrics_path", "/metrics") == "/metrics" for job in jobs.values())


def test_samples_are_labelled_with_their_subgraph(jobs: dict[str, Any]) -> None:
    (rule,) = jobs["subgraphs"]["relabel_configs"]
    (addresses,) = jobs["subgraphs"]["static_configs"]

    assert (rule["source_labels"], rule["target_label"]) == (["__address__"], "subgraph")
    found = [re.fullmatch(rule["regex"], address) for address in addresses["targets"]]
    assert [one and one[1] for one in found] == list(SUBGRAPHS)


def test_the_dashboard_uses_metrics_that_exist(dashboard: dict[str, Any]) -> None:
    known = {f"{m.name}{suffix}" for m in REGISTRY.collect() for suffix in SUFFIXES.get(m.type, ())}
    asked = {
        name
        for expression in expressions(dashboard)
        for name in re.findall(r"\b(?:steampunk|http_server)_\w+|\bup\b", expression)
    }

    assert asked - FOREIGN <= known
    assert all(re.search(r"steampunk_|http_server_|\bup\b", expression) for expression in expressions(dashboard))


def test_the_dashboard_groups_by_labels_that_exist(dashboard: dict[str, Any]) -> None:
    own = {label for name in vars(telemetry).values() for label in getattr(name, "_labelnames", ())}
    known = own | {"le", "subgraph", "job", "http_response_status_code"}

    for expression in expressions(dashboard):
        for labels in re.findall(r"by \(([^)]*)\)", expression):
            assert set(labels.split(", ")) <= known


def test_grafana_finds_its_data_source_and_dashboards(dashboard: dict[str, Any], services: dict[str, Any]) -> None:
    provisioning = GRAFANA / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "store.yml").read_text())["providers"]
    mounted = {v.split(":")[1]: v.split(":")[0] for v in services["grafana"]["volumes"]}

    assert source["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
    assert mounted[provider["options"]["path"]] == "./deploy/grafana/dashboards"
    assert mounted["/etc/grafana/provisioning"] == "./deploy/grafana/provisioning"

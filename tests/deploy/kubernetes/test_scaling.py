"""Production has several of each, apart from each other, and as many as the load needs."""

import re
from pathlib import Path

import yaml

from subgraphs.contracts.payment import PaymentPaid
from subgraphs.kit.settings import SUBGRAPHS
from tests.deploy.kubernetes.manifests import NAME, Manifests

ROOT = Path(__file__).parents[3]
SCALED = {*SUBGRAPHS, "router"}


def test_a_small_store_has_one_of_each(small: Manifests) -> None:
    assert not small.of("HorizontalPodAutoscaler")
    assert not small.of("PodDisruptionBudget")
    assert {one["spec"].get("replicas", 1) for one in small.of("Deployment").values()} == {1}


def test_all_that_clients_wait_for_scales_with_its_processors(production: Manifests) -> None:
    scalers = production.of("HorizontalPodAutoscaler")
    assert set(scalers) == SCALED
    for name, scaler in scalers.items():
        spec = scaler["spec"]
        assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        assert 2 <= spec["minReplicas"] < spec["maxReplicas"]
        assert "replicas" not in production.of("Deployment")[name]["spec"], "applying it would undo the scaling"
        assert spec["metrics"][0]["resource"]["name"] == "cpu"


def test_queues_scale_those_who_work_on_them(production: Manifests) -> None:
    found = {
        (name, metric["type"], metric[metric["type"].lower()]["metric"]["name"])
        for name, scaler in production.of("HorizontalPodAutoscaler").items()
        for metric in scaler["spec"]["metrics"]
        if metric["type"] != "Resource"
    }
    waiting = {(consumer, "External", "steampunk_outbox_pending") for consumer in PaymentPaid.consumers}

    assert found == waiting | {("user", "Pods", "steampunk_password_waiting")}
    adapter = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "monitoring" / "prometheus-adapter.yaml").read_text())
    rules = {"Pods": adapter["rules"], "External": adapter["externalRules"]}
    series = {(kind, rule["seriesQuery"].partition("{")[0]) for kind, some in rules.items() for rule in some}
    assert series == {(kind, metric) for _, kind, metric in found}
    metrics = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    assert all(f"| `{metric}` | gauge |" in metrics for _, metric in series)


def test_prometheus_finds_the_ports_and_names_what_the_rules_name(production: Manifests) -> None:
    configuration = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "monitoring" / "prometheus.yml").read_text())
    found: set[str] = set()
    for job in configuration["scrape_configs"]:
        keep = re.compile(job["relabel_configs"][0]["regex"])
        for name, container in production.containers.items():
            ports = [port["name"] for port in container.get("ports", [])]
            found |= {name for port in ports if keep.fullmatch(f"{name};{port}")}
    assert found == {*SUBGRAPHS, "router", "auditor"}
    (subgraphs,) = [job for job in configuration["scrape_configs"] if job["job_name"] == "subgraphs"]
    targets = {rule.get("target_label") for rule in subgraphs["relabel_configs"]} - {None}
    assert targets == {"subgraph", "namespace", "pod"}


def test_a_drained_node_takes_one_of_each_at_a_time(production: Manifests) -> None:
    budgets = production.of("PodDisruptionBudget")
    assert set(budgets) == SCALED
    for name, budget in budgets.items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["selector"]["matchLabels"] == {NAME: name}


def test_pods_are_spread_over_zones_and_nodes(production: Manifests) -> None:
    for name in SCALED:
        constraints = production.pods[name]["spec"]["topologySpreadConstraints"]
        assert {one["topologyKey"] for one in constraints} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        assert all(one["labelSelector"]["matchLabels"] == {NAME: name} for one in constraints)


def test_a_rollout_adds_before_it_takes_away(production: Manifests) -> None:
    for name in SCALED:
        strategy = production.of("Deployment")[name]["spec"]["strategy"]["rollingUpdate"]
        assert strategy == {"maxSurge": 1, "maxUnavailable": 0}

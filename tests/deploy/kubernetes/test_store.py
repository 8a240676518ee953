"""The store as it is deployed, against the code that runs in it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from router.binary import VERSION
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.serve import STOP_SECONDS_BEHIND_A_PROXY
from subgraphs.user.settings import UserSettings
from tests.deploy.kubernetes.manifests import NAME, Manifests

ROOT = Path(__file__).parents[3]
OWN = (*SUBGRAPHS, "auditor", "migrate")
"""What runs this project's image."""
ROUTER_SETTING = re.compile(r"\$\{env\.(\w+)(:-)?")


def test_every_part_of_the_store_is_there(manifests: Manifests) -> None:
    assert set(manifests.of("Deployment")) == {*SUBGRAPHS, "router", "auditor"}
    assert set(manifests.of("Job")) == {"migrate"}
    for kind in ("Deployment", "StatefulSet"):
        for name, one in manifests.of(kind).items():
            labels = manifests.pods[name]["metadata"]["labels"]
            assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
            assert labels[NAME] == name


def test_each_process_runs_what_it_runs_in_compose(manifests: Manifests, services: dict[str, Any]) -> None:
    """tests/deploy/test_compose.py shows that the code knows these commands."""
    for name in OWN:
        here = [name if word == "$(SUBGRAPH)" else word for word in manifests.containers[name]["command"]]
        assert here == services[name]["command"]
    named = {"valueFrom": {"fieldRef": {"fieldPath": f"metadata.labels['{NAME}']"}}}
    for name in SUBGRAPHS:
        assert {"name": "SUBGRAPH", **named} in manifests.containers[name]["env"]


def test_the_code_reads_every_variable(manifests: Manifests) -> None:
    known = {f"STEAMPUNK_{field.upper()}" for field in (*Settings.model_fields, *UserSettings.model_fields)}
    for name in OWN:
        assert set(manifests.environment(name)) - {"SUBGRAPH"} <= known


def test_production_is_the_mode_of_all(manifests: Manifests) -> None:
    for name in (*SUBGRAPHS, "auditor"):
        assert manifests.environment(name)["STEAMPUNK_MODE"] == "production"


def test_every_address_is_a_service_that_leads_to_a_port(manifests: Manifests) -> None:
    for subgraph in SUBGRAPHS:
        environment = manifests.environment(subgraph)
        assert environment["STEAMPUNK_HOST"] == "0.0.0.0"
        for peer in SUBGRAPHS:
            assert environment[f"STEAMPUNK_{peer.upper()}_URL"] == f"http://{peer}:4100/graphql"
    for name, service in manifests.of("Service").items():
        (port,) = service["spec"]["ports"]
        listening = {one["name"]: one["containerPort"] for one in manifests.containers[name]["ports"]}
        assert listening[port["targetPort"]] == port["port"]
        assert service["spec"]["selector"].items() <= manifests.pods[name]["metadata"]["labels"].items()


def test_the_router_is_the_tested_one_with_this_configuration(manifests: Manifests) -> None:
    container, environment = manifests.containers["router"], manifests.environment("router")
    text = (ROOT / "router" / "router.yaml").read_text()
    code = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))
    required = {name for name, default in ROUTER_SETTING.findall(code) if not default}

    assert container["image"] == f"ghcr.io/apollographql/router:v{VERSION}"
    assert required <= set(environment)
    files: dict[str, str] = {}
    for path, volume in manifests.volumes("router"):
        if "configMap" in volume:
            data = manifests.of("ConfigMap")[volume["configMap"]["name"]]["data"]
            files |= {f"{path}/{name}": content for name, content in data.items()}
    configuration, supergraph = container["args"][1], container["args"][3]
    main = f"{environment['ROUTER_SCRIPTS']}/{yaml.safe_load(text)['rhai']['main']}"
    assert files[configuration] == text
    assert files[supergraph] == (ROOT / "schema" / "supergraph.graphql").read_text()
    assert files[main] == (ROOT / "router" / "main.rhai").read_text()


def test_a_pod_that_stops_has_time_to_end_what_it_has_begun(manifests: Manifests) -> None:
    drain = int(manifests.environment("payment")["STEAMPUNK_DRAIN_TIME"])
    assert drain > 0
    for subgraph in SUBGRAPHS:
        assert manifests.pods[subgraph]["spec"]["terminationGracePeriodSeconds"] > drain + STOP_SECONDS_BEHIND_A_PROXY
    shaping = yaml.safe_load((ROOT / "router" / "router.yaml").read_text())["traffic_shaping"]
    longest = int(shaping["router"]["timeout"].removesuffix("s"))
    pause = manifests.containers["router"]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause == drain
    assert manifests.pods["router"]["spec"]["terminationGracePeriodSeconds"] > pause + longest


def test_migrations_are_those_of_the_version_that_follows(manifests: Manifests) -> None:
    assert len({manifests.containers[name]["image"] for name in OWN}) == 1
    assert "ttlSecondsAfterFinished" in manifests.of("Job")["migrate"]["spec"]


def test_databases_are_made_as_in_compose(manifests: Manifests) -> None:
    for name in set(manifests.of("StatefulSet")) - {"valkey"}:
        assert manifests.environment(name)["MARIADB_USER"] == "steampunk"
        mounted = {path: volume for path, volume in manifests.volumes(name) if "configMap" in volume}
        grants = manifests.of("ConfigMap")[mounted["/docker-entrypoint-initdb.d"]["configMap"]["name"]]["data"]
        assert grants == {"grants.sql": (ROOT / "deploy" / "mariadb" / "grants.sql").read_text()}
        assert manifests.of("StatefulSet")[name]["spec"]["serviceName"] == name


@pytest.mark.parametrize("server", ["database", "valkey"])
def test_servers_are_those_of_compose(small: Manifests, services: dict[str, Any], server: str) -> None:
    assert small.containers[server]["image"] == services[server]["image"]


def test_the_settings_of_production_name_its_databases(production: Manifests) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    (url,) = re.findall(r"mysql\S+\{subgraph\}-database\S+steampunk", page)
    settings = Settings(database_url=url)

    assert {settings.database_of(name).host for name in SUBGRAPHS} == set(production.of("StatefulSet")) - {"valkey"}

"""The network lets through what the code needs, and nothing else."""

import importlib
import pkgutil
from collections.abc import Iterator

from subgraphs.contracts.command import Command
from subgraphs.contracts.event import TOPICS
from subgraphs.kit.settings import SUBGRAPHS
from tests.deploy.kubernetes.manifests import Manifests
from tests.deploy.kubernetes.network import MONITORING, OUTSIDE, Connection, connections, covered

GRAPHQL, MYSQL, REDIS = 4100, 3306, 6379


def peers_of(subgraph: str) -> set[str]:
    """Whom a subgraph connects to: user for keys, peers for commands, and consumers or producers of its events."""
    package = importlib.import_module(f"subgraphs.{subgraph}")
    modules = [
        importlib.import_module(found.name) for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    commands = {one.subgraph for module in modules for one in vars(module).values() if isinstance(one, Command)}
    ends = {
        other
        for event in TOPICS.values()
        for other in (event.consumers if event.producer == subgraph else {event.producer})
        if subgraph == event.producer or subgraph in event.consumers
    }
    return {"user"} | (commands - {subgraph}) | ends


def databases_of(manifests: Manifests, subgraph: str) -> Iterator[str]:
    for name, pod in manifests.pods.items():
        if f"holds-{subgraph}" in pod["metadata"]["labels"]:
            yield name


def needed(manifests: Manifests) -> set[Connection]:
    """What the code needs."""
    found: set[Connection] = {(OUTSIDE, "router", 4000), (MONITORING, "router", 4000)}
    for subgraph in SUBGRAPHS:
        found |= {("router", subgraph, GRAPHQL), (subgraph, "valkey", REDIS), (MONITORING, subgraph, GRAPHQL)}
        found |= {(subgraph, peer, GRAPHQL) for peer in peers_of(subgraph)}
        for database in databases_of(manifests, subgraph):
            found |= {(one, database, MYSQL) for one in (subgraph, "migrate", "auditor")}
    return found | {("auditor", "valkey", REDIS), (MONITORING, "router", 9090), (MONITORING, "auditor", 4120)}


def test_connections_are_those_that_the_code_needs(manifests: Manifests) -> None:
    assert connections(manifests) == needed(manifests)


def test_from_outside_only_the_routers_graphql_can_be_reached(manifests: Manifests) -> None:
    assert {one for one in connections(manifests) if one[0] == OUTSIDE} == {(OUTSIDE, "router", 4000)}


def test_each_database_is_its_subgraphs_alone(production: Manifests) -> None:
    for subgraph in SUBGRAPHS:
        reached = {target for source, target, port in connections(production) if (source, port) == (subgraph, MYSQL)}
        assert reached == {f"{subgraph}-database"}


def test_no_pod_is_without_a_policy(manifests: Manifests) -> None:
    assert covered(manifests) == set(manifests.pods)


def test_the_way_in_leads_to_the_routers_endpoint(production: Manifests) -> None:
    (ingress,) = production.of("Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert (path["path"], path["pathType"]) == ("/graphql", "Exact")
    assert path["backend"]["service"] == {"name": "router", "port": {"name": "graphql"}}
    assert [one["hosts"] for one in ingress["spec"]["tls"]] == [[rule["host"]]]

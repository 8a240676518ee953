"""Who may connect to whom, by the network policies."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.deploy.kubernetes.manifests import Manifests

OUTSIDE = "outside"
MONITORING = "monitoring"
Connection = tuple[str, str, int]
"""Who connects (a workload, OUTSIDE or MONITORING), to which workload, and to which port."""


def connections(manifests: Manifests) -> set[Connection]:
    """All that the policies allow, except DNS."""
    policies, labels = _policies(manifests), _labels(manifests)
    out = set(_egress(policies, labels))
    come = set(_ingress(policies, labels))
    return {one for one in come if one[0] in (OUTSIDE, MONITORING) or one in out}


def covered(manifests: Manifests) -> set[str]:
    """The workloads that a policy covers in both directions: what no policy allows is then forbidden."""
    both = [one for one in _policies(manifests) if set(one["policyTypes"]) == {"Ingress", "Egress"}]
    return {name for one in both for name in _selected(one["podSelector"], _labels(manifests))}


def _policies(manifests: Manifests) -> list[dict[str, Any]]:
    return [one["spec"] for one in manifests.of("NetworkPolicy").values()]


def _labels(manifests: Manifests) -> dict[str, dict[str, str]]:
    """The labels of each workload."""
    return {name: pod["metadata"]["labels"] for name, pod in manifests.pods.items()}


def _egress(policies: list[dict[str, Any]], labels: Mapping[str, dict[str, str]]) -> Iterator[Connection]:
    for policy in policies:
        for rule in policy.get("egress", []):
            for peer in rule["to"]:
                if "podSelector" in peer:
                    for source in _selected(policy["podSelector"], labels):
                        for target in _selected(peer["podSelector"], labels):
                            yield from ((source, target, port["port"]) for port in rule["ports"])


def _ingress(policies: list[dict[str, Any]], labels: Mapping[str, dict[str, str]]) -> Iterator[Connection]:
    everybody = [OUTSIDE, MONITORING, *labels]
    for policy in policies:
        for rule in policy.get("ingress", []):
            sources = [one for peer in rule["from"] for one in _peers(peer, labels)] if "from" in rule else everybody
            for target in _selected(policy["podSelector"], labels):
                yield from ((source, target, port["port"]) for source in sources for port in rule["ports"])


def _peers(peer: dict[str, Any], labels: Mapping[str, dict[str, str]]) -> list[str]:
    if peer == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}:
        return [MONITORING]
    return _selected(peer["podSelector"], labels)


def _selected(selector: dict[str, Any], labels: Mapping[str, dict[str, str]]) -> list[str]:
    assert set(selector) <= {"matchLabels", "matchExpressions"}
    return [name for name, given in labels.items() if _matches(selector, given)]


def _matches(selector: dict[str, Any], given: dict[str, str]) -> bool:
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    return selector.get("matchLabels", {}).items() <= given.items() and all(
        given.get(one["key"]) in one["values"] for one in expressions
    )

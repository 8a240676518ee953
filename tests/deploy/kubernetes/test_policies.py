"""What no pod may do, and what each must have."""

import re
from decimal import Decimal
from typing import Any

from tests.deploy.kubernetes.manifests import Manifests

UNITS = {"": Decimal(1), "m": Decimal("0.001"), "Mi": Decimal(2**20), "Gi": Decimal(2**30)}
TELLING = re.compile(r"SECRET|PASSWORD$|_KEY$|DATABASE_URL|REDIS_URL")
"""Names of variables whose values nobody may read here."""
NO_SECRET = {"MARIADB_RANDOM_ROOT_PASSWORD"}
"""With it, the server chooses a password by itself."""


def amount(text: str) -> Decimal:
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()  # type: ignore[union-attr]
    return Decimal(number) * UNITS[unit]


def test_no_pod_runs_as_root(manifests: Manifests) -> None:
    for name, pod in manifests.pods.items():
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] > 0, name
        assert context["runAsGroup"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name


def test_no_container_has_a_capability_or_changes_its_own_files(manifests: Manifests) -> None:
    for name, container in manifests.containers.items():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name


def test_no_pod_reaches_its_node_or_the_cluster(manifests: Manifests) -> None:
    for name, pod in manifests.pods.items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["enableServiceLinks"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "serviceAccountName"} & set(pod["spec"]), name
        for _, volume in manifests.volumes(name):
            assert {"emptyDir", "configMap"} & set(volume), name
            assert "emptyDir" not in volume or volume["emptyDir"]["sizeLimit"], name


def test_the_cluster_refuses_pods_that_are_less_than_restricted(manifests: Manifests) -> None:
    labels = manifests.of("Namespace")["steampunk"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_container_has_limits_and_requests_no_more(manifests: Manifests) -> None:
    for name, container in manifests.containers.items():
        requests, limits = container["resources"]["requests"], container["resources"]["limits"]
        for what in ("cpu", "memory"):
            assert 0 < amount(requests[what]) <= amount(limits[what]), name


def test_servers_need_less_memory_than_they_have(manifests: Manifests) -> None:
    for name in manifests.of("StatefulSet"):
        container = manifests.containers[name]
        limit, words = amount(container["resources"]["limits"]["memory"]), container["args"]
        if name == "valkey":
            assert amount("256Mi") * 2 <= limit
            assert words[words.index("--maxmemory") + 1] == "256mb"
            assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
        else:
            (pool,) = re.findall(r"--innodb-buffer-pool-size=(\d+)M", " ".join(words))
            assert amount(f"{pool}Mi") * 3 / 2 <= limit


def test_what_serves_is_watched(manifests: Manifests) -> None:
    for name in {**manifests.of("Deployment"), **manifests.of("StatefulSet")}:
        container = manifests.containers[name]
        ports = {port["name"] for port in container["ports"]}
        probes = {kind: probe for kind, probe in container.items() if kind.endswith("Probe")}
        assert {"readinessProbe", "livenessProbe"} <= set(probes), name
        for probe in probes.values():
            asked = probe.get("httpGet") or probe.get("tcpSocket")
            assert asked is None or asked["port"] in ports, name
        assert _patience(probes["livenessProbe"]) > _patience(probes["readinessProbe"]), name


def _patience(probe: dict[str, Any]) -> int:
    """Seconds until a probe has failed; three tries are Kubernetes' default."""
    return int(probe["periodSeconds"] * probe.get("failureThreshold", 3))


def test_secrets_come_from_one_secret_that_is_not_here(manifests: Manifests) -> None:
    assert not manifests.of("Secret")
    for name in manifests.pods:
        for variable, value in manifests.environment(name).items():
            if TELLING.search(variable) and variable not in NO_SECRET:
                assert value["secretKeyRef"]["name"] == "store", f"{name}: {variable}"


def test_only_accounts_have_the_data_key(manifests: Manifests) -> None:
    holders = {name for name in manifests.pods if "STEAMPUNK_DATA_KEY" in manifests.environment(name)}
    assert holders == {"user"}

"""What kustomize has built, by kind and name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NAME = "app.kubernetes.io/name"


@dataclass(frozen=True)
class Manifests:
    """The objects of an overlay, as they go to the cluster."""

    objects: list[dict[str, Any]]

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind, by name."""
        return {one["metadata"]["name"]: one for one in self.objects if one["kind"] == kind}

    @property
    def pods(self) -> dict[str, dict[str, Any]]:
        """The template of each workload's pods, by the workload's name."""
        workloads = {**self.of("Deployment"), **self.of("StatefulSet"), **self.of("Job")}
        return {name: one["spec"]["template"] for name, one in workloads.items()}

    @property
    def containers(self) -> dict[str, dict[str, Any]]:
        """The container of each workload. There is one in each pod."""
        found = {}
        for name, pod in self.pods.items():
            (found[name],) = pod["spec"]["containers"]
            assert "initContainers" not in pod["spec"]
        return found

    def environment(self, workload: str) -> dict[str, Any]:
        """A workload's variables: a text, or where the value comes from."""
        container = self.containers[workload]
        found: dict[str, Any] = {}
        for source in container.get("envFrom", []):
            found |= self.of("ConfigMap")[source["configMapRef"]["name"]]["data"]
        for one in container.get("env", []):
            found[one["name"]] = one.get("value", one.get("valueFrom"))
        return found

    def volumes(self, workload: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Where each volume of a workload is mounted, and what it is."""
        volumes = {one["name"]: one for one in self.pods[workload]["spec"].get("volumes", [])}
        for mount in self.containers[workload].get("volumeMounts", []):
            if mount["name"] in volumes:
                yield mount["mountPath"], volumes[mount["name"]]

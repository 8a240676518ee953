"""The overlays of deploy/kubernetes as kustomize builds them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from router.cache import cache_folder
from tests.deploy.kubernetes.manifests import Manifests

OVERLAYS = Path(__file__).parents[3] / "deploy" / "kubernetes" / "overlays"
VERSION = "v5.8.2"
GO_SECONDS = 900


@pytest.fixture(scope="session")
def kustomize() -> str:
    """The path of kustomize: from PATH, or built by Go from its module. Skips where neither can be had."""
    if found := shutil.which("kustomize"):
        return found
    built = cache_folder() / "kustomize" / VERSION / "kustomize"
    if built.exists():
        return str(built)
    go = shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin")
    if go is None:
        pytest.skip("neither kustomize nor Go is installed")
    command = [go, "install", f"sigs.k8s.io/kustomize/kustomize/v5@{VERSION}"]
    environment = {**os.environ, "GOBIN": str(built.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=GO_SECONDS)
    if done.returncode:
        pytest.skip(f"Go cannot build kustomize {VERSION}: {done.stderr}")
    return str(built)


def build(kustomize: str, overlay: str) -> Manifests:
    """All three parts of an overlay."""
    objects: list[dict[str, Any]] = []
    for part in ("servers", "migrate", "store"):
        command = [kustomize, "build", str(OVERLAYS / overlay / part)]
        objects += yaml.safe_load_all(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Manifests(objects)


@pytest.fixture(scope="session")
def small(kustomize: str) -> Manifests:
    return build(kustomize, "small")


@pytest.fixture(scope="session")
def production(kustomize: str) -> Manifests:
    return build(kustomize, "production")


@pytest.fixture(params=["small", "production"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """Each overlay in turn."""
    found: Manifests = request.getfixturevalue(request.param)
    return found

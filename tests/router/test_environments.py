"""uv installs the environments in .nox/. Where it fails, pip installs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from router import environments


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where environments are made, with uv among them once it was needed."""
    folder = tmp_path_factory.mktemp("environments")
    with pytest.MonkeyPatch.context() as own:
        own.setattr(environments, "ENVIRONMENTS", folder)
        own.setenv("UV_CACHE_DIR", str(folder / "cache"))
        yield folder


@pytest.mark.parametrize(("offline", "pip_is_there"), [("0", False), ("1", True)])
def test_uv_installs_and_where_it_cannot_pip_does(
    monkeypatch: pytest.MonkeyPatch, folder: Path, offline: str, pip_is_there: bool
) -> None:
    environments.tools("uv")
    monkeypatch.setenv("UV_OFFLINE", offline)
    monkeypatch.setenv("UV_NO_CACHE", offline)
    python = Path(environments.environment(f"protoc-{offline}", "protoc"))
    assert (python.parent / "protoc").exists()
    assert (python.parent / "pip").exists() == pip_is_there


def test_uv_takes_packages_from_where_pip_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    settings = environments._pip_settings(environments.tools("uv") / "bin" / "python")
    assert settings["UV_DEFAULT_INDEX"] == "https://packages.example/simple"

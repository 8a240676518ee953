"""The environments in .nox/: what uv cannot install, pip does."""

import sys
from pathlib import Path

import pytest

from router import environments


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize(("offline", "pip_is_there"), [("0", False), ("1", True)])
def test_uv_installs_and_where_it_cannot_pip_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch, offline: str, pip_is_there: bool
) -> None:
    monkeypatch.setenv("UV_OFFLINE", offline)
    python = Path(environments.environment("protoc", "protoc"))
    assert (python.parent / "protoc").exists()
    assert (python.parent / "pip").exists() == pip_is_there


def test_uv_takes_packages_from_where_pip_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    settings = environments._pip_settings(Path(sys.executable))
    assert settings["UV_DEFAULT_INDEX"] == "https://packages.example/simple"

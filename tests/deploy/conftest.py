"""The deployment's files, parsed, with the variables of env.example."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store import cli, config, migrate, sample_command, serve

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


def interpolated(value: Any, settings: dict[str, str]) -> Any:
    """A part of the compose file with ${NAME}, ${NAME:-default}, ${NAME:?message} and $$ replaced."""
    if isinstance(value, dict):
        return {key: interpolated(part, settings) for key, part in value.items()}
    if isinstance(value, list):
        return [interpolated(part, settings) for part in value]
    if not isinstance(value, str):
        return value

    def value_of(found: re.Match[str]) -> str:
        if found["name"] is None:
            return "$"
        given = settings.get(found["name"], "")
        assert given or found["kind"] == "-", f"{found['name']} has no value"
        return given or found["rest"]

    return VARIABLE.sub(value_of, value)


@pytest.fixture(scope="session")
def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="session")
def example() -> dict[str, str]:
    """The settings of env.example; those that a person must fill in are empty."""
    return settings_in(ROOT / "deploy" / "env.example")


@pytest.fixture(scope="session")
def demo() -> dict[str, str]:
    """The settings of demo.env."""
    return settings_in(ROOT / "deploy" / "demo.env")


def settings_in(file: Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session")
def compose(compose_text: str, example: dict[str, str]) -> dict[str, Any]:
    """The compose file with env.example, its empty settings filled in."""
    filled = {name: value or f"the-{name.lower()}" for name, value in example.items()}
    parsed: dict[str, Any] = interpolated(yaml.safe_load(compose_text), filled)
    return parsed


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


@pytest.fixture
def commands(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """What each service's command line runs: a function and its arguments."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(serve, "serve", lambda *arguments: calls.append(("serve", *arguments)))
    monkeypatch.setattr(serve, "serve_live", lambda *arguments: calls.append(("live", *arguments)))
    monkeypatch.setattr(migrate, "migrate_all", lambda _: calls.append(("migrate",)))
    monkeypatch.setattr(sample_command, "run", lambda _, *arguments: calls.append(("sample", *arguments)))
    monkeypatch.setattr(config, "existing_store", lambda: None)
    names = (*SUBGRAPHS, "live", "migrate", "sample")
    for name in names:
        python, option, *arguments = services[name]["command"]
        assert (python, option, arguments[0]) == ("python", "-m", "subgraphs")
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit):
            cli.main()
    return dict(zip(names, calls, strict=True))

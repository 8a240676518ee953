"""What a person reads when a server, a setting or the store is missing: one paragraph, no traceback."""

import socket
from pathlib import Path

import pytest

from router.process import free_ports
from tests.operator.commands import run, told
from tests.operator.conftest import SECRETS

pytestmark = pytest.mark.engineless
COMMANDS = ["audit"], ["events"], ["events", "replay", "--all"], ["grant", "ada@example.com", "ADMIN"]


def nothing_started(place: dict[str, str]) -> bool:
    return not Path(place["STEAMPUNK_STATE"], "logs").exists()


def test_a_redis_that_refuses_the_connection_is_named_before_anything_starts(place: dict[str, str]) -> None:
    (port,) = free_ports(1)
    url = f"redis://:secret@127.0.0.1:{port}/0"
    answer = run({**place, "STEAMPUNK_REDIS_URL": url}, "subgraphs", "tour")
    text = told(answer)
    assert answer.returncode == 1
    assert f"Redis at redis://:***@127.0.0.1:{port}/0 does not answer" in text
    assert "STEAMPUNK_REDIS_URL" in text
    assert nothing_started(place)


def test_a_redis_that_stays_silent_is_named_after_five_seconds(place: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        answer = run({**place, "STEAMPUNK_REDIS_URL": url}, "subgraphs", "up")
    assert answer.returncode == 1
    assert f"Redis at {url} does not answer: Timeout" in told(answer)
    assert nothing_started(place)


def test_what_is_no_redis_url_is_corrected(place: dict[str, str]) -> None:
    answer = run({**place, "STEAMPUNK_REDIS_URL": "http://127.0.0.1:6379"}, "subgraphs", "up")
    assert answer.returncode == 2
    assert "redis://:password@host:6379/0" in told(answer)


@pytest.mark.parametrize("arguments", [["up"], ["events"], ["grant", "ada@example.com", "ADMIN"]], ids=" ".join)
def test_a_database_that_is_down_is_named_with_the_grants_it_needs(place: dict[str, str], arguments: list[str]) -> None:
    (port,) = free_ports(1)
    url = f"mysql+aiomysql://ada:secret@127.0.0.1:{port}/shop"
    answer = run({**place, "STEAMPUNK_DATABASE_URL": url}, "subgraphs", *arguments)
    text = told(answer)
    assert answer.returncode == (2 if arguments[0] in ("audit", "events") else 1)
    assert f"The database at mysql+aiomysql://ada:***@127.0.0.1:{port}/shop does not answer" in text
    assert r"GRANT ALL ON `shop\_%`.* TO 'ada'@'%'" in text
    assert nothing_started(place)


@pytest.mark.parametrize("name", SECRETS)
def test_without_secrets_nothing_runs_on_databases_elsewhere(place: dict[str, str], tmp_path: Path, name: str) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/elsewhere/shop"
    answer = run({**place, "STEAMPUNK_DATABASE_URL": url, name: ""}, "subgraphs", "up")
    text = told(answer)
    assert answer.returncode == 1
    assert f"{name} is not set" in text
    assert "STEAMPUNK_SECRETS_FILE" in text
    assert not Path(tmp_path, "elsewhere").exists()
    assert nothing_started(place)


def test_secrets_are_made_once_and_for_their_owner_only(place: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    assert run(place, "subgraphs", "secrets", str(file)).returncode == 0
    made = file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    answer = run(place, "subgraphs", "secrets", str(file))
    assert answer.returncode == 1
    assert "File exists" in told(answer)
    assert file.read_text() == made


@pytest.mark.parametrize("command", [["subgraphs", "up"], ["subgraphs", "audit"], ["etl", "runs"]], ids=" ".join)
def test_a_database_url_that_cannot_be_used_is_corrected(place: dict[str, str], command: list[str]) -> None:
    answer = run({**place, "STEAMPUNK_DATABASE_URL": "mysql://ada:secret@db/shop"}, *command)
    text = told(answer)
    assert answer.returncode == 2
    assert "Write mysql+aiomysql://ada:***@db/shop" in text
    assert nothing_started(place)


def test_what_is_no_port_is_named(place: dict[str, str]) -> None:
    answer = run({**place, "STEAMPUNK_ROUTER_PORT": "99999"}, "subgraphs", "up")
    assert answer.returncode == 2
    assert "STEAMPUNK_ROUTER_PORT is '99999': Input should be less than or equal to 65535." in told(answer)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_a_store_a_command_says_how_to_start_one(place: dict[str, str], arguments: list[str]) -> None:
    answer = run(place, "subgraphs", *arguments)
    text = told(answer)
    assert answer.returncode in (1, 2)
    assert f"There is no store in {place['STEAMPUNK_STATE']}" in text
    assert "nox -s up" in text
    assert not Path(place["STEAMPUNK_STATE"]).exists()

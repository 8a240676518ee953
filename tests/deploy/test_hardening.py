"""Every container is hardened, and bounded in memory and logs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
UNITS = {"m": 1, "g": 1024}


@pytest.fixture
def all_services(services: dict[str, Any]) -> dict[str, Any]:
    proxy = yaml.safe_load((ROOT / "deploy" / "tls.yml").read_text())["services"]["proxy"]
    return {**services, "proxy": proxy}


def megabytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([mg])b?", text.lower()).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def test_no_container_runs_as_root_or_changes_its_own_files(all_services: dict[str, Any]) -> None:
    for name, service in all_services.items():
        assert service["user"] not in ("", "0", "root"), name
        assert service["read_only"] is True, name
        assert "/tmp" in service["tmpfs"], name
        assert "privileged" not in service, name


def test_no_container_has_a_capability_or_can_get_one(all_services: dict[str, Any]) -> None:
    for name, service in all_services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_memory_and_logs_are_bounded(all_services: dict[str, Any]) -> None:
    for name, service in all_services.items():
        assert 256 <= megabytes(service["mem_limit"]) <= 2048, name
        assert service["logging"] == {"driver": "local", "options": {"max-size": "10m", "max-file": "5"}}, name


def test_servers_need_less_memory_than_their_containers_have(services: dict[str, Any]) -> None:
    (pool,) = [word for word in services["database"]["command"] if word.startswith("--innodb-buffer-pool-size=")]
    valkey = services["valkey"]["command"]

    assert megabytes(pool.partition("=")[2]) * 3 / 2 <= megabytes(services["database"]["mem_limit"])
    assert megabytes(valkey[valkey.index("--maxmemory") + 1]) * 2 <= megabytes(services["valkey"]["mem_limit"])
    assert valkey[valkey.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_projects_containers_run_as_the_images_user(services: dict[str, Any]) -> None:
    (uid,) = re.findall(r"useradd .*--uid (\d+)", (ROOT / "deploy" / "Dockerfile").read_text())

    assert {one["user"] for one in services.values() if one["image"].startswith("steampunk:")} == {uid}


def test_production_is_the_mode_unless_it_is_a_demo(
    services: dict[str, Any], example: dict[str, str], demo: dict[str, str]
) -> None:
    assert (example["STEAMPUNK_MODE"], demo["STEAMPUNK_MODE"]) == ("production", "development")
    assert services["user"]["environment"]["STEAMPUNK_MODE"] == "production"

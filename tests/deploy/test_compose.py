"""docker-compose.yml against the code that it runs."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from router.binary import VERSION
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.payment.settings import PaymentSettings
from subgraphs.user.settings import UserSettings

ROOT = Path(__file__).parents[2]
ROUTER_SETTING = re.compile(r"\$\{env\.(\w+)(:-)?")
SECRETS = {"STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"}


def settings_of(service: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that a subgraph's process reads from a service's environment."""
    for name in [f"STEAMPUNK_{field.upper()}" for field in Settings.model_fields]:
        monkeypatch.delenv(name, raising=False)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_every_part_of_the_store_is_a_service(services: dict[str, Any]) -> None:
    others = {"mysql", "valkey", "migrate", "router", "playground", "prometheus", "grafana"}

    assert set(services) == {*SUBGRAPHS, *others}


@pytest.mark.parametrize("subgraph", SUBGRAPHS)
def test_a_subgraph_listens_where_the_others_expect_it(
    services: dict[str, Any], commands: Any, subgraph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, served, port, _ = commands[subgraph]

    assert (action, served) == ("serve", subgraph)
    assert f"http://127.0.0.1:{port}/ready" in services[subgraph]["healthcheck"]["test"][-1]
    for asking in SUBGRAPHS:
        settings = settings_of(services[asking], monkeypatch)
        assert settings.url_of(subgraph) == f"http://{subgraph}:{port}/graphql"
    assert services["router"]["environment"][f"STEAMPUNK_{subgraph.upper()}_URL"] == settings.url_of(subgraph)


@pytest.mark.parametrize("subgraph", SUBGRAPHS)
def test_a_subgraph_uses_the_database_and_redis_of_the_composition(
    services: dict[str, Any], subgraph: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(services[subgraph], monkeypatch)
    url, mysql = settings.database_of(subgraph), services["mysql"]["environment"]

    assert settings.host == "0.0.0.0"
    assert (url.drivername, url.host, url.port) == ("mysql+aiomysql", "mysql", 3306)
    assert (url.username, url.password) == (mysql["MYSQL_USER"], mysql["MYSQL_PASSWORD"])
    assert re.fullmatch(r"steampunk_\w+", str(url.database))
    assert settings.redis_url == "redis://valkey:6379/0"
    assert settings.router_secret.get_secret_value() != settings.service_secret.get_secret_value() != ""


def test_migrations_run_on_the_same_databases_before_the_subgraphs(services: dict[str, Any], commands: Any) -> None:
    migrate = services["migrate"]

    assert commands["migrate"] == ("migrate",)
    for subgraph in SUBGRAPHS:
        url = services[subgraph]["environment"]["STEAMPUNK_DATABASE_URL"]
        assert url == migrate["environment"]["STEAMPUNK_DATABASE_URL"]
        waited = {name: wait["condition"] for name, wait in services[subgraph]["depends_on"].items()}
        assert waited == {
            "migrate": "service_completed_successfully",
            "mysql": "service_healthy",
            "valkey": "service_healthy",
        }


def test_the_code_reads_every_setting(services: dict[str, Any]) -> None:
    fields = {*Settings.model_fields, *UserSettings.model_fields, *PaymentSettings.model_fields}
    known = {f"STEAMPUNK_{field.upper()}" for field in fields}

    for service in (*SUBGRAPHS, "migrate"):
        assert set(services[service]["environment"]) <= known
    assert "STEAMPUNK_GRAPHQL_URL" in (ROOT / "router" / "playground.py").read_text()
    assert set(services["playground"]["environment"]) == {"STEAMPUNK_GRAPHQL_URL"}


def test_only_the_user_subgraph_has_the_data_key(services: dict[str, Any]) -> None:
    holders = {name for name, s in services.items() if "STEAMPUNK_DATA_KEY" in s.get("environment", {})}

    assert holders == {"user"}


def test_the_router_has_the_tested_version(services: dict[str, Any]) -> None:
    assert services["router"]["image"] == f"ghcr.io/apollographql/router:v{VERSION}"


def test_the_routers_environment_matches_its_configuration(services: dict[str, Any]) -> None:
    configuration = (ROOT / "router" / "router.yaml").read_text()
    code = "\n".join(line for line in configuration.splitlines() if not line.strip().startswith("#"))
    read = {name: bool(default) for name, default in ROUTER_SETTING.findall(code)}
    given = services["router"]["environment"]

    assert {name for name, has_default in read.items() if not has_default} <= set(given)
    assert set(given) - {"APOLLO_TELEMETRY_DISABLED"} <= set(read)
    for name in ("ROUTER_LISTEN", "ROUTER_HEALTH_LISTEN", "ROUTER_METRICS_LISTEN"):
        assert given[name].startswith("0.0.0.0:"), "other containers must reach it"


def test_the_router_reads_mounted_files(services: dict[str, Any]) -> None:
    router = services["router"]
    mounted = {target: ROOT / source for source, target, _ in (v.split(":") for v in router["volumes"])}
    main = yaml.safe_load((ROOT / "router" / "router.yaml").read_text())["rhai"]["main"]

    assert mounted[router["command"][1]] == ROOT / "router" / "router.yaml"
    assert mounted[router["command"][3]] == ROOT / "schema" / "supergraph.graphql"
    assert mounted[f"{router['environment']['ROUTER_SCRIPTS']}/{main}"] == ROOT / "router" / main


def test_every_mounted_file_and_volume_exists(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{name} mounts {source}"
            else:
                assert source in compose["volumes"], f"{name} mounts {source}"


def test_every_dependency_can_be_met(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in services[name]
            if wait["condition"] == "service_completed_successfully":
                assert services[name]["restart"].startswith("on-failure")


def test_something_listens_on_every_published_port(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}

    assert published == {
        "router": ["127.0.0.1:4000:4000"],
        "playground": ["127.0.0.1:4080:4080"],
        "prometheus": ["127.0.0.1:9091:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert services["router"]["environment"]["ROUTER_LISTEN"].endswith(":4000")
    assert services["router"]["environment"]["ROUTER_HEALTH_LISTEN"].endswith(":8088")
    assert "http://router:8088/health" in services["playground"]["healthcheck"]["test"][-1]
    assert services["playground"]["command"][-1] == "4080"


def test_the_playground_and_the_router_know_each_other(services: dict[str, Any]) -> None:
    assert services["playground"]["environment"]["STEAMPUNK_GRAPHQL_URL"] == "http://127.0.0.1:4000/graphql"
    assert services["router"]["environment"]["ROUTER_PLAYGROUND_ORIGIN"] == "http://127.0.0.1:4080"


def test_secrets_have_no_default_and_a_helpful_error(compose_text: str, example: dict[str, str]) -> None:
    uses = re.findall(r"\$\{(\w+)(:-|:\?)([^}]*)\}", compose_text)
    required = {name for name, kind, _ in uses if kind == ":?"}

    assert required >= SECRETS
    assert all("env.example" in text for name, kind, text in uses if kind == ":?")
    assert {name for name, value in example.items() if not value} == required
    assert set(example) == {name for name, _, _ in uses}
    defaults = {name: text for name, kind, text in uses if kind == ":-"}
    assert {name: value for name, value in example.items() if value} == defaults


def test_mysql_allows_creating_databases_and_loading_files(services: dict[str, Any]) -> None:
    mysql = services["mysql"]
    grants = (ROOT / "deploy" / "mysql" / "grants.sql").read_text()
    prefix = make_url(services["user"]["environment"]["STEAMPUNK_DATABASE_URL"]).database

    assert {"--local-infile=1", "--character-set-server=utf8mb4"} <= set(mysql["command"])
    assert f"ON `{prefix}\\_%`.* TO '{mysql['environment']['MYSQL_USER']}'@'%'" in grants

"""docker-compose.yml against the code that it runs."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.engine import make_url

from router.binary import VERSION
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.live.settings import LiveSettings
from subgraphs.payment.settings import PaymentSettings
from subgraphs.store import seed
from subgraphs.user.settings import UserSettings

ROOT = Path(__file__).parents[2]
READERS_OWN = {"./backups", "./games.json"}
"""What only those have who run a job on it."""
ROUTER_SETTING = re.compile(r"\$\{env\.(\w+)(:-)?")
SECRETS = {"STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"}
SECOND = {name.replace("STEAMPUNK_", "STEAMPUNK_SECOND_") for name in SECRETS}
"""They are set only while a secret is replaced (docs/keys.md), so that the example does not have them."""


def settings_of(service: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that a subgraph's process reads from a service's environment."""
    for name in [f"STEAMPUNK_{field.upper()}" for field in Settings.model_fields]:
        monkeypatch.delenv(name, raising=False)
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_no_key_is_given_twice(compose_text: str) -> None:
    nodes: list[Any] = [yaml.compose(compose_text)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert sorted(set(keys)) == sorted(keys), "Compose refuses the file"
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


def test_every_part_of_the_store_is_a_service(services: dict[str, Any]) -> None:
    servers = {"database", "valkey", "router", "prometheus", "grafana"}
    jobs = {"backup", "etl", "migrate", "sample"}
    others = {*servers, *jobs, "auditor", "collector", "live", "load", "playground", "schema"}

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
    url, server = settings.database_of(subgraph), services["database"]["environment"]

    assert settings.host == "0.0.0.0"
    assert (url.drivername, url.host, url.port) == ("mysql+aiomysql", "database", 3306)
    assert (url.username, url.password) == (server["MARIADB_USER"], server["MARIADB_PASSWORD"])
    assert re.fullmatch(r"steampunk_\w+", str(url.database))
    assert settings.redis_url == "redis://valkey:6379/0"
    assert settings.router_secret.get_secret_value() != settings.service_secret.get_secret_value() != ""


def test_migrations_run_on_the_same_databases_before_the_subgraphs(services: dict[str, Any], commands: Any) -> None:
    migrate = services["migrate"]

    assert commands["migrate"] == ("migrate",)
    assert commands["sample"] == ("sample", True, "http://router:4000/graphql")
    for subgraph in SUBGRAPHS:
        url = services[subgraph]["environment"]["STEAMPUNK_DATABASE_URL"]
        assert url == migrate["environment"]["STEAMPUNK_DATABASE_URL"]
        waited = {name: wait["condition"] for name, wait in services[subgraph]["depends_on"].items()}
        assert waited == {
            "migrate": "service_completed_successfully",
            "database": "service_healthy",
            "valkey": "service_healthy",
        }


def test_the_code_reads_every_setting(services: dict[str, Any]) -> None:
    classes = Settings, UserSettings, PaymentSettings, LiveSettings
    fields = {field for settings in classes for field in settings.model_fields}
    known = {f"STEAMPUNK_{field.upper()}" for field in fields}

    for service in (*SUBGRAPHS, "etl", "live", "migrate", "sample"):
        assert set(services[service]["environment"]) <= known
    code = "".join(file.read_text() for file in (ROOT / "router").glob("*.py"))
    assert all(name in code for name in services["playground"]["environment"])


def test_the_live_numbers_are_where_the_demos_playground_listens(services: dict[str, Any], commands: Any) -> None:
    live, playground = services["live"], services["playground"]["environment"]

    assert commands["live"] == ("live", 4070)
    assert "http://127.0.0.1:4070/health" in live["healthcheck"]["test"][-1]
    assert (live["ports"], playground["STEAMPUNK_LIVE_URL"]) == (["127.0.0.1:4070:4070"], "http://127.0.0.1:4070")
    assert (
        live["environment"]["STEAMPUNK_LIVE_ORIGINS"] == services["router"]["environment"]["ROUTER_PLAYGROUND_ORIGIN"]
    )
    assert "STEAMPUNK_DATABASE_URL" not in live["environment"]


def test_only_those_who_keep_accounts_have_the_data_key(services: dict[str, Any]) -> None:
    holders = {name for name, s in services.items() if "STEAMPUNK_DATA_KEY" in s.get("environment", {})}

    assert holders == {"user", "sample"}


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
            if source in READERS_OWN:
                assert service["profiles"], f"{name} needs {source}"
            elif source.startswith("."):
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
        "live": ["127.0.0.1:4070:4070"],
        "playground": ["127.0.0.1:4080:4080"],
        "schema": ["127.0.0.1:4080:4080"],
        "collector": ["127.0.0.1:16686:16686"],
        "load": ["127.0.0.1:8089:8089"],
        "prometheus": ["127.0.0.1:9091:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert services["router"]["environment"]["ROUTER_LISTEN"].endswith(":4000")
    assert services["router"]["environment"]["ROUTER_HEALTH_LISTEN"].endswith(":8088")
    assert "http://router:8088/health" in services["playground"]["healthcheck"]["test"][-1]
    assert services["playground"]["command"][-1] == services["schema"]["command"][-1] == "4080"
    assert "http://127.0.0.1:4080/schema.graphql" in services["schema"]["healthcheck"]["test"][-1]


def test_the_playground_and_the_router_know_each_other(services: dict[str, Any]) -> None:
    assert services["playground"]["environment"]["STEAMPUNK_GRAPHQL_URL"] == "http://127.0.0.1:4000/graphql"
    assert services["router"]["environment"]["ROUTER_PLAYGROUND_ORIGIN"] == "http://127.0.0.1:4080"


def test_secrets_have_no_default_and_a_helpful_error(compose_text: str, example: dict[str, str]) -> None:
    uses = re.findall(r"\$\{(\w+)(:-|:\?)([^}]*)\}", compose_text)
    required = {name for name, kind, _ in uses if kind == ":?"}

    assert required >= SECRETS
    assert all("env.example" in text for name, kind, text in uses if kind == ":?")
    assert {name for name, value in example.items() if not value} == required
    assert set(example) == {"COMPOSE_PROFILES"} | {name for name, _, _ in uses} - SECOND
    assert {(name, ":-", "") for name in SECOND} <= set(uses)
    defaults = {name: text for name, kind, text in uses if kind == ":-" and name not in SECOND}
    assert {name: value for name, value in example.items() if value} == {"COMPOSE_PROFILES": "production"} | defaults


def test_mariadb_allows_creating_databases_and_loading_files(services: dict[str, Any]) -> None:
    server = services["database"]
    grants = (ROOT / "deploy" / "mariadb" / "grants.sql").read_text()
    prefix = make_url(services["user"]["environment"]["STEAMPUNK_DATABASE_URL"]).database

    assert server["image"].startswith("mariadb:")
    assert {"--local-infile=1", "--character-set-server=utf8mb4"} <= set(server["command"])
    assert f"ON `{prefix}\\_%`.* TO '{server['environment']['MARIADB_USER']}'@'%'" in grants


def in_profile(services: dict[str, Any], profile: str) -> set[str]:
    """The services that start with a profile."""
    return {name for name, service in services.items() if profile in service.get("profiles", [profile])}


def test_only_a_demo_has_sample_data_and_the_playground(
    services: dict[str, Any], example: dict[str, str], demo: dict[str, str]
) -> None:
    profiles = demo["COMPOSE_PROFILES"], example["COMPOSE_PROFILES"]

    assert profiles == ("demo", "production")
    of_demo, of_production = (in_profile(services, profile) for profile in profiles)
    assert of_demo - of_production == {"sample", "playground", "live"}
    assert of_production - of_demo == {"schema"}
    assert of_production >= {*SUBGRAPHS, "database", "valkey", "migrate", "router", "prometheus", "grafana"}
    assert services["playground"]["depends_on"]["sample"]["condition"] == "service_completed_successfully"


def test_what_a_service_waits_for_starts_with_it(services: dict[str, Any]) -> None:
    for profiles in (
        ["demo"],
        ["production"],
        ["production", "live"],
        ["demo", "tracing", "load"],
        ["backup"],
        ["etl"],
    ):
        started = {name for profile in profiles for name in in_profile(services, profile)}
        for name in started:
            assert set(services[name].get("depends_on", {})) <= started


def test_only_a_demo_gives_points_away_and_shows_its_schema(example: dict[str, str], demo: dict[str, str]) -> None:
    names = "STEAMPUNK_TOP_UP_PROVIDER", "STEAMPUNK_INTROSPECTION", "STEAMPUNK_MODE"

    assert [demo[name] for name in names] == ["sandbox", "true", "development"]
    assert [example[name] for name in names] == ["none", "false", "production"]


def test_the_demos_playground_signs_in_with_the_demo_accounts(services: dict[str, Any]) -> None:
    accounts = json.loads(services["playground"]["environment"]["STEAMPUNK_PLAYGROUND_ACCOUNTS"])

    assert accounts == json.loads(seed.demo_accounts_json())


def test_a_demo_needs_no_further_settings_and_listens_on_this_machine_only(
    example: dict[str, str], demo: dict[str, str]
) -> None:
    assert set(demo) == set(example)
    assert all(demo.values())
    assert len(base64.b64decode(demo["STEAMPUNK_DATA_KEY"])) == 32
    assert demo["STEAMPUNK_BIND"] == "127.0.0.1"

"""A store of its own with the sample catalogue and the demo accounts, as `up` makes it the first time."""

from collections.abc import Iterator

import pytest

from tests.operator.commands import run
from tests.own_store import OwnStore, own_store


@pytest.fixture(scope="package")
def demo(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings by which a person's commands find it."""
    url = mariadb_url.replace("/steampunk", "/demo")
    with own_store(engine, tmp_path_factory.mktemp("demo"), database_url=url) as store:
        settings = _settings_of(store)
        sample = run(settings, "subgraphs", "sample", "--yes", "--router", store.store.settings.graphql_url)
        assert sample.returncode == 0, sample.stderr
        yield settings


def _settings_of(store: OwnStore) -> dict[str, str]:
    local = store.store.settings
    return {
        "STEAMPUNK_STATE": str(local.state),
        "STEAMPUNK_SECRETS_FILE": local.secrets_file,
        "STEAMPUNK_DATABASE_URL": local.database_url,
        "STEAMPUNK_REDIS_URL": local.any_redis_url,
        "STEAMPUNK_SUBGRAPH_PORT": str(local.subgraph_port),
        "STEAMPUNK_ROUTER_PORT": str(local.router_port),
        "STEAMPUNK_ROUTER_HEALTH_PORT": str(local.router_health_port),
    }

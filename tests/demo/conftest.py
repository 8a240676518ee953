"""A store of its own with the sample catalogue and the demo accounts, as `up` makes it the first time."""

from collections.abc import Iterator

import pytest

from tests.operator.commands import run
from tests.own_store import own_store


@pytest.fixture(scope="package")
def demo(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings by which a person's commands find it."""
    url = mariadb_url.replace("/steampunk", "/demo")
    with own_store(engine, tmp_path_factory.mktemp("demo"), database_url=url) as store:
        settings = store.command_settings()
        sample = run(settings, "subgraphs", "sample", "--yes", "--router", store.store.settings.graphql_url)
        assert sample.returncode == 0, sample.stderr
        yield settings

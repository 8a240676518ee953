"""A product subgraph of its own, whose catalogue is the one to search in."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from etl.catalogue import product_database
from etl.load import load
from subgraphs.store.config import load_secrets
from subgraphs.store.processes import Program, answers
from tests.clients import SubgraphClient
from tests.own_store import OwnStore
from tests.ports import reserved_ports
from tests.subgraphs.product.relevance.catalogue import games


@pytest.fixture(scope="session")
def catalogue_url(mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A value for STEAMPUNK_DATABASE_URL: there is the made-up catalogue, loaded as a real one is."""
    folder = tmp_path_factory.mktemp("relevance")
    url = f"{mariadb_url}_relevance" if mariadb_url else f"sqlite+aiosqlite:///{folder}/steampunk"
    file = folder / "games.json"
    file.write_text(json.dumps(games(), indent=4, ensure_ascii=False), "utf-8")
    load(file, product_database(url))
    return url


@pytest.fixture(scope="session")
def shop_window(
    running: OwnStore, catalogue_url: str, http: aiohttp.ClientSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SubgraphClient]:
    """The client of a product subgraph that has this catalogue."""
    settings, logs = running.store.settings, tmp_path_factory.mktemp("relevance-logs")
    environment = settings.environment() | {"STEAMPUNK_DATABASE_URL": catalogue_url}
    with reserved_ports() as ports:
        url = f"http://127.0.0.1:{ports[0]}"
        command = [sys.executable, "-m", "subgraphs", "serve", "product", "--port", str(ports[0])]
        process = Program("product", command, environment, Path(logs))
        try:
            process.wait_until(lambda: answers(f"{url}/health"), 60)
            yield SubgraphClient(http, f"{url}/graphql", load_secrets(settings.state))
        finally:
            process.stop()

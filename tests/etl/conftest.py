"""The database of a load: SQLite on the embedded engine, else a MariaDB that these tests start."""

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from etl.catalogue import product_database
from perf.servers import mariadb
from subgraphs.kit.database.migrations.runner import migrate

_names = count(1)


@pytest.fixture(scope="session")
def mysql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mariadb(tmp_path_factory.mktemp("etl-servers")) as (_, url):
        yield url


@pytest.fixture
def base_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A value for STEAMPUNK_DATABASE_URL; there is no database yet."""
    if engine == "embedded":
        return f"sqlite+aiosqlite:///{tmp_path}/steampunk"
    return f"{request.getfixturevalue('mysql_url')}_{next(_names)}"


@pytest.fixture
def url(base_url: str) -> URL:
    """The product subgraph's database, migrated and empty."""
    product = product_database(base_url)
    asyncio.run(migrate("product", product))
    return product

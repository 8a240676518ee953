"""The database of a load: a new SQLite file on the embedded engines, a new database in MariaDB on the servers."""

import asyncio
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from etl.catalogue import product_database
from subgraphs.kit.database.migrations.runner import migrate

_names = count(1)


@pytest.fixture
def base_url(mariadb_url: str, tmp_path: Path) -> str:
    """A value for STEAMPUNK_DATABASE_URL; there is no database yet."""
    return f"{mariadb_url}_etl_{next(_names)}" if mariadb_url else f"sqlite+aiosqlite:///{tmp_path}/steampunk"


@pytest.fixture
def url(base_url: str) -> URL:
    """The product subgraph's database, migrated and empty."""
    product = product_database(base_url)
    asyncio.run(migrate("product", product))
    return product

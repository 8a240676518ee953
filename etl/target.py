"""Which database a load goes to."""

import asyncio
from pathlib import Path

from sqlalchemy.engine import URL

from etl import records
from etl.errors import TargetError
from etl.store import Store, Target, connect
from subgraphs.kit.database.migrations.runner import migrate
from subgraphs.kit.settings import Settings


def product_database(database_url: str | None = None) -> URL:
    """The product subgraph's database: of the settings, or of a URL like STEAMPUNK_DATABASE_URL."""
    settings = Settings() if database_url is None else Settings(database_url=database_url)
    return settings.database_of("product")


def target_of(url: URL) -> Target:
    """How to connect to a database with the plain driver."""
    if url.get_backend_name() == "sqlite":
        return Target("sqlite", (("database", url.database),))
    dialect = url.set(drivername="mysql+pymysql").get_dialect()()
    _, arguments = dialect.create_connect_args(url)
    return Target("mysql", tuple(arguments.items()))


def open_for_reading(url: URL) -> Store:
    """A connection that only looks. Raises TargetError where there is no database yet."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise TargetError(f"There is no database {url.database} yet: nothing has been loaded.")
    store = connect(target_of(url))
    records.prepare(store)
    return store


def open_for_loading(url: URL) -> Store:
    """A connection to a database that has all tables, and keeps other loads away until it is closed.

    Raises TargetError while another load is under way.
    """
    asyncio.run(migrate("product", url))
    store = connect(target_of(url))
    if not store.alone():
        store.close()
        raise TargetError("Another load into this database is under way. Wait for it, or end it.")
    records.prepare(store)
    return store

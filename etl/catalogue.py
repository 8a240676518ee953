"""The catalogue: the product subgraph's database, which a load writes to."""

import asyncio
from pathlib import Path

from sqlalchemy.engine import URL

from etl import runs
from etl.database.connect import connect
from etl.database.connection import Connection, ConnectionParameters
from etl.errors import CatalogueError
from subgraphs.kit.database.migrations.runner import migrate
from subgraphs.kit.settings import Settings


def product_database(database_url: str | None = None) -> URL:
    """The product subgraph's database. `database_url` means what STEAMPUNK_DATABASE_URL means, its default.

    Raises BadSetting.
    """
    return settings_for(database_url).database_of("product")


def settings_for(database_url: str | None) -> Settings:
    """The settings, with this database in place of STEAMPUNK_DATABASE_URL."""
    return Settings() if database_url is None else Settings(database_url=database_url)


def parameters_of(url: URL) -> ConnectionParameters:
    """How to connect to a database with the plain driver."""
    if url.get_backend_name() == "sqlite":
        return ConnectionParameters("sqlite", (("database", url.database),))
    dialect = url.set(drivername="mysql+pymysql").get_dialect()()
    _, arguments = dialect.create_connect_args(url)
    return ConnectionParameters("mysql", tuple(arguments.items()))


def open_for_reading(url: URL) -> Connection:
    """Connects in order to read runs. Raises CatalogueError if there is no database yet."""
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise CatalogueError(f"There is no database {url.database} yet: nothing has been loaded.")
    connection = connect(parameters_of(url))
    runs.create_tables(connection)
    return connection


def open_for_loading(url: URL) -> Connection:
    """Connects in order to load: migrates the database, and locks out other loads until `close`.

    Raises CatalogueError while another load holds the lock.
    """
    asyncio.run(migrate("product", url))
    connection = connect(parameters_of(url))
    if not connection.try_lock():
        connection.close()
        raise CatalogueError("Another load into this database is under way. Wait for it, or end it.")
    runs.create_tables(connection)
    return connection

"""Each subgraph's migrations make the tables that its models declare."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.kit.database.migrations.runner import migrate
from subgraphs.kit.settings import SUBGRAPHS

pytestmark = pytest.mark.engineless


def is_compared(schema_object: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Leaves out the full-text index of 0.1.0, which nothing uses any more."""
    return not (kind == "table" and str(name).startswith("product_search"))


def differences(connection: Connection, declared: MetaData) -> list[Any]:
    """The tables, columns and indexes that one has and the other lacks. SQLite cannot tell all types apart."""
    options = {"include_object": is_compared, "compare_type": False}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), declared))


@pytest.mark.parametrize("subgraph", SUBGRAPHS)
async def test_migrations_make_the_tables_that_the_models_declare(subgraph: str, tmp_path: Path) -> None:
    url = make_url(f"sqlite+aiosqlite:///{tmp_path}/{subgraph}.db")
    await migrate(subgraph, url)
    declared: MetaData = import_module(f"subgraphs.{subgraph}.models").Base.metadata
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences, declared)
    await engine.dispose()
    assert found == []

"""A copy of a store's databases that tests corrupt. No subgraph runs on it, which might repair it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import Delete, Insert, Table, Update, and_, delete, insert, inspect, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.audit import audit
from subgraphs.store.audit.tables import TABLES

WITHOUT_CHECKS = {
    "sqlite": ("PRAGMA ignore_check_constraints=ON",),
    "mysql": ("SET SESSION check_constraint_checks=0", "SET SESSION foreign_key_checks=0"),
}
Change = Update | Insert | Delete
Rows = dict[str, dict[str, list[dict[str, Any]]]]


@dataclass(frozen=True)
class Found:
    """A row of the copy, as it was before a test corrupted it."""

    model: type[Any]
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def changed(self, **values: Any) -> Update:
        return update(self.model).where(self._self).values(**values)

    def removed(self) -> Delete:
        return delete(self.model).where(self._self)

    def copied(self, **values: Any) -> Insert:
        """A new row like this one, except for these values."""
        return insert(self.model).values({**self.values, **values})

    @property
    def _self(self) -> Any:
        return and_(*[column == self.values[column.name] for column in inspect(self.model).primary_key])


class StoreCopy:
    """The databases of `settings`, filled with `rows`."""

    def __init__(self, settings: Settings, rows: Rows, redis: Redis) -> None:
        self.settings = settings
        self.redis = redis
        self._rows = rows
        self._changed = set(SUBGRAPHS)

    def one(self, model: type[Any], **wanted: Any) -> Found:
        """The first row that matches; a value may be a predicate. Raises LookupError if there is none."""
        for row in self._rows[_subgraph_of(model.__table__)][model.__tablename__]:
            if all(_suits(row[name], value) for name, value in wanted.items()):
                return Found(model, row)
        raise LookupError(f"no {model.__tablename__} with {wanted}")

    def new(self, model: type[Any], **values: Any) -> Insert:
        """A new row."""
        return insert(model).values(**values)

    async def breaches(self) -> set[str]:
        """The names of the invariants that do not hold."""
        findings = await audit(self.settings, wait=0)
        assert not [finding for finding in findings if finding.skipped]
        return {finding.invariant for finding in findings if finding.breaches}

    async def apply(self, *changes: Change) -> None:
        """Makes changes that the databases' constraints would refuse."""
        for change in changes:
            subgraph = _subgraph_of(change.table)
            self._changed.add(subgraph)
            async with _writing(self.settings, subgraph) as connection:
                await connection.execute(change)

    async def fill(self) -> None:
        """Brings every database back to the rows; those that were not changed have them still."""
        for subgraph in self._changed:
            async with _writing(self.settings, subgraph) as connection:
                for table in reversed(_tables(subgraph)):
                    await connection.execute(delete(table))
                for table in _tables(subgraph):
                    if self._rows[subgraph][table.name]:
                        await connection.execute(insert(table), self._rows[subgraph][table.name])
        self._changed.clear()


async def read(settings: Settings) -> Rows:
    """All rows of a store at rest, except for the catalogue, which no invariant is about."""
    rows: Rows = {}
    for subgraph in SUBGRAPHS:
        async with _writing(settings, subgraph) as connection:
            rows[subgraph] = {
                table.name: [dict(row._mapping) for row in await connection.execute(select(table))]
                for table in _tables(subgraph)
            }
    return rows


def _tables(subgraph: str) -> Sequence[Table]:
    tables: list[Table] = TABLES[subgraph].Base.metadata.sorted_tables
    events = ("outbox", "inbox", "dead_letters")
    return [table for table in tables if subgraph != "product" or table.name in events]


def _subgraph_of(table: Any) -> str:
    return next(name for name in SUBGRAPHS if TABLES[name].Base.metadata is table.metadata)


def _suits(value: Any, wanted: Any) -> bool:
    return bool(wanted(value) if callable(wanted) else value == wanted)


@asynccontextmanager
async def _writing(settings: Settings, subgraph: str) -> AsyncIterator[AsyncConnection]:
    """A transaction on a subgraph's database with its constraints off."""
    engine = create_async_engine(settings.database_of(subgraph), poolclass=NullPool)
    async with engine.connect() as connection:
        for statement in WITHOUT_CHECKS[engine.dialect.name]:
            await connection.execute(text(statement))
        await connection.commit()
        yield connection
        await connection.commit()

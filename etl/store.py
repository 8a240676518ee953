"""What the load asks of a database. SQL is written with `%s` for a parameter."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from etl.tables import Row, Table


class Target(NamedTuple):
    """How a process connects: picklable, since every worker opens a connection of its own."""

    kind: Literal["sqlite", "mysql"]
    arguments: tuple[tuple[str, Any], ...]
    """Names and values of what the driver's `connect` takes."""


class Duplicate(Exception):
    """A row with this key is there already."""


class Conflict(Exception):
    """The transaction lost against another one, and was rolled back; it may be tried again."""


class Store(Protocol):
    """A connection. Raises Duplicate, Conflict, or the driver's own errors."""

    ddl: dict[str, str]
    """What the column types of `records` are called."""
    notice: str | None
    """What a person should know of the way in which rows are written."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Runs one statement and returns its rows."""
        ...

    def locking(self, select: str) -> str:
        """A SELECT that keeps the rows it finds from being changed until the transaction ends."""
        ...

    def put(self, table: Table, rows: list[Row]) -> None:
        """Writes many rows of which none is there yet."""
        ...

    def replace(self, table: Table, rows: list[Row]) -> None:
        """Writes many rows, in the place of those with the same key."""
        ...

    def add_missing(self, table: Table, rows: list[Row]) -> None:
        """Writes those of some few rows that are not there yet."""
        ...

    def alone(self) -> bool:
        """Keeps other loads away from the database until `close`; false when one is under way."""
        ...

    def close(self) -> None: ...


def connect(target: Target) -> Store:
    """Opens a connection, importing only the driver that is needed."""
    if target.kind == "sqlite":
        from etl.sqlite import SQLiteStore

        return SQLiteStore(dict(target.arguments))
    from etl.mysql import MySQLStore

    return MySQLStore(dict(target.arguments))

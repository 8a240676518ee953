"""What a load needs of a database connection. SQL has `%s` for a parameter."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from etl.tables import Row, Table


class ConnectionParameters(NamedTuple):
    """How to connect. Picklable, since every worker process opens its own connection."""

    engine: Literal["sqlite", "mysql"]
    arguments: tuple[tuple[str, Any], ...]
    """Names and values of the arguments of the driver's `connect`."""


class DuplicateKey(Exception):
    """A row with this key exists."""


class Conflict(Exception):
    """The transaction lost against another one and was rolled back. Try it again."""


class Connection(Protocol):
    """A connection. Its methods raise DuplicateKey, Conflict, or the driver's own errors."""

    column_types: dict[str, str]
    """The engine's names for the column types in `runs.TABLES`."""
    notice: str | None
    """What the user should know about how rows are written."""

    def begin(self) -> None: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Executes one statement and returns its rows."""
        ...

    def for_update(self, select: str) -> str:
        """A SELECT that locks the rows it finds until the transaction ends."""
        ...

    def insert(self, table: Table, rows: list[Row]) -> None:
        """Inserts many rows. Raises DuplicateKey if one exists."""
        ...

    def replace(self, table: Table, rows: list[Row]) -> None:
        """Inserts many rows, and replaces those that exist."""
        ...

    def insert_missing(self, table: Table, rows: list[Row]) -> None:
        """Inserts a few rows, except those that exist."""
        ...

    def try_lock(self) -> bool:
        """Locks the database against other loads until `close`. False if another load has locked it."""
        ...

    def close(self) -> None: ...

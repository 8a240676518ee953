"""Writes to SQLite."""

import fcntl
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from etl.database.connection import Conflict, DuplicateKey
from etl.tables import Row, Table

# synchronous=NORMAL saves an fsync per chunk. In WAL mode a power cut may then undo the last chunks, but each as
# a whole, together with the record that it is done: the next load writes them again. The larger cache (KiB) and
# the rarer checkpoints (pages) write an index page less often.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",
)


class SQLiteConnection:
    """A connection to an SQLite file."""

    column_types = {"big": "INTEGER", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "key": "TEXT", "options": ""}
    notice: str | None = None

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._path = str(arguments["database"])
        self._connection = sqlite3.connect(**arguments, timeout=60, isolation_level=None)
        self._lock: IO[str] | None = None
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    def begin(self) -> None:
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        try:
            return list(self._connection.execute(sql.replace("%s", "?"), parameters))
        except sqlite3.IntegrityError as error:
            raise DuplicateKey(str(error)) from error
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            self.rollback()
            raise Conflict(str(error)) from error

    def for_update(self, select: str) -> str:
        return select  # BEGIN IMMEDIATE has locked the whole database

    def insert(self, table: Table, rows: list[Row]) -> None:
        self._write("INSERT", table, rows)

    def replace(self, table: Table, rows: list[Row]) -> None:
        self._write("REPLACE", table, rows)

    def insert_missing(self, table: Table, rows: list[Row]) -> None:
        self._write("INSERT", table, rows, " ON CONFLICT DO NOTHING")

    def _write(self, verb: str, table: Table, rows: list[Row], suffix: str = "") -> None:
        places = ", ".join("?" * len(table.columns))
        try:
            self._connection.executemany(
                f"{verb} INTO {table.name} ({table.column_list}) VALUES ({places}){suffix}", rows
            )
        except sqlite3.IntegrityError as error:
            raise DuplicateKey(str(error)) from error

    def try_lock(self) -> bool:
        self._lock = Path(f"{self._path}.etl-lock").open("w")  # noqa: SIM115  locked until `close`
        with suppress(BlockingIOError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def close(self) -> None:
        self._connection.close()
        if self._lock:
            self._lock.close()

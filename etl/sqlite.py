"""Writing to SQLite: batches in one transaction, one writer at a time."""

import fcntl
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from etl.store import Conflict, Duplicate
from etl.tables import SEARCH, Row, Table

# NORMAL: in WAL mode a power cut may take back the last chunks, but whole, with the record that they were
# done: the next run loads them again. It saves an fsync a chunk. The larger cache (KiB) and the rarer
# checkpoint (pages) keep index pages from being written many times over.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "cache_size=-65536",
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",
)
SEARCH_ID = ("product_id", "rowid")
"""The full-text table of SQLite has no column for the product's id."""


class SQLiteStore:
    """A connection to an SQLite file."""

    ddl = {"big": "INTEGER", "serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "key": "TEXT", "options": ""}
    notice: str | None = None

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._path = str(arguments["database"])
        self._connection = sqlite3.connect(**arguments, timeout=60, isolation_level=None)
        self._lock: IO[str] | None = None
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    def begin(self) -> None:
        self.run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.run("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        try:
            return list(self._connection.execute(sql.replace("%s", "?"), parameters))
        except sqlite3.IntegrityError as error:
            raise Duplicate(str(error)) from error
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            self.rollback()
            raise Conflict(str(error)) from error

    def locking(self, select: str) -> str:
        return select  # BEGIN IMMEDIATE has locked everything

    def put(self, table: Table, rows: list[Row]) -> None:
        self._write("INSERT", table, rows)

    def replace(self, table: Table, rows: list[Row]) -> None:
        self._write("REPLACE", table, rows)

    def add_missing(self, table: Table, rows: list[Row]) -> None:
        self._write("INSERT OR IGNORE", table, rows)

    def _write(self, verb: str, table: Table, rows: list[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        columns = table.column_list.replace(*SEARCH_ID) if table is SEARCH else table.column_list
        try:
            self._connection.executemany(f"{verb} INTO {table.name} ({columns}) VALUES ({places})", rows)
        except sqlite3.IntegrityError as error:
            raise Duplicate(str(error)) from error

    def alone(self) -> bool:
        self._lock = Path(f"{self._path}.etl-lock").open("w")  # noqa: SIM115  held until close
        with suppress(BlockingIOError):
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def close(self) -> None:
        self._connection.close()
        if self._lock:
            self._lock.close()

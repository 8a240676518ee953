"""Writes to MySQL and MariaDB, with LOAD DATA LOCAL INFILE where the server allows it.

`unique_checks` and `foreign_key_checks` stay on. The catalogue has neither foreign keys nor unique secondary
indexes, so turning them off saves nothing, and MariaDB would lock an empty table for its first transaction.
"""

import tempfile
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pymysql
from pymysql.constants import ER

from etl.database.connection import Conflict, DuplicateKey
from etl.errors import CatalogueError
from etl.tables import Row, Table

CHANGED_SINCE_READ = 1020
CONFLICTS = frozenset({CHANGED_SINCE_READ, ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK})
ROWS_PER_INSERT = 500
"""Less than 16 MiB, the default limit of a statement, even with the longest descriptions."""
# `cleaning.clean` removes control characters from all values, so these separators need no escaping.
FIELD, LINE = "\x1f", "\x1e"


class MySQLConnection:
    """A connection to a MySQL or MariaDB database."""

    column_types = {
        "big": "BIGINT",
        "serial": "BIGINT AUTO_INCREMENT PRIMARY KEY",
        "key": "VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin",
        "options": "ENGINE=InnoDB CHARACTER SET utf8mb4",
    }

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._database = str(arguments["database"])
        self._connection = pymysql.connect(**arguments, charset="utf8mb4", local_infile=True, autocommit=True)
        self.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        self._may_load = bool(self.execute("SELECT @@local_infile")[0][0])
        self.notice = None if self._may_load else "The server forbids LOAD DATA LOCAL: slower inserts are used."
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="")  # noqa: SIM115

    def begin(self) -> None:
        self._connection.begin()

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(sql, parameters or None)
            except pymysql.MySQLError as error:
                raise self._translated(error) from error
            return list(cursor.fetchall())

    def _translated(self, error: pymysql.MySQLError) -> Exception:
        code = error.args[0] if error.args else None
        if code in CONFLICTS:
            self.rollback()
            return Conflict(str(error))
        return DuplicateKey(str(error)) if code == ER.DUP_ENTRY else error

    def for_update(self, select: str) -> str:
        return f"{select} FOR UPDATE"

    def insert(self, table: Table, rows: list[Row]) -> None:
        self._write("INSERT", "", table, rows)

    def replace(self, table: Table, rows: list[Row]) -> None:
        self._write("REPLACE", "REPLACE", table, rows)

    def insert_missing(self, table: Table, rows: list[Row]) -> None:
        # Not INSERT IGNORE, which turns every data error into a warning.
        column = table.columns[0]
        self._insert_rows("INSERT", table, rows, f" ON DUPLICATE KEY UPDATE {column} = {column}")

    def _write(self, verb: str, mode: str, table: Table, rows: list[Row]) -> None:
        if rows and self._may_load:
            self._load_rows(mode, table, rows)
        else:
            self._insert_rows(verb, table, rows)

    def _insert_rows(self, verb: str, table: Table, rows: list[Row], suffix: str = "") -> None:
        places = f"({', '.join(['%s'] * len(table.columns))})"
        for i in range(0, len(rows), ROWS_PER_INSERT):
            some = rows[i : i + ROWS_PER_INSERT]
            values = ", ".join([places] * len(some))
            self.execute(
                f"{verb} INTO {table.name} ({table.column_list}) VALUES {values}{suffix}",
                tuple(chain.from_iterable(some)),
            )

    def _load_rows(self, mode: str, table: Table, rows: list[Row]) -> None:
        self._spool(table, rows)
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(load_statement(mode, table, self._file.name))
            except pymysql.MySQLError as error:
                raise self._translated(error) from error
            # LOCAL turns errors, such as a value cut or a duplicate key, into warnings.
            warnings = cursor.warning_count
            if warnings or cursor.rowcount < len(rows):
                cursor.execute("SHOW WARNINGS LIMIT 1")
                raise CatalogueError(f"{table.name}: not all rows were stored as given: {cursor.fetchall()}")

    def _spool(self, table: Table, rows: list[Row]) -> None:
        if table.nullable:
            rows = [tuple("" if value is None else value for value in row) for row in rows]
        line = FIELD.join(["%s"] * len(table.columns)) + LINE
        self._file.seek(0)
        self._file.truncate()
        self._file.write(line * len(rows) % tuple(chain.from_iterable(rows)))
        self._file.flush()

    def try_lock(self) -> bool:
        return self.execute("SELECT GET_LOCK(%s, 0)", (f"etl {self._database}"[:64],)) == [(1,)]

    def close(self) -> None:
        self._file.close()
        self._connection.close()


def load_statement(mode: str, table: Table, path: str) -> str:
    columns = ", ".join(f"@{column}" if column in table.nullable else column for column in table.columns)
    nulls = ", ".join(f"{column} = NULLIF(@{column}, '')" for column in sorted(table.nullable))
    return (
        f"LOAD DATA LOCAL INFILE '{path}' {mode} INTO TABLE {table.name} CHARACTER SET utf8mb4"
        f" FIELDS TERMINATED BY X'1F' ESCAPED BY '' LINES TERMINATED BY X'1E' ({columns})"
        f"{f' SET {nulls}' if nulls else ''}"
    )

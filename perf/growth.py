"""How much operations leave in the databases: rows, and bytes of data and indexes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pymysql

from etl.catalogue import parameters_of
from subgraphs.kit.settings import SUBGRAPHS, Settings

GROWTH = "Rows and bytes that an operation leaves"
PASSING = {"outbox", "inbox"}
"""Their rows are removed again, once all consumers have applied an event."""
USED = """SELECT SUM(stat_value) * @@innodb_page_size FROM mysql.innodb_index_stats
    WHERE database_name = DATABASE() AND table_name IN %s AND stat_name = 'n_leaf_pages'"""
"""The pages that hold rows of a table or entries of its indexes. Its file is larger: it grows by a megabyte."""


@dataclass(frozen=True)
class Sizes:
    """How large the databases are, by subgraph."""

    rows: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)
    """Bytes of these rows and of their indexes."""

    def since(self, before: "Sizes") -> "Sizes":
        """What was added after `before`."""
        return Sizes(self.rows - before.rows, self.size - before.size)

    def table(self, run: str, operations: int) -> list[dict[str, Any]]:
        """A row of a report for each database that has grown in this run."""
        return [
            {"run": f"{run}: {name}", "rows": round(rows / operations, 2), "bytes": round(self.size[name] / operations)}
            for name, rows in self.rows.items()
        ]


def sizes(settings: Settings) -> Sizes:
    """Counts all rows, which keeps the server busy.

    Empty for SQLite, and where the user may not read the server's statistics.
    """
    found = Sizes()
    for subgraph in SUBGRAPHS:
        url = settings.database_of(subgraph)
        if url.get_backend_name() == "sqlite":
            continue
        with pymysql.connect(**dict(parameters_of(url).arguments)) as connection, connection.cursor() as cursor:
            try:
                found.rows[subgraph], found.size[subgraph] = _size(cursor)
            except pymysql.err.OperationalError as error:
                if error.args[0] != pymysql.constants.ER.TABLEACCESS_DENIED_ERROR:
                    raise
                return Sizes()
    return found


def _size(cursor: pymysql.cursors.Cursor) -> tuple[int, int]:
    cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
    names = sorted({str(name) for (name,) in cursor.fetchall()} - PASSING)
    tables = [f"`{name}`" for name in names]
    cursor.execute("ANALYZE TABLE " + ", ".join(tables))
    cursor.execute(USED, (names,))
    ((used,),) = cursor.fetchall()
    cursor.execute("SELECT " + " + ".join(f"(SELECT COUNT(*) FROM {table})" for table in tables))
    ((rows,),) = cursor.fetchall()
    return int(rows), int(used)

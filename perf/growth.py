"""How much operations leave in the databases: rows, and bytes of data and indexes."""

from collections import Counter

import pymysql

from etl.catalogue import parameters_of
from subgraphs.kit.settings import SUBGRAPHS, Settings

PASSING = {"outbox", "inbox"}
"""Their rows are removed again, once all consumers have applied an event."""
USED = """SELECT SUM(stat_value) * @@innodb_page_size FROM mysql.innodb_index_stats
    WHERE database_name = DATABASE() AND table_name IN %s AND stat_name = 'n_leaf_pages'"""
"""The pages that hold rows of a table or entries of its indexes. Its file is larger: it grows by a megabyte."""


def sizes(settings: Settings) -> tuple[Counter[str], Counter[str]]:
    """The rows, and the bytes, of each subgraph's tables by the subgraph's name.

    Empty for SQLite, and where the user may not read the server's statistics.
    """
    rows: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for subgraph in SUBGRAPHS:
        url = settings.database_of(subgraph)
        if url.get_backend_name() == "sqlite":
            continue
        with pymysql.connect(**dict(parameters_of(url).arguments)) as connection, connection.cursor() as cursor:
            try:
                rows[subgraph], size[subgraph] = _size(cursor)
            except pymysql.err.OperationalError as error:
                if error.args[0] != pymysql.constants.ER.TABLEACCESS_DENIED_ERROR:
                    raise
                return Counter(), Counter()
    return rows, size


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

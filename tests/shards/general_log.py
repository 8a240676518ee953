"""MariaDB's general log: every statement as the server got it, by transaction."""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pymysql
from sqlalchemy.engine import URL

from etl.catalogue import parameters_of

ENDS = re.compile(r"(COMMIT|ROLLBACK|BEGIN|START TRANSACTION|SET\b.*autocommit)", re.IGNORECASE)
CONNECTED = re.compile(r" on (\S+) using ")


@dataclass
class Log:
    """What was logged within the block, once it has ended."""

    transactions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The text of each transaction's statements together, by database."""


@contextmanager
def general_log(url: URL) -> Iterator[Log]:
    """Logs what the server of `url` gets."""
    log = Log()
    with pymysql.connect(**dict(parameters_of(url).arguments)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, db FROM information_schema.processlist WHERE db IS NOT NULL")
        databases = dict(cursor.fetchall())
        cursor.execute("SET GLOBAL general_log = OFF, GLOBAL log_output = 'TABLE'")
        cursor.execute("TRUNCATE mysql.general_log")
        cursor.execute("SET GLOBAL general_log = ON")
        try:
            yield log
        finally:
            cursor.execute("SET GLOBAL general_log = OFF, GLOBAL log_output = 'FILE'")
        # Without an order: the rows come as they were written.
        cursor.execute("SELECT thread_id, command_type, CONVERT(argument USING utf8mb4) FROM mysql.general_log")
        for thread, transaction in _transactions(cursor.fetchall(), databases):
            log.transactions[databases[thread]].append(transaction)


def _transactions(entries: Any, databases: dict[int, str]) -> Iterator[tuple[int, str]]:
    """The transactions of each connection, whose database is added to `databases`."""
    open_ones: dict[int, list[str]] = defaultdict(list)
    for thread, command, text in entries:
        if command == "Connect" and (found := CONNECTED.search(text)):
            databases[thread] = found[1]
        elif command == "Query" and thread in databases:
            if not ENDS.match(text):
                open_ones[thread].append(text)
            elif open_ones[thread]:
                yield thread, "\n".join(open_ones.pop(thread))
    for thread, texts in open_ones.items():
        # Reads commit by themselves.
        yield from ((thread, text) for text in texts)

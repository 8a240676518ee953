"""The databases of the simulation: made once, with a little catalogue, and put back before each schedule."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.migrate import migrate_all
from subgraphs.store.valkey import valkey_command

ENVIRONMENT = {
    "STEAMPUNK_CHECKOUT_OVERDUE": "1",
    "STEAMPUNK_CLAIM_LIFETIME": "9",
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_PAYMENT_LIFETIME": "9",
    "STEAMPUNK_PEER_TIMEOUT": "3",
    "STEAMPUNK_SETTLEMENT_DELAY": "1",
    "STEAMPUNK_TOP_UP_PROVIDER": "sandbox",
}
# What the outbox has ever held, in the order of its transactions.
LOG = """
CREATE TABLE ever_written (position INTEGER PRIMARY KEY, event_id TEXT);
CREATE TRIGGER log_outbox AFTER INSERT ON outbox BEGIN INSERT INTO ever_written (event_id) VALUES (new.event_id); END;
"""
RELAYED = """
SELECT event_id FROM ever_written
WHERE event_id NOT IN (SELECT event_id FROM outbox WHERE relayed_at IS NULL) ORDER BY position
"""
BUSY = """
SELECT id FROM outbox UNION SELECT id FROM checkouts WHERE step NOT IN ('DONE', 'FAILED')
UNION SELECT id FROM refunds WHERE state IN ('REVOKING', 'IN_PROGRESS')
"""
START_ATTEMPTS = 100


@dataclass
class Store:
    """The databases of the six subgraphs in a folder, and a Valkey."""

    folder: Path
    settings: Settings
    redis_path: str
    ended: list[object] = field(default_factory=list)
    """The worlds that there were."""
    _databases: dict[str, Database] = field(default_factory=dict)

    def database(self, name: str) -> Database:
        """The database of a process, of which none is connected yet.

        The engines of processes with the same name are the same, so that they compile each statement only once.
        """
        if name not in self._databases:
            self._databases[name] = Database(self.settings.database_of(name.split()[0]), self.settings.database_pool)
        database = self._databases[name]
        for engine in (database.reader, database.writer):
            engine.sync_engine.dispose(close=False)
        return database

    def keep(self) -> None:
        """Keeps the databases as they are, for `put_back`."""
        shutil.copytree(self.folder / "data", self.folder / "kept", dirs_exist_ok=True)

    def ever_relayed(self) -> list[str]:
        """The ids of the payment subgraph's events but for those that still wait, in the order of their transactions."""
        return [row[0] for row in self._payment(RELAYED)]

    def is_busy(self) -> bool:
        """Whether events are on their way, or sagas under way: the auditor would only wait."""
        return bool(self._payment(BUSY))

    def _payment(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(str(self.settings.database_of("payment").database))) as payment:
            return payment.execute(query).fetchall()

    def put_back(self) -> None:
        """Makes the databases those that were kept, and empties Valkey."""
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "kept", self.folder / "data")
        with Redis(unix_socket_path=self.redis_path) as redis:
            redis.flushall()


@contextmanager
def empty_store(folder: Path) -> Iterator[Store]:
    """A store without any data. Its settings are in the environment from now on."""
    os.environ.update(ENVIRONMENT)
    addresses = {f"{name}_url": name for name in SUBGRAPHS}
    settings = Settings(state=folder, service_secret="peers", router_secret="router", **addresses)  # type: ignore[arg-type]
    (folder / "data").mkdir()
    migrate_all(settings)
    with closing(sqlite3.connect(str(settings.database_of("payment").database))) as payment:
        payment.executescript(LOG)
    path = str(folder / "valkey")
    command = [*valkey_command(0, folder), "--unixsocket", path, "--appendonly", "no"]
    valkey = Popen(command, stdout=DEVNULL)
    try:
        patient = Retry(ConstantBackoff(0.1), START_ATTEMPTS)
        with Redis(unix_socket_path=path, retry=patient) as redis:
            redis.ping()
        yield Store(folder, settings, path)
    finally:
        valkey.terminate()
        valkey.wait()

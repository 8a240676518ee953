"""A store of the tests' own: real processes, a real router, real databases, on free ports and with an empty state."""

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from perf.servers import mariadb, redis_server
from router.choice import choose
from router.process import free_ports
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import Settings
from subgraphs.store.config import StoreSettings, load_secrets
from subgraphs.store.migrate import migrate_all
from subgraphs.store.processes import Child, LaunchFailed, check_ports
from subgraphs.store.store import Store
from subgraphs.user.models import SigningKey
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault

PREFIX = "STEAMPUNK_"
QUICK = {"STEAMPUNK_CHECKOUT_OVERDUE": "1", "STEAMPUNK_LOG_LEVEL": "WARNING"}
"""With it, tests that wait for the store wait less."""


@dataclass
class OwnStore:
    """The running processes, and what these take from their environment."""

    store: Store
    settings: Settings
    servers: dict[str, Child]
    """Those that keep the data: `redis`, and `mariadb` where there is one."""

    async def signer(self) -> Signer:
        """Signs access tokens with the user subgraph's own key."""
        database = Database(self.settings.database_of("user"), 1)
        async with database.reading() as session:
            key = (await session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).first()
        await database.close()
        assert key is not None
        data_key = load_secrets(self.store.settings.state)["STEAMPUNK_DATA_KEY"]
        private = Vault(base64.b64decode(data_key)).open(key.private_key, f"signing-key:{key.id}")
        return Signer(key.id, private, self.settings.token_issuer)


@contextmanager
def own_store(
    engine: str,
    state: Path,
    environment: Mapping[str, str] = QUICK,
    before: Callable[[str], None] | None = None,
) -> Iterator[OwnStore]:
    """A store that is ready, and ended with the block; `environment` holds while it lasts.

    Engine `embedded` is SQLite and the embedded Valkey, `servers` MariaDB and Redis. `before` is called with the
    databases' URL (empty for SQLite) before anything is read from `state` or migrated.
    """
    with ExitStack() as stack:
        servers: dict[str, Child] = {}
        database_url = redis_url = ""
        if engine == "servers":
            servers["mariadb"], database_url = stack.enter_context(mariadb(state))
            servers["redis"], redis_url = stack.enter_context(redis_server(state))
        if before is not None:
            before(database_url)
        own = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in environment.items():
            own.setenv(name, value)
        store = Store(_store_settings(state, database_url, redis_url), choose(print))
        stack.callback(store.stop)
        if not redis_url:
            store.start_valkey()
            servers["redis"] = store.children["valkey"]
        settings = _process_settings(store.settings)
        migrate_all(settings)
        store.start()
        yield OwnStore(store, settings, servers)


def _process_settings(local: StoreSettings) -> Settings:
    environment = local.environment().items()
    values = {name.removeprefix(PREFIX).lower(): value for name, value in environment if name.startswith(PREFIX)}
    return Settings.model_validate(values)


def _store_settings(state: Path, database_url: str, redis_url: str) -> StoreSettings:
    router, health, metrics, playground, valkey = free_ports(5)
    return StoreSettings(
        state=state,
        database_url=database_url,
        redis_url=redis_url,
        router_port=router,
        router_health_port=health,
        router_metrics_port=metrics,
        playground_port=playground,
        valkey_port=valkey,
        subgraph_port=six_in_a_row(),
        settlement_delay="1",
    )


def six_in_a_row() -> int:
    """The first of six free ports in a row, where nobody is given ports by the system."""
    for first in range(10_000 + os.getpid() % 900 * 10, 32_000, 10):
        try:
            check_ports({str(port): port for port in range(first, first + 6)})
        except LaunchFailed:
            continue
        return first
    raise AssertionError("no six free ports in a row")

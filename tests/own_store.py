"""A store of the tests' own: real processes, a real router, real databases, on free ports and with an empty state."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from perf.servers import mariadb, redis_server
from router.choice import choose
from router.process import Gateway
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import Settings
from subgraphs.store.config import SECRETS, StoreSettings, load_secrets
from subgraphs.store.migrate import migrate_all
from subgraphs.store.processes import Child
from subgraphs.store.store import Store
from subgraphs.user.models import SigningKey
from subgraphs.user.tokens import Signer
from subgraphs.user.vault import Vault
from tests.ports import reserved_ports

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

    def command_settings(self) -> dict[str, str]:
        """The environment in which a person's commands find this store."""
        local = self.store.settings
        return {
            "STEAMPUNK_STATE": str(local.state),
            "STEAMPUNK_SECRETS_FILE": local.secrets_file,
            "STEAMPUNK_DATABASE_URL": local.database_url,
            "STEAMPUNK_REDIS_URL": local.any_redis_url,
            "STEAMPUNK_SUBGRAPH_PORT": str(local.subgraph_port),
            "STEAMPUNK_ROUTER_PORT": str(local.router_port),
            "STEAMPUNK_ROUTER_HEALTH_PORT": str(local.router_health_port),
        }

    async def signer(self) -> Signer:
        """Signs access tokens with the user subgraph's own key."""
        database = Database(self.settings.database_of("user"), 1)
        async with database.reading() as session:
            key = (await session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).first()
        await database.close()
        assert key is not None
        data_key = self.store.settings.secrets()["STEAMPUNK_DATA_KEY"]
        private = Vault(base64.b64decode(data_key)).open(key.private_key, f"signing-key:{key.id}")
        return Signer(key.id, private, self.settings.token_issuer)


@contextmanager
def own_store(
    engine: str,
    state: Path,
    environment: Mapping[str, str] = QUICK,
    database_url: str = "",
    redis_url: str = "",
    before: Callable[[str], None] | None = None,
    make: Callable[[StoreSettings, Gateway], Store] = Store,
) -> Iterator[OwnStore]:
    """A store that is ready, and ended with the block; `environment` holds while it lasts.

    Engine `embedded` is SQLite and the embedded Valkey, `servers` MariaDB and Redis. With a `database_url` or a
    `redis_url`, it uses that MariaDB or Redis instead of one of its own. `before` is called with the databases' URL (empty for
    SQLite) before anything is read from `state` or migrated. `make` may make another kind of store.
    """
    with ExitStack() as stack:
        ports = stack.enter_context(reserved_ports())
        servers: dict[str, Child] = {}
        if engine == "servers":
            if not database_url:
                servers["mariadb"], database_url = stack.enter_context(mariadb(state, ports.pop()))
            if not redis_url:
                servers["redis"], redis_url = stack.enter_context(redis_server(state, ports.pop()))
        if before is not None:
            before(database_url)
        own = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in environment.items():
            own.setenv(name, value)
        load_secrets(state)  # makes them where `before` has brought none
        store = make(_store_settings(state, ports, database_url, redis_url), choose(print))
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


def _store_settings(state: Path, ports: Sequence[int], database_url: str, redis_url: str) -> StoreSettings:
    router, health, metrics, playground, live, valkey, first_subgraph, *_ = ports
    return StoreSettings(
        state=state,
        secrets_file=str(state / SECRETS),
        database_url=database_url,
        redis_url=redis_url,
        router_port=router,
        router_health_port=health,
        router_metrics_port=metrics,
        playground_port=playground,
        live_port=live,
        valkey_port=valkey,
        subgraph_port=first_subgraph,
        settlement_delay="1",
    )

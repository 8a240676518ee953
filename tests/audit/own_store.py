"""A store of its own for the auditor's tests: what others do to the shared one by hand must not show here."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from router.binary import obtain
from router.process import free_ports
from subgraphs.kit.migrations import migrate as migrate_one
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import StoreError, check_ports
from subgraphs.store.store import Store
from tests.servers import mariadb, redis_server

QUICK = {"STEAMPUNK_CHECKOUT_OVERDUE": "1", "STEAMPUNK_LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class OwnStore:
    """A running store and its settings."""

    store: Store
    settings: Settings


@contextmanager
def own_store(engine: str, state: Path) -> Iterator[OwnStore]:
    with ExitStack() as stack:
        database_url = redis_url = ""
        if engine == "servers":
            _, database_url = stack.enter_context(mariadb(state))
            _, redis_url = stack.enter_context(redis_server(state))
        local = _settings(state, database_url, redis_url)
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in QUICK.items():
            environment.setenv(name, value)
        store = Store(local, obtain(print))
        stack.callback(store.stop)
        if not redis_url:
            store.start_valkey()
        settings = _kit_settings(local)
        asyncio.run(migrate(settings))
        store.start()
        yield OwnStore(store, settings)


def _kit_settings(local: StoreSettings) -> Settings:
    prefix = "STEAMPUNK_"
    values = {
        name.removeprefix(prefix).lower(): value
        for name, value in local.environment().items()
        if name.startswith(prefix)
    }
    return Settings.model_validate(values)


def _settings(state: Path, database_url: str, redis_url: str) -> StoreSettings:
    ports = free_ports(6)
    return StoreSettings(
        state=state,
        database_url=database_url,
        redis_url=redis_url,
        router_port=ports[0],
        router_health_port=ports[1],
        router_metrics_port=ports[2],
        playground_port=ports[3],
        valkey_port=ports[4],
        subgraph_port=_six_in_a_row(ports[5]),
        settlement_delay="1",
    )


def _six_in_a_row(start: int) -> int:
    """The first of six free ports in a row."""
    for first in range(32_000 + start % 500, 60_000, 10):
        try:
            check_ports({str(port): port for port in range(first, first + 6)})
        except StoreError:
            continue
        return first
    raise AssertionError("no six free ports in a row")


async def migrate(settings: Settings) -> None:
    """Makes the six databases of these settings."""
    for subgraph in SUBGRAPHS:
        await migrate_one(subgraph, settings.database_of(subgraph))


def environment(settings: Settings) -> dict[str, str]:
    """What a command needs to find these databases."""
    names = ("state", "database_url", "redis_url")
    return {**os.environ, **{f"STEAMPUNK_{name.upper()}": str(getattr(settings, name)) for name in names}}

"""A store of its own whose processes are killed, frozen and misled."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from router.binary import obtain
from router.process import free_ports
from subgraphs.kit.faults import Fault
from subgraphs.kit.migrations import migrate
from subgraphs.kit.settings import SUBGRAPHS, Settings
from subgraphs.store.config import StoreSettings
from subgraphs.store.processes import Child, StoreError, check_ports
from subgraphs.store.store import Store
from tests.servers import mariadb, redis_server

QUICK = {
    "STEAMPUNK_PAYMENT_LIFETIME": "4",
    "STEAMPUNK_CLAIM_LIFETIME": "6",
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_CHECKOUT_OVERDUE": "1",
    "STEAMPUNK_PEER_TIMEOUT": "3",
    "STEAMPUNK_LOG_LEVEL": "WARNING",
    "ROUTER_SUBGRAPH_TIMEOUT": "8s",
}
"""So short that time-outs, sweepers and expiry all come into play within the seconds that a fault lasts."""


@dataclass
class FaultyStore:
    """The running processes, by name: the subgraphs, `router`, `redis`, and `mariadb` where there is one."""

    store: Store
    settings: Settings
    servers: dict[str, Child]
    orders: Path
    """The folder in which processes look for faults (subgraphs.kit.faults)."""
    redis_data: Path
    frozen: set[str] = field(default_factory=set)

    @property
    def children(self) -> dict[str, Child]:
        return {**self.store.children, **self.servers}

    @property
    def has_mariadb(self) -> bool:
        return "mariadb" in self.servers

    def kill(self, name: str) -> None:
        self.children[name].kill()

    def is_dead(self, name: str) -> bool:
        return self.children[name].process.poll() is not None

    def freeze(self, name: str) -> None:
        self.frozen.add(name)
        os.killpg(self.children[name].process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        while self.frozen:
            with suppress(ProcessLookupError):
                os.killpg(self.children[self.frozen.pop()].process.pid, signal.SIGCONT)

    def lose_redis_data(self) -> None:
        """What a Redis that was killed had written is gone."""
        for path in self.redis_data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def serve_with(self, name: str, **environment: str) -> None:
        """Crashes a subgraph, and serves it with other settings."""
        self.kill(name)
        port = str(self.store.settings.port_of(name))
        command = [sys.executable, "-m", "subgraphs", "serve", name, "--port", port]
        variables = {**self.store.settings.environment(), **environment}
        self.store.children[name] = Child(name, command, variables, self.children[name].log.parent)

    async def heal(self) -> None:
        """Everything runs again, and is ready."""
        self.thaw()
        for order in self.orders.iterdir():
            order.unlink()
        for name, child in [*self.servers.items(), *self.store.children.items()]:
            if self.is_dead(name):
                child.restart()
        await self.ready()

    async def ready(self) -> None:
        await asyncio.to_thread(self.store.wait_ready)

    def order(self, name: str, fault: Fault) -> None:
        """Has a subgraph meet a fault the next time that it comes by."""
        new = self.orders / "new"
        new.write_bytes(msgspec.json.encode(fault))
        new.rename(self.orders / str(self.children[name].process.pid))

    def has_met(self, fault: Fault) -> bool:
        return (self.orders / f"{fault.id}.met").exists()


@contextmanager
def faulty_store(engine: str, state: Path) -> Iterator[FaultyStore]:
    orders = state / "faults"
    orders.mkdir()
    with ExitStack() as stack:
        servers: dict[str, Child] = {}
        database_url = redis_url = ""
        if engine == "servers":
            servers["mariadb"], database_url = stack.enter_context(mariadb(state))
            servers["redis"], redis_url = stack.enter_context(redis_server(state))
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in QUICK.items():
            environment.setenv(name, value)
        environment.setenv("STEAMPUNK_FAULTS", str(orders))
        store = Store(_store_settings(state, database_url, redis_url), obtain(print))
        stack.callback(store.stop)
        if not redis_url:
            store.start_valkey()
            servers["redis"] = store.children.pop("valkey")
            stack.callback(servers["redis"].stop)
        settings = kit_settings(store.settings)
        asyncio.run(_migrate(settings))
        store.start()
        faulty = FaultyStore(store, settings, servers, orders, state / ("redis" if redis_url else "valkey"))
        stack.callback(faulty.thaw)
        yield faulty


def kit_settings(local: StoreSettings) -> Settings:
    """What the store's own processes take from their environment."""
    prefix = "STEAMPUNK_"
    environment = local.environment().items()
    values = {name.removeprefix(prefix).lower(): value for name, value in environment if name.startswith(prefix)}
    return Settings.model_validate(values)


async def _migrate(settings: Settings) -> None:
    for subgraph in SUBGRAPHS:
        await migrate(subgraph, settings.database_of(subgraph))


def _store_settings(state: Path, database_url: str, redis_url: str) -> StoreSettings:
    ports = free_ports(5)
    return StoreSettings(
        state=state,
        database_url=database_url,
        redis_url=redis_url,
        router_port=ports[0],
        router_health_port=ports[1],
        router_metrics_port=ports[2],
        playground_port=ports[3],
        valkey_port=ports[4],
        subgraph_port=_six_in_a_row(),
        settlement_delay="1",
    )


def _six_in_a_row() -> int:
    """The first of six free ports in a row, where nobody is given ports by the system."""
    for first in range(10_000 + os.getpid() % 900 * 10, 32_000, 10):
        try:
            check_ports({str(port): port for port in range(first, first + 6)})
        except StoreError:
            continue
        return first
    raise AssertionError("no six free ports in a row")

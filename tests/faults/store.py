"""A store for fault injection: its processes can be killed, frozen, and made to fail at failpoints."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from subgraphs.kit.failpoints import Fault
from subgraphs.store.forked import Subgraph
from subgraphs.store.processes import Child
from tests.own_store import QUICK, OwnStore, own_store

VERY_QUICK = {
    **QUICK,
    "STEAMPUNK_PAYMENT_LIFETIME": "4",
    "STEAMPUNK_CLAIM_LIFETIME": "6",
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_PEER_TIMEOUT": "3",
    "ROUTER_SUBGRAPH_TIMEOUT": "8s",
}
"""Short enough for time-outs, sweepers and expiry to occur while a fault lasts."""

UNHURRIED = {
    **QUICK,
    "STEAMPUNK_CLAIM_RATE": "1000",
    "STEAMPUNK_PAYMENT_LIFETIME": "3600",
    "STEAMPUNK_CLAIM_LIFETIME": "3600",
}
"""Nothing expires while a test looks."""


@dataclass
class FaultyStore(OwnStore):
    """Processes are addressed by name: the subgraphs' names, `router`, `redis`, and `mariadb` on servers."""

    failpoints: Path
    """The folder where processes look for faults (subgraphs.kit.failpoints)."""
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
        return self.children[name].has_ended

    def freeze(self, name: str) -> None:
        self.frozen.add(name)
        os.killpg(self.children[name].pid, signal.SIGSTOP)

    def thaw(self) -> None:
        while self.frozen:
            with suppress(ProcessLookupError):
                os.killpg(self.children[self.frozen.pop()].pid, signal.SIGCONT)

    def lose_redis_data(self) -> None:
        """Deletes the data that a killed Redis left on disk."""
        for path in self.redis_data.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def serve_with(self, name: str, **environment: str) -> None:
        """Kills a subgraph and restarts it with other settings."""
        self.kill(name)
        settings = self.store.settings
        variables = {**settings.environment(), **environment}
        self.store.children[name] = Subgraph(name, settings.port_of(name), settings.workers, variables, self.store.logs)

    async def heal(self) -> None:
        """Ends all faults and restarts dead processes. Returns once the store is ready."""
        self.thaw()
        for file in self.failpoints.iterdir():
            file.unlink()
        for name, child in [*self.servers.items(), *self.store.children.items()]:
            if self.is_dead(name):
                child.restart()
        await self.ready()

    async def ready(self) -> None:
        await asyncio.to_thread(self.store.wait_ready)

    def arm(self, name: str, fault: Fault) -> None:
        """Arms a failpoint in a subgraph, in place of any other. It triggers when the subgraph next reaches it."""
        new = self.failpoints / "new"
        new.write_bytes(msgspec.json.encode(fault))
        new.rename(self.failpoints / str(self.children[name].pid))

    def has_triggered(self, fault: Fault) -> bool:
        return (self.failpoints / f"{fault.id}.met").exists()


@contextmanager
def faulty_store(
    engine: str, state: Path, environment: Mapping[str, str] = VERY_QUICK, database_url: str = "", redis_url: str = ""
) -> Iterator[FaultyStore]:
    """A store whose processes wait for faults. The servers that it is given stay as they are: it has none to kill."""
    failpoints = state / "faults"
    failpoints.mkdir()
    environment = {**environment, "STEAMPUNK_FAILPOINTS": str(failpoints)}
    with own_store(engine, state, environment, database_url, redis_url) as own:
        redis_data = state / ("redis" if engine == "servers" else "valkey")
        faulty = FaultyStore(own.store, own.settings, own.servers, failpoints, redis_data)
        try:
            yield faulty
        finally:
            faulty.thaw()  # a frozen process cannot be stopped

"""Redis servers of which each key has a primary and at least one replica, and the ways to lose a primary."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from perf.servers import program
from subgraphs.kit.redis.client import connect
from subgraphs.store.processes import Child, Program

WAIT_SECONDS = 60
ANSWER_SECONDS = 0.5


@dataclass
class Node:
    """One Redis server."""

    port: int
    process: Child

    @asynccontextmanager
    async def client(self, patience: float = WAIT_SECONDS) -> AsyncIterator[Redis]:
        """A client that tries once, for so many seconds."""
        url = f"redis://127.0.0.1:{self.port}/0"
        limits = {"socket_timeout": patience, "socket_connect_timeout": patience}
        async with connect(url, retry=Retry(NoBackoff(), 0), **limits) as redis:
            yield redis

    async def primary_port(self) -> int:
        """The port of the server that it copies; its own where it is a primary. 0 if it does not answer."""
        with suppress(RedisError, OSError):
            async with self.client(ANSWER_SECONDS) as redis:
                role = await redis.role()
                return self.port if role[0] == "master" else int(role[2])
        return 0

    async def serves(self, key: str) -> bool:
        """Whether it is the primary of a key. In a cluster, others refuse the key."""
        if await self.primary_port() != self.port:
            return False
        with suppress(RedisError, OSError):
            async with self.client(ANSWER_SECONDS) as redis:
                await redis.exists(key)
                return True
        return False

    async def follows(self) -> bool:
        """Whether it is a primary, or a replica that has what its primary has."""
        with suppress(RedisError, OSError):
            async with self.client(ANSWER_SECONDS) as redis:
                found = await redis.info("replication")
                return bool(found["role"] == "master" or found["master_link_status"] == "up")
        return False

    def freeze(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGCONT)


@dataclass
class Arrangement:
    """Servers that choose a new primary by themselves. `url` is what the store is told."""

    url: str
    nodes: Sequence[Node]
    primaries: int

    async def primary_of(self, key: str, other_than: Node | None = None) -> Node:
        """Waits until a key has a primary, another one than a given one."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            for node in self.nodes:
                if node is not other_than and await node.serves(key):
                    return node
            await asyncio.sleep(0.02)
        raise AssertionError(f"{key} has no primary")

    async def freeze_replicas(self, primary: Node) -> list[Node]:
        """Stops the replicas of a primary, and returns them: what it acknowledges from now on, they do not have."""
        replicas = [node for node in self.nodes if node is not primary and await node.primary_port() == primary.port]
        for node in replicas:
            node.freeze()
        async with primary.client() as redis:  # else a replica would find the rest in its socket
            await redis.client_kill_filter(_type="replica")
        return replicas

    async def heal(self) -> None:
        """Brings all servers back. Returns once each is a primary or follows one."""
        for node in self.nodes:
            node.thaw()
            if node.process.has_ended:
                node.process.restart()
        until = time.monotonic() + WAIT_SECONDS
        while not await self._is_whole():
            assert time.monotonic() < until, "the servers do not find together"
            await asyncio.sleep(0.1)

    async def _is_whole(self) -> bool:
        leaders = {await node.primary_port() for node in self.nodes}
        return len(leaders) == self.primaries and all([await node.follows() for node in self.nodes])


def start_node(folder: Path, port: int, *options: str) -> Node:
    """Starts a server that keeps its data in a file. Raises LaunchFailed."""
    data = folder / str(port)
    data.mkdir()
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(data)]
    command += ["--appendonly", "yes", "--save", "", *options]
    return Node(port, Program(f"redis-{port}", command, {}, folder / "logs"))

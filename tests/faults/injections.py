"""Faults of the processes and of the edges between them, each under a name that a person can look for."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from msgspec.structs import replace

from subgraphs.kit.failpoints import Fault
from tests.faults.store import FaultyStore

MET_SECONDS = 15


@dataclass(frozen=True)
class Injection:
    """One fault. `strike` does it while the store is under load, and tells what happened, by kind."""

    kind: ClassVar[str]

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Kill(Injection):
    """kill -9 at any moment."""

    kind = "kill -9 at any moment"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.kill(self.process)
        return self.kind


@dataclass(frozen=True)
class KillAt(Injection):
    """kill -9 just when a subgraph reaches a named point."""

    kind = "kill -9 at a step's boundary"
    process: str
    point: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        skip = rng.choice((0, 0, 1, 4)) if "commit" in self.point else 0
        order = Fault(uuid.uuid4().hex, self.point, "kill", skip=skip)
        store.order(self.process, order)
        if await within(MET_SECONDS, lambda: store.is_dead(self.process)):
            return self.kind
        store.kill(self.process)
        return Kill.kind


@dataclass(frozen=True)
class Freeze(Injection):
    """SIGSTOP, and SIGCONT after longer than callers wait."""

    kind = "SIGSTOP and SIGCONT"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.freeze(self.process)
        await asyncio.sleep(rng.uniform(1, 5))
        store.thaw()
        return self.kind


@dataclass(frozen=True)
class Conflict(Injection):
    """Commits fail as MySQL has them fail for a lock wait time-out (1205), a deadlock (1213) or a change (1020)."""

    kind = "1020, 1205 and 1213 injected"
    process: str
    code: int

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        order = Fault(uuid.uuid4().hex, "before commit", "conflict", times=rng.randint(1, 8), code=self.code)
        return await _ordered(store, self.process, order, self.kind)


@dataclass(frozen=True)
class Edge(Injection):
    """A subgraph does not reach another one, reaches it late, or does not hear its answer."""

    kind = "edge cut or delayed"
    source: str
    target: str
    how: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        point = f"answered by {self.target}" if self.how == "answer lost" else f"asking {self.target}"
        order = Fault(uuid.uuid4().hex, point, "cut", times=rng.randint(1, 6))
        if self.how == "late":
            order = replace(order, action="delay", seconds=rng.uniform(0.5, 4))
        return await _ordered(store, self.source, order, f"{self.kind}: {self.how}")


@dataclass(frozen=True)
class TinyPool(Injection):
    """A subgraph has one connection to its database."""

    kind = "connection pool exhausted"
    process: str

    async def strike(self, store: FaultyStore, rng: Random) -> str:
        store.serve_with(self.process, STEAMPUNK_DATABASE_POOL="1")
        await store.ready()
        await asyncio.sleep(3)
        store.serve_with(self.process)
        return self.kind


async def _ordered(store: FaultyStore, process: str, order: Fault, kind: str) -> str:
    """Has a process meet a fault, until it has."""
    store.order(process, order)
    met = await within(MET_SECONDS, lambda: store.has_met(order))
    await asyncio.sleep(1)
    return kind if met else f"{kind}: not met"


async def within(seconds: float, check: Callable[[], bool]) -> bool:
    """Whether something becomes so in a while."""
    for _ in range(int(seconds / 0.02)):
        if check():
            return True
        await asyncio.sleep(0.02)
    return False

"""Faults in processes and in the connections between them. Reports list them by `kind`."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from msgspec.structs import replace

from subgraphs.kit.failpoints import Fault
from tests.faults.store import FaultyStore

TRIGGER_SECONDS = 15


@dataclass(frozen=True)
class Injection:
    """A fault. `inject` injects it into a store under load and returns the kind that occurred."""

    kind: ClassVar[str]

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Kill(Injection):
    """kill -9 at any moment."""

    kind = "kill -9 at any moment"
    process: str

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        store.kill(self.process)
        return self.kind


@dataclass(frozen=True)
class KillAt(Injection):
    """kill -9 when a subgraph reaches a failpoint."""

    kind = "kill -9 at a failpoint"
    process: str
    point: str

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        skip = rng.choice((0, 0, 1, 4)) if "commit" in self.point else 0
        fault = Fault(uuid.uuid4().hex, self.point, "kill", skip=skip)
        store.arm(self.process, fault)
        if await within(TRIGGER_SECONDS, lambda: store.is_dead(self.process)):
            return self.kind
        store.kill(self.process)
        return Kill.kind


@dataclass(frozen=True)
class Freeze(Injection):
    """SIGSTOP, then SIGCONT after 1 to 5 seconds, which can exceed the callers' time-outs."""

    kind = "SIGSTOP and SIGCONT"
    process: str

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        store.freeze(self.process)
        await asyncio.sleep(rng.uniform(1, 5))
        store.thaw()
        return self.kind


@dataclass(frozen=True)
class Conflict(Injection):
    """Commits fail with a MySQL error: lock wait time-out (1205), deadlock (1213) or changed record (1020)."""

    kind = "commit fails with 1020, 1205 or 1213"
    process: str
    code: int

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        fault = Fault(uuid.uuid4().hex, "before commit", "conflict", times=rng.randint(1, 8), code=self.code)
        return await _arm_and_wait(store, self.process, fault, self.kind)


@dataclass(frozen=True)
class PeerConnection(Injection):
    """A connection to a peer is refused, is slow, or breaks before the answer arrives."""

    kind = "connection to a peer"
    source: str
    target: str
    how: str

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        point = f"answered by {self.target}" if self.how == "answer lost" else f"asking {self.target}"
        fault = Fault(uuid.uuid4().hex, point, "cut", times=rng.randint(1, 6))
        if self.how == "slow":
            fault = replace(fault, action="delay", seconds=rng.uniform(0.5, 4))
        return await _arm_and_wait(store, self.source, fault, f"{self.kind}: {self.how}")


@dataclass(frozen=True)
class TinyPool(Injection):
    """A subgraph has only one connection to its database."""

    kind = "connection pool exhausted"
    process: str

    async def inject(self, store: FaultyStore, rng: Random) -> str:
        store.serve_with(self.process, STEAMPUNK_DATABASE_POOL="1")
        await store.ready()
        await asyncio.sleep(3)
        store.serve_with(self.process)
        return self.kind


async def _arm_and_wait(store: FaultyStore, process: str, fault: Fault, kind: str) -> str:
    """Arms a failpoint in a process and waits until it triggers."""
    store.arm(process, fault)
    triggered = await within(TRIGGER_SECONDS, lambda: store.has_triggered(fault))
    await asyncio.sleep(1)
    return kind if triggered else f"{kind}: not triggered"


async def within(seconds: float, check: Callable[[], bool]) -> bool:
    """Polls `check`. Returns whether it became true in time."""
    for _ in range(int(seconds / 0.02)):
        if check():
            return True
        await asyncio.sleep(0.02)
    return False

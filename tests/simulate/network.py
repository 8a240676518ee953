"""The network between processes: choices say which call is lost, late or repeated, and who gets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from tests.simulate.process import Process
    from tests.simulate.world import World

FATES = ("arrives", "is answered late", "is late", "is answered in vain", "is lost", "is repeated late")
LATE_SECONDS = (0.4, 1.6, 2.6, 4.0)
MOODS = {"payment": 0.6}
"""How likely it is, for each caller, that a kind of call has trouble in a schedule. Each kind then has one sort of trouble."""
OTHERS_MOODS = 0.2
TROUBLED = 0.7
"""How likely each call of such a kind has the trouble."""
Work = Callable[["Process"], Coroutine[Any, Any, Any]]


@dataclass(frozen=True)
class Answer:
    """An answer with status 200, as far as `Peers` looks at one."""

    body: bytes

    async def read(self) -> bytes:
        return self.body

    def raise_for_status(self) -> None:
        """There is nothing to raise."""


class Network:
    """Carries calls to one of the living processes of a subgraph."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moods: dict[str, int] = {}

    def client(self, caller: Process) -> PeerClient:
        return PeerClient(self, caller)

    async def call(self, caller: str, subgraph: str, what: str, work: Work, patience: float) -> Any:
        """The answer to a call. Raises ClientError or TimeoutError; what was asked for may be done all the same."""
        carried = self._world.loop.spawn(None, self._carry(caller, subgraph, what, work))
        carried.add_done_callback(lambda done: done.cancelled() or done.exception())  # its caller may have gone
        async with asyncio.timeout(patience):
            return await asyncio.shield(carried)

    async def _carry(self, caller: str, subgraph: str, what: str, work: Work) -> Any:
        fate = self._fate(caller.split()[0], what.split()[0])
        seconds = LATE_SECONDS[self._world.choices.pick("late", len(LATE_SECONDS))] if "late" in fate else 0
        if fate != FATES[0]:
            self._world.note(f"{caller}: {what} {fate}{f' by {seconds} s' if seconds else ''}")
        if fate == "is lost":
            raise aiohttp.ServerDisconnectedError
        if fate == "is late":
            await asyncio.sleep(seconds)
        answer = await self._deliver(caller, subgraph, what, work)
        if fate == "is answered in vain":
            raise aiohttp.ServerDisconnectedError
        if fate == "is answered late":
            await asyncio.sleep(seconds)
        if fate == "is repeated late":
            self._world.loop.spawn(None, self._repeat(seconds, caller, subgraph, what, work))
        return answer

    def _fate(self, caller: str, kind: str) -> str:
        """What becomes of a call."""
        if self._world.is_calm or not self._world.trouble.network:
            return FATES[0]
        choices = self._world.choices
        if kind not in self._moods:
            self._moods[kind] = choices.pick(f"mood of {kind}", len(FATES), MOODS.get(caller, OTHERS_MOODS))
        fate = FATES[self._moods[kind]]
        return fate if fate != FATES[0] and choices.pick(f"fate of {kind}", 2, TROUBLED) else FATES[0]

    async def _repeat(self, seconds: float, *call: Any) -> None:
        await asyncio.sleep(seconds)
        try:
            await self._deliver(*call)
        except Exception as error:
            self._world.note(f"a repeated call ends with {error!r}")

    async def _deliver(self, caller: str, subgraph: str, what: str, work: Work) -> Any:
        alive = self._world.alive(subgraph)
        if not alive:
            raise aiohttp.ClientConnectionError(f"no process of {subgraph} is alive")
        process = alive[self._world.choices.pick(f"who of {subgraph}", len(alive)) if len(alive) > 1 else 0]
        self._world.note(f"{caller} -> {process.name}: {what}")
        return await process.carry_out(work(process))


class PeerClient:
    """What `Peers` takes for its HTTP client."""

    def __init__(self, network: Network, caller: Process) -> None:
        self._network = network
        self._caller = caller

    @asynccontextmanager
    async def post(self, url: str, *, data: bytes, headers: dict[str, str]) -> AsyncIterator[Answer]:
        """Settings give each subgraph's name as its URL."""
        what = data[:80].partition(b"Command_")[2].partition(b"(")[0].decode()
        patience = self._caller.world.settings.peer_timeout
        work = self._caller.world.answering(data, headers)
        yield Answer(await self._network.call(self._caller.name, url, what, work, patience))

"""The world of one schedule: the processes, the network between them, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from subgraphs.kit.web.app import Subgraph
from subgraphs.library.app import subgraph as library
from subgraphs.order.app import subgraph as order
from subgraphs.payment.app import subgraph as payment
from subgraphs.product.app import subgraph as product
from subgraphs.stock.app import subgraph as stock
from tests.simulate.choices import Choices
from tests.simulate.clocks import Clock
from tests.simulate.loop import SimulatedLoop
from tests.simulate.network import Network
from tests.simulate.place import close
from tests.simulate.process import Process
from tests.simulate.store import Store

PROCESSES: dict[str, tuple[Subgraph[Any], int]] = {
    "product": (product, 1),
    "library": (library, 1),
    "order": (order, 1),
    "stock": (stock, 2),
    "payment": (payment, 2),
}
"""The subgraphs, each with its number of processes. Nobody signs up or signs in: the user subgraph has only its database."""
SHARES = (0.0, 0.02, 0.2, 0.8)
"""The share of the calls of one process, to one engine, that take their time in a schedule."""
AUDIT_SHARES = (0.0, 0.003, 0.01)
PAUSES = (0.0, 0.01, 0.1, 0.3, 0.7, 1.5, 3.0)
RESTART_SECONDS = (1.0, 0.2, 3.0, 6.0)
STEPS = 3000
"""A process may die before any of them."""


@dataclass(frozen=True)
class Trouble:
    """What may go wrong in a schedule. The fewer kinds of it, the more customers buy, and the more happens at once."""

    deaths: int = 0
    """How many processes may die."""
    network: bool = False
    """Whether calls between processes do not always arrive."""
    slow: Mapping[str, float] = field(default_factory=dict)
    """For each engine, how likely it is that some of a process's calls to it are slow; and likewise the answers."""


ALL = Trouble(deaths=2, network=True, slow={"sql": 0.2, "redis": 0.2})
NETWORK = Trouble(network=True)
ENGINES = Trouble(slow={"sql": 0.1, "redis": 0.9})
TROUBLES = (ALL, NETWORK, ENGINES, ENGINES)
"""A schedule has one of them, all equally likely."""


class World:
    """Runs the processes on a store's databases."""

    def __init__(self, store: Store, loop: SimulatedLoop, choices: Choices, clock: Clock, trouble: Trouble) -> None:
        self.store, self.loop, self.choices, self.clock = store, loop, choices, clock
        self.trouble = trouble
        self.settings = store.settings
        self.network = Network(self)
        self.opened: list[Any] = []
        self.processes: list[Process] = []
        self.notes: list[str] = []
        self.failures: list[str] = []
        self._news = asyncio.Event()
        self.is_calm = False
        self._shares: dict[str, float] = {}
        self._audit_share = AUDIT_SHARES[choices.pick("pauses of the auditor", len(AUDIT_SHARES))]
        deaths = choices.pick("deaths", trouble.deaths + 1)
        self._deaths = sorted(1 + choices.pick("death", STEPS) for _ in range(deaths))

    def start(self) -> None:
        for subgraph, count in PROCESSES.values():
            for number in range(1, count + 1):
                self.start_process(subgraph, f"{subgraph.name} {number}")
        self.loop.after_step = self._kill_if_due

    def start_process(self, subgraph: Subgraph[Any], name: str) -> None:
        process = Process(subgraph, name, self)
        self.processes.append(process)
        process.start(self.store.database(name), self.settings, self.store.redis_path)

    def end(self) -> None:
        """Closes what is open. The tasks are kept as they are: else Python would clean up after the dead."""
        for one in (self.opened, *[process.opened for process in self.processes if not process.is_dead]):
            close(one)
        self.store.ended.append(self)

    def alive(self, subgraph: str) -> list[Process]:
        return [one for one in self.processes if one.subgraph.name == subgraph and not one.is_dead]

    async def ask(self, who: str, subgraph: str, what: str, work: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
        """Calls a service for somebody: `work` gets the service of a living process. Returns what `work` returns."""
        patience = self.settings.peer_timeout * 2
        return await self.network.call(who, subgraph, what, lambda process: work(process.service), patience)

    def answering(self, body: bytes, headers: dict[str, str]) -> Callable[[Process], Coroutine[Any, Any, Any]]:
        """The work on a peer's call."""

        async def answer(process: Process) -> bytes:
            answered = await process.answer(body, headers)
            if b'"INTERNAL"' in answered:
                self.failures.append(f"{process.name} answers a peer: {answered.decode()}")
            return answered

        return answer

    # ---- what goes wrong

    def calm(self) -> None:
        """From now on nothing goes wrong any more."""
        self.is_calm = True
        self._deaths.clear()

    def _kill_if_due(self) -> None:
        if self._deaths and self.loop.steps >= self._deaths[0]:
            self._deaths.pop(0)
            living = [one for one in self.processes if not one.is_dead]
            victim = living[-1 - self.choices.pick("victim", len(living))]
            self.note(f"{victim.name} dies")
            victim.die()
            self.loop.spawn(None, self._restart(victim))

    async def _restart(self, dead: Process) -> None:
        await asyncio.sleep(RESTART_SECONDS[self.choices.pick("restart", len(RESTART_SECONDS))])
        self.note(f"{dead.name} starts again")
        self.start_process(dead.subgraph, dead.name)

    # ---- the place where connections are opened

    def place(self) -> Any:
        """The process that runs now, or the world itself."""
        task: Any = asyncio.current_task()
        return getattr(task, "owner", None) or self

    def pause(self, who: str, what: str) -> float:
        """How long a process waits for SQLite or Valkey, or for its answer."""
        if self.is_calm:
            return 0.0
        key = f"pauses of {who}: {what}"
        if key not in self._shares:
            engine = what.split()[-1]  # of "sql" or "answer of sql"
            self._shares[key] = SHARES[self.choices.pick(key, len(SHARES), self.trouble.slow.get(engine, 0.0))]
        return self._chosen_pause(what, self._shares[key])

    def lateness(self, what: str) -> float:
        """The auditor takes its time as well."""
        return self._chosen_pause(f"{what} of the auditor", self._audit_share if self.is_calm else 0)

    def _chosen_pause(self, what: str, share: float) -> float:
        return PAUSES[self.choices.pick(what, len(PAUSES), share)] if share else 0.0

    def sent(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def something_sent(self, patience: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), patience)

    def takes_over(self) -> bool:
        return False

    def note(self, text: str) -> None:
        self.notes.append(f"{self.loop.time():8.3f}  {text}")

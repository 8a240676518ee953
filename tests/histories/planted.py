"""Subgraphs with a planted fault, as programs of their own: `python -m tests.histories.planted FAULT SUBGRAPH PORT`.

Each fault replaces one method of the subgraph in its process, and only there. The store itself has no such switch.
"""

import asyncio
import sys
from collections.abc import Callable
from functools import partial

from subgraphs.contracts.stock import HoldOutcome, HoldRequest
from subgraphs.kit.command_line import run
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.messaging.inbox import Inbox
from subgraphs.kit.messaging.streams import StreamConsumer
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.wallets.domain import TopUp, post
from subgraphs.payment.wallets.repository import WalletRepository
from subgraphs.payment.wallets.service import Wallets
from subgraphs.stock.holds.domain import HoldBatch
from subgraphs.store.processes import Program
from subgraphs.store.serve import serve
from subgraphs.user import sessions
from tests.faults.store import FaultyStore


def lost_update() -> None:
    """A top-up reads the balance in one transaction and writes it in the next."""

    async def top_up(self: Wallets, viewer: Viewer, amount: int, key: str) -> None:
        [before] = await self.balances([viewer.id])
        await asyncio.sleep(0.1)
        posting = TopUp(id=new_id(), user_id=viewer.id, key=key, amount=amount).posting
        async with self._database.transaction() as session:
            repository = WalletRepository(session)
            await repository.lock([viewer.id])
            await repository.add_entries(post({viewer.id: before}, [posting]), await repository.now())

    Wallets.top_up = top_up  # type: ignore[method-assign]


def double_grant() -> None:
    """Who asks for a unit when none is left gets one all the same."""
    take = HoldBatch.take

    def grant(self: HoldBatch, request: HoldRequest) -> HoldOutcome:
        outcome = take(self, request)
        return HoldOutcome(kind="held", holds_units=False) if outcome.kind == "out_of_stock" else outcome

    HoldBatch.take = grant  # type: ignore[method-assign]


def stale_read() -> None:
    """The library answers before it has caught up, and its events are slow."""
    consume = Inbox._consume

    async def late(self: Inbox, stream: StreamConsumer, deliveries: list) -> None:  # type: ignore[type-arg]
        await asyncio.sleep(1)
        await consume(self, stream, deliveries)

    async def no_catch_up(self: Inbox, *user_ids: str) -> None:  # type: ignore[type-arg]
        """Does nothing."""

    Inbox._consume = late  # type: ignore[method-assign]
    Inbox.catch_up = no_catch_up  # type: ignore[method-assign]


def used_twice() -> None:
    """A refresh token that was used before is good once more."""
    vars(sessions)["may_refresh"] = lambda session, token, now: session.ended_at is None


FAULTS: dict[str, tuple[str, Callable[[], None]]] = {
    "lost update": ("payment", lost_update),
    "double grant": ("stock", double_grant),
    "stale read": ("library", stale_read),
    "used twice": ("user", used_twice),
}
"""The subgraph of each fault, and what plants it."""


def plant(store: FaultyStore, fault: str) -> None:
    """Replaces a subgraph by one that has the fault. Wait until the store is ready."""
    name, _ = FAULTS[fault]
    store.kill(name)
    settings = store.store.settings
    command = [sys.executable, "-m", "tests.histories.planted", fault, name, str(settings.port_of(name))]
    store.store.children[name] = Program(name, command, settings.environment(), store.store.logs)


if __name__ == "__main__":
    fault, subgraph, port = sys.argv[1:]
    FAULTS[fault][1]()
    sys.exit(run(partial(serve, subgraph, int(port), 1)))

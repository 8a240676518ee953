"""Follows the sales that somebody listens to: Redis tells that one has changed, and stock tells how it stands."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.exceptions import RedisError

from subgraphs.contracts.stock import SALE_NEWS, SALE_NUMBERS, SaleNumbers, SaleNumbersRequest
from subgraphs.kit import telemetry
from subgraphs.kit.batching import Batcher
from subgraphs.kit.errors import NotFound, StoreError, Unavailable
from subgraphs.kit.peers import Peers
from subgraphs.kit.redis.broadcast import RECONNECT_SECONDS, listen
from subgraphs.live.listener import Audience

MAX_SALES = 200
"""The most sales that are followed at once. Stock is asked about each of them once a second."""
PAUSE_SECONDS = 0.25
"""Between two rounds of changes: a rush of claims becomes four events a second, each with the newest numbers."""
LISTENERS = Gauge("steampunk_live_listeners", "Listeners to the live numbers of flash sales.")


class LiveSales:
    """All audiences of this process, which has one subscription to Redis for them."""

    def __init__(self, peers: Peers, redis_url: str, most: int) -> None:
        self._peers = peers
        self._redis_url = redis_url
        self._most = most
        self._places_taken = 0
        self._audiences: dict[str, Audience] = {}
        self._changed: set[str] = set()
        self._news = asyncio.Event()
        # One question at a time, so that no older answer comes after a newer one.
        self._numbers: Batcher[str, SaleNumbers] = Batcher("sale numbers", self._ask, MAX_SALES)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A listener's place. Raises Unavailable when all are taken."""
        if self._places_taken >= self._most:
            raise Unavailable("There are too many listeners.")
        self._places_taken += 1
        LISTENERS.set(self._places_taken)
        try:
            yield
        finally:
            self._places_taken -= 1
            LISTENERS.set(self._places_taken)

    async def audience(self, sale_id: str) -> Audience:
        """A sale's audience, to be joined at once. Raises NotFound, Unavailable."""
        if sale_id not in self._audiences:
            numbers = await self._numbers(sale_id)
            if not numbers.found:
                raise NotFound("There is no such flash sale.")
            self._leave_empty()
            if len(self._audiences) >= MAX_SALES and sale_id not in self._audiences:
                raise Unavailable("Too many sales are followed.")
            self._audiences.setdefault(sale_id, Audience(numbers))
        return self._audiences[sale_id]

    # ---- changes

    async def follow_news(self) -> None:
        """Hears which sales have changed, for as long as the process lives."""
        while True:
            try:
                await listen(self._redis_url, SALE_NEWS, self._all_changed, self._hear)
            except (RedisError, OSError, TimeoutError) as error:
                telemetry.logger().warning("sales' news are not followed", error=repr(error))
            await asyncio.sleep(RECONNECT_SECONDS)

    async def show_changes(self) -> None:
        """Shows what has changed, at once and then at most every `PAUSE_SECONDS`."""
        while True:
            await self._news.wait()
            self._news.clear()
            changed, self._changed = self._changed, set()
            try:
                await self._refresh(changed & self._audiences.keys())
            except StoreError as error:
                telemetry.failed("show changes of sales", error)
            await asyncio.sleep(PAUSE_SECONDS)

    async def refresh_all(self) -> None:
        """Shows how all sales stand: time opens and ends them, and news may be lost. Raises Unavailable."""
        self._leave_empty()
        for audience in self._audiences.values():
            audience.catch_up()
        await self._refresh(set(self._audiences))

    async def beat(self) -> None:
        """Sends a heartbeat to all listeners."""
        for audience in self._audiences.values():
            audience.beat()

    async def _refresh(self, sale_ids: set[str]) -> None:
        found = await asyncio.gather(*[self._numbers(sale_id) for sale_id in sale_ids], return_exceptions=True)
        for sale_id, numbers in zip(sale_ids, found, strict=True):
            if isinstance(numbers, BaseException):
                raise numbers
            if numbers.found and sale_id in self._audiences:
                self._audiences[sale_id].show(numbers)

    async def _ask(self, sale_ids: list[str]) -> Sequence[SaleNumbers]:
        return await self._peers.call(SALE_NUMBERS, [SaleNumbersRequest(sale_id=sale_id) for sale_id in sale_ids])

    async def _all_changed(self, _: Redis) -> None:
        self._changed.update(self._audiences)
        self._news.set()

    def _hear(self, sale_id: str) -> None:
        if sale_id in self._audiences:
            self._changed.add(sale_id)
            self._news.set()

    def _leave_empty(self) -> None:
        """Forgets the sales to which nobody listens any more."""
        self._audiences = {sale_id: one for sale_id, one in self._audiences.items() if one.listeners}

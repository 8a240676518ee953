"""The claim cache: what Redis knows of each sale, so that most attempts to claim are answered without SQL.

It holds a sale's terms and its live claims by user, and never more than SQL does: a claim is added after the
commit that made it, and removed before the commit that ends it. So what it says is certain:

- a user with a claim in it has that claim;
- when every unit has an owner in it, nobody else has a claim: the sale is sold out, or has ended;
- before a sale starts (with a margin, because clocks differ) it is not active.

SQL decides everything else. So nothing is reserved in Redis that would have to be given back. A cache with lost
writes or missing keys only sends more attempts to SQL, and without Redis all attempts go there.
What the cache holds belongs to one term of one Redis server (subgraphs.kit.redis.term). After a restart or a failover,
which may bring back an older state, it is filled anew from SQL.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Literal

import msgspec
from redis.asyncio import Redis

from subgraphs.kit.batching import Batcher
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.stock.claims import scripts
from subgraphs.stock.claims.cached_sale import CachedSale, entry_of
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.domain import Attempt, Claim, ClaimOutcome
from subgraphs.stock.claims.scripts import keys_of
from subgraphs.stock.sales.domain import Sale

FILLING_MILLISECONDS = 15_000
KEPT_AFTER_THE_END = timedelta(hours=1)


class ClaimCache:
    """One process's access to the cache, which all processes share."""

    def __init__(self, redis: Redis, clock: DatabaseClock, batch_size: int) -> None:
        self._redis = redis
        self._clock = clock
        self._breaker = CircuitBreaker("claims")
        self._read = redis.register_script(scripts.READ)
        self._add = redis.register_script(scripts.ADD)
        self._mark = redis.register_script(scripts.MARK)
        self._begin = redis.register_script(scripts.BEGIN)
        self._install = redis.register_script(scripts.INSTALL)
        self._invalidate = redis.register_script(scripts.INVALIDATE)
        self._answers: Batcher[Attempt, ClaimOutcome | None] = Batcher("claim cache", self.answers, batch_size)
        self._ready: set[str] = set()
        self._missed: set[str] = set()

    # ---- asking

    async def answer(self, attempt: Attempt) -> ClaimOutcome | None:
        """The answer if it is certain; None where SQL must decide."""
        return await self._answers(attempt)

    async def answers(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | None]:
        """`answer` for many, in their order."""
        now = self._clock.bounds()
        if now is None:
            return [None] * len(attempts)
        users: dict[str, list[str]] = defaultdict(list)
        for attempt in attempts:
            users[attempt.sale_id].append(attempt.user_id)
        found = await asyncio.gather(*[self.read(sale_id, user_ids) for sale_id, user_ids in users.items()])
        cached = dict(zip(users, found, strict=True))
        return [
            sale.answer(attempt.user_id, now) if (sale := cached[attempt.sale_id]) else None for attempt in attempts
        ]

    async def read(self, sale_id: str, users: Sequence[str] = ("",)) -> CachedSale | None:
        """A sale with the entries of some users; None if the cache does not have it, or Redis is gone."""
        try:
            if sale_id in self._missed:
                await self.invalidate(sale_id)
            found = await self._breaker.call(lambda: self._read(keys_of(sale_id), users))
        except RedisUnavailable:
            return None
        if not found:
            self._ready.discard(sale_id)
            return None
        self._ready.add(sale_id)
        sale, taken, entries = found
        return CachedSale(
            sale=msgspec.json.decode(sale, type=Sale), taken=taken, entries=dict(zip(users, entries, strict=True))
        )

    def is_ready(self, sale_id: str) -> bool:
        """Whether the cache had the sale when it was last asked."""
        return sale_id in self._ready

    # ---- changes

    async def add(self, claims: Iterable[Claim]) -> None:
        """Live claims, after the commit that made them; those that are there already are left."""
        arguments: dict[str, list[str]] = defaultdict(list)
        for claim in claims:
            arguments[claim.sale_id] += [claim.user_id, entry_of(claim)]
        await self._tell(self._add, arguments)

    async def end(self, claims: Iterable[Claim]) -> None:
        """Claims that are about to end, before the commit that ends them."""
        await self._tell_fate("ended", claims)

    async def sell(self, claims: Iterable[Claim]) -> None:
        """Claims that are about to be sold, before the commit that sells them."""
        await self._tell_fate("sold", claims)

    async def invalidate(self, sale_id: str) -> None:
        """Has a sale filled anew: it has changed, or news of it did not reach the cache."""
        await self._tell(self._invalidate, {sale_id: []})

    async def _tell_fate(self, fate: Literal["ended", "sold"], claims: Iterable[Claim]) -> None:
        arguments: dict[str, list[str]] = defaultdict(lambda: [fate])
        for claim in claims:
            arguments[claim.sale_id] += [claim.user_id, claim.id]
        await self._tell(self._mark, arguments)

    async def _tell(self, script: Any, arguments: dict[str, list[str]]) -> None:
        """Sales of which news did not reach Redis are remembered, and invalidated before they are read again."""
        for sale_id, values in arguments.items():
            try:
                await self._breaker.call(lambda: script(keys_of(sale_id), values))  # noqa: B023
                if script is self._invalidate:
                    self._missed.discard(sale_id)
            except RedisUnavailable:
                self._missed.add(sale_id)

    # ---- filling: begin, then read SQL and stage its claims, then install

    async def begin(self, sale_id: str, token: str) -> bool:
        """Whether the caller may fill a sale in. What it reads from SQL from now on is recent enough."""
        return bool(
            await self._breaker.call(lambda: self._begin(keys_of(sale_id, token), (token, FILLING_MILLISECONDS)))
        )

    async def stage(self, sale_id: str, token: str, claims: Sequence[Claim]) -> None:
        """Some of the sale's live claims, for `install`."""
        key = scripts.staged_key(sale_id, token)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(key, mapping={claim.user_id: entry_of(claim) for claim in claims})
            pipe.expire(key, 600)
            await self._breaker.call(pipe.execute)

    async def install(self, sale: Sale, token: str) -> bool:
        """Makes the staged claims the sale's; False if that took too long, or Redis has restarted meanwhile."""
        kept = max(sale.ends_at - sale.as_of, timedelta(0)) + KEPT_AFTER_THE_END
        arguments = (token, msgspec.json.encode(sale).decode(), int(kept.total_seconds()))
        return bool(await self._breaker.call(lambda: self._install(keys_of(sale.id, token), arguments)))

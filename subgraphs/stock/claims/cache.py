"""The board: what Redis knows of each sale, so that most claims are answered without SQL.

It holds a sale's window and its live claims by user, and never more than SQL does: a claim is written on it after
the commit that made it, and taken off before the commit that ends it. So what it says is certain:

- a user with a claim on it has that claim;
- when every unit has its owner on it, the sale is sold out;
- outside of its window (by a margin, since the time here is not quite the database's) a sale is not active.

Everything else goes to SQL, which decides. Hence nothing is reserved in Redis that would have to be given back, a
board with lost writes or missing keys merely sends more claims to SQL, and Redis being gone sends all of them.
A board is bound to one life of one Redis server (its run id): what a restart or a failover brings back from an
older state is not trusted, but filled anew from SQL.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from redis.asyncio import Redis

from subgraphs.kit.batching import Batcher
from subgraphs.kit.redis.circuit_breaker import CircuitBreaker, RedisUnavailable
from subgraphs.stock.claims import scripts
from subgraphs.stock.claims.clock import DatabaseClock
from subgraphs.stock.claims.repository import Attempt
from subgraphs.stock.domain import ClaimOutcome, ClaimRow, ClaimView, Sale, SaleNotActive, SoldOut

FILLING_MILLISECONDS = 15_000
KEPT_AFTER_THE_END = timedelta(hours=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class View:
    """A sale as the board shows it, with the entries of those users that were asked for."""

    sale: Sale
    taken: int
    entries: dict[str, str | None]


class ClaimCache:
    """One process's access to the board, which all processes share."""

    def __init__(self, redis: Redis, clock: DatabaseClock, batch_size: int) -> None:
        self._redis = redis
        self._clock = clock
        self._shield = CircuitBreaker("claims")
        self._ask, self._write, self._settle, self._begin, self._install, self._close = map(
            redis.register_script,
            (
                scripts.ASK,
                scripts.WRITE,
                scripts.SETTLE,
                scripts.BEGIN,
                scripts.INSTALL,
                scripts.CLOSE,
            ),
        )
        self._answers: Batcher[Attempt, ClaimOutcome | None] = Batcher("board", self.answers, batch_size)
        self._ready: set[str] = set()
        self._missed: set[str] = set()

    # ---- asking

    async def answer(self, attempt: Attempt) -> ClaimOutcome | None:
        """What is certain; None where SQL must decide."""
        return await self._answers(attempt)

    def is_ready(self, sale_id: str) -> bool:
        """Whether the sale was on the board when it was asked for last."""
        return sale_id in self._ready

    async def view(self, sale_id: str, users: Sequence[str] = ("",)) -> View | None:
        """What the board shows of a sale; None where it does not have it, or Redis is gone."""
        try:
            if sale_id in self._missed:
                await self.close(sale_id)
            found = await self._shield.call(lambda: self._ask(_keys(sale_id), users))
        except RedisUnavailable:
            return None
        if not found:
            self._ready.discard(sale_id)
            return None
        self._ready.add(sale_id)
        return View(msgspec.json.decode(found[0], type=Sale), found[1], dict(zip(users, found[2], strict=True)))

    async def answers(self, attempts: list[Attempt]) -> Sequence[ClaimOutcome | None]:
        """`answer` for many, in their order."""
        bounds = self._clock.bounds()
        if bounds is None:
            return [None] * len(attempts)
        users: dict[str, list[str]] = defaultdict(list)
        for attempt in attempts:
            users[attempt.sale_id].append(attempt.user_id)
        views = await asyncio.gather(*[self.view(sale_id, asking) for sale_id, asking in users.items()])
        shown = dict(zip(users, views, strict=True))
        return [certain(shown[attempt.sale_id], attempt.user_id, *bounds) for attempt in attempts]

    # ---- what changes

    async def write(self, claims: Iterable[ClaimRow]) -> None:
        """Claims that are live in SQL, after the commit of what made or found them."""
        arguments: dict[str, list[str]] = defaultdict(list)
        for claim in claims:
            arguments[claim.sale_id] += [claim.user_id, entry_of(claim)]
        await self._tell(self._write, arguments)

    async def settle(self, fate: Literal["ended", "sold"], claims: Iterable[tuple[str, str, str]]) -> None:
        """Claims (sale, user, claim) that are about to end or to be sold, before the commit of that.

        Should the commit fail, the board knows less than SQL: that costs time, and is right.
        """
        arguments: dict[str, list[str]] = defaultdict(lambda: [fate])
        for sale_id, user_id, claim_id in claims:
            arguments[sale_id] += [user_id, claim_id]
        await self._tell(self._settle, arguments)

    async def close(self, sale_id: str) -> None:
        """Has a sale filled in anew: it has changed, or news of it did not reach the board."""
        await self._tell(self._close, {sale_id: []})

    async def _tell(self, script: Any, arguments: dict[str, list[str]]) -> None:
        """What does not reach Redis is remembered: those sales are closed before they are asked for again."""
        for sale_id, values in arguments.items():
            try:
                await self._shield.call(lambda: script(_keys(sale_id), values))  # noqa: B023
                if script is self._close:
                    self._missed.discard(sale_id)
            except RedisUnavailable:
                self._missed.add(sale_id)

    # ---- filling

    async def begin(self, sale_id: str, token: str) -> bool:
        """Whether the caller may fill the board now: what it then reads from SQL is new enough."""
        return bool(await self._shield.call(lambda: self._begin(_keys(sale_id), (token, FILLING_MILLISECONDS))))

    async def fill(self, sale_id: str, token: str, claims: Sequence[ClaimRow]) -> None:
        """Some of the sale's live claims, for `install`."""
        key = _keys(sale_id, token)[-1]
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(key, mapping={claim.user_id: entry_of(claim) for claim in claims})
            pipe.expire(key, 600)
            await self._shield.call(pipe.execute)

    async def install(self, sale: Sale, token: str) -> bool:
        """Puts up what was filled in; False where it took too long, or Redis has restarted meanwhile."""
        kept = max(sale.ends_at - sale.moment, timedelta(0)) + KEPT_AFTER_THE_END
        arguments = (token, msgspec.json.encode(sale).decode(), int(kept.total_seconds()))
        keys = _keys(sale.id, token)
        return bool(await self._shield.call(lambda: self._install(keys, arguments)))


def certain(view: View | None, user_id: str, earliest: datetime, latest: datetime) -> ClaimOutcome | None:
    """What is so, whatever the time is between `earliest` and `latest`; None where that cannot be said."""
    if view is None:
        return None
    early = replace(view.sale, remaining=view.sale.units - view.taken, moment=earliest)
    late = replace(early, moment=latest)
    entry = view.entries[user_id]
    if entry is not None:
        claim = _claim_of(entry, user_id, late)
        return claim if claim is not None and claim.expires_at > latest else None
    if early.state is not late.state:
        return None
    if not late.is_active:
        return SaleNotActive(late)
    return SoldOut(late) if view.taken >= late.units else None


def entry_of(claim: ClaimRow) -> str:
    if claim.stored_state != "HELD":
        return f"?|{claim.id}"
    return f"{claim.id}|{_microseconds(claim.created_at)}|{_microseconds(claim.expires_at)}"


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)


def _claim_of(entry: str, user_id: str, sale: Sale) -> ClaimView | None:
    if entry.startswith("?"):
        return None
    claim_id, *instants = entry.split("|")
    created, expires = (EPOCH + timedelta(microseconds=int(instant)) for instant in instants)
    return ClaimView(claim_id, sale.id, user_id, "HELD", expires, created, None, sale.moment, sale)


def _keys(sale_id: str, token: str = "") -> list[str]:
    names = ("meta", "claims", "fates", "fresh", f"snapshot:{token}")
    return [f"steampunk:sale:{{{sale_id}}}:{name}" for name in names]

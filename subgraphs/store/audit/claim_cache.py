"""The claim cache in Redis, compared with SQL."""

from collections.abc import AsyncIterator, Iterable, Mapping

import msgspec
from redis.asyncio import Redis
from sqlalchemy import select

from subgraphs.stock.claims.scripts import META, PREFIX, READ, key_of, keys_of
from subgraphs.stock.models import Claim, FlashSale
from subgraphs.store.audit.invariant import Finding, Invariant, When
from subgraphs.store.audit.snapshots import AnyRow, Snapshot, Snapshots
from subgraphs.store.audit.units import LIVE

CHUNK = 1000


class CacheKnowsNoMore(Invariant):
    """The claim cache has a sale with the units that SQL has, and no claim that is not live in SQL."""

    when = When.ENDED

    async def check(self, store: Snapshots, finding: Finding) -> None:
        async for sale_id, sale in _cached_sales(store.redis):
            units = await store["stock"].scalar(select(FlashSale.units).where(FlashSale.id == sale_id))
            if sale["units"] != units:
                finding.breach(sale_id=sale_id, units=units, redis_units=sale["units"])
            async for entries in _entries(store.redis, sale_id):
                finding.checked += len(entries)
                await _compare(store, finding, sale_id, entries)


async def _compare(store: Snapshots, finding: Finding, sale_id: str, entries: Mapping[str, str]) -> None:
    """The cache learns of a claim after it was made and before it ends, so it may lack claims that SQL has."""
    cached = {user_id: _claim_id(entry) for user_id, entry in entries.items()}
    known = await _claims(store["stock"], cached.values())
    unknown = [claim_id for claim_id in cached.values() if claim_id not in known]
    if unknown:  # made since the snapshot
        async with store.fresh("stock") as stock:
            known |= await _claims(stock, unknown)
    for user_id, claim_id in cached.items():
        claim = known.get(claim_id)
        is_so = claim is not None and (claim.sale_id, claim.user_id) == (sale_id, user_id) and claim.state in LIVE
        if not is_so or (claim is not None and claim.state == "SOLD" and not entries[user_id].startswith("?")):
            finding.breach(claim, redis_sale_id=sale_id, redis_user_id=user_id, redis_entry=entries[user_id])


async def _claims(stock: Snapshot, ids: Iterable[str]) -> dict[str, AnyRow]:
    query = select(Claim.id, Claim.sale_id, Claim.user_id, Claim.state).where(Claim.id.in_(list(ids)))
    return {row.id: row for row in await stock.rows(query)}


async def _cached_sales(redis: Redis) -> AsyncIterator[tuple[str, dict[str, object]]]:
    """The sales that the cache answers for."""
    read = redis.register_script(READ)
    async for key in redis.scan_iter(match=f"{PREFIX}:*:meta", count=CHUNK):
        found = META.fullmatch(key)
        if found and (answer := await read(keys_of(found[1]), ("",))):
            yield found[1], msgspec.json.decode(answer[0])


async def _entries(redis: Redis, sale_id: str) -> AsyncIterator[dict[str, str]]:
    """A sale's entries by user, `CHUNK` at a time."""
    entries: dict[str, str] = {}
    async for user_id, entry in redis.hscan_iter(key_of(sale_id, "claims"), count=CHUNK):
        entries[user_id] = entry
        if len(entries) >= CHUNK:
            yield entries
            entries = {}
    yield entries


def _claim_id(entry: str) -> str:
    """Of `claim|created|expires`, or `?|claim`."""
    return entry.removeprefix("?|").partition("|")[0]

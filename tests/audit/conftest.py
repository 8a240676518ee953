"""A running store with a history, and a copy of its data that tests corrupt."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from redis.asyncio import Redis
from sqlalchemy.engine import make_url

from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import Settings
from subgraphs.stock.claims.scripts import PREFIX
from subgraphs.store.audit import audit
from subgraphs.store.migrate import migrate_all
from tests.audit.history import History
from tests.audit.store_copy import StoreCopy, read
from tests.clients import Client, Games, Viewers, eventually
from tests.own_store import QUICK, OwnStore, own_store

LASTING = {**QUICK, "STEAMPUNK_CLAIM_LIFETIME": "86400", "STEAMPUNK_PAYMENT_LIFETIME": "86400"}
"""Nobody ends what lapses in a copy: there nothing lapses while the tests run."""


@pytest.fixture(scope="session")
def own(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """A store of this suite: other tests write to the shared store's tables directly, which the auditor would report."""
    database_url = mariadb_url and f"{mariadb_url}_audited"
    with own_store(engine, tmp_path_factory.mktemp("audited"), LASTING, database_url) as store:
        yield store


@pytest.fixture(scope="session")
async def audited(own: OwnStore, http: aiohttp.ClientSession) -> Settings:
    """The settings of a running store with a history."""
    client = Client(http, own.store.settings.graphql_url, {})
    viewers = Viewers(await own.signer())
    games = Games(client, await viewers.developer())
    payment = Database(own.settings.database_of("payment"), 1)
    try:
        await History(client, viewers, games, payment).make()
    finally:
        await payment.close()
    return own.settings


@pytest.fixture(scope="session")
async def original(audited: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StoreCopy]:
    """A copy of the store's data, made while the store was at rest."""
    assert [finding for finding in await audit(audited, wait=30) if not finding.is_clean] == []
    folder = tmp_path_factory.mktemp("copy")
    moved = {"state": folder, "redis_url": str(make_url(audited.redis_url).set(database="1"))}
    if audited.database_url:
        url = make_url(audited.database_url)
        moved["database_url"] = str(url.set(database=f"{url.database}_world"))
    settings = audited.model_copy(update=moved)
    await asyncio.to_thread(migrate_all, settings)
    live, copied = [Redis.from_url(one.redis_url, decode_responses=True, protocol=2) for one in (audited, settings)]
    await eventually(lambda: _has_cached_sales(live))
    async for key in live.scan_iter(match=f"{PREFIX}:*"):
        await live.copy(key, key, destination_db="1")
    yield StoreCopy(settings, await read(audited), copied)
    await live.aclose()
    await copied.aclose()


@pytest.fixture
async def copy(original: StoreCopy) -> StoreCopy:
    """The copy, restored for each test."""
    await original.fill()
    return original


async def _has_cached_sales(redis: Redis) -> bool:
    metas = [key async for key in redis.scan_iter(match=f"{PREFIX}:*:meta")]
    return bool(metas) and all([await redis.hexists(key, "sale") for key in metas])

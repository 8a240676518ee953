"""A backup of a store in use, restored on another server: all invariants hold, and nothing acknowledged is missing."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.library.models import Game
from subgraphs.store.audit import audit
from subgraphs.store.config import SECRETS
from tests.backups.servers import KEPT, copy_database, make_user, run
from tests.clients import Account, Client, Games, Viewers, eventually
from tests.own_store import OwnStore, own_store
from tests.shop import Shop

SHOPPERS = 8
BEFORE = 40
"""Purchases that are acknowledged before the backup begins."""
Purchase = tuple[str, str]
"""User and product."""
REFUND = "mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) { __typename } }"


@pytest.fixture(scope="module")
def original(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    """A store on a MariaDB of its own, whose databases have the names of those of Compose."""
    if engine == "embedded":
        pytest.skip("the embedded store is backed up by a copy of its folder: tests/store/test_sample_store.py")
    with own_store(engine, tmp_path_factory.mktemp("original")) as store:
        make_user(make_url(store.settings.database_url))
        yield store


async def shop_of(store: OwnStore, http: aiohttp.ClientSession) -> Shop:
    client, viewers = Client(http, store.store.settings.graphql_url, {}), Viewers(await store.signer())
    return Shop(client, viewers, Games(client, await viewers.developer()))


class Shopping:
    """Customers who buy, and give every third game back, until they are told to stop."""

    def __init__(self, shop: Shop) -> None:
        self.acknowledged: list[Purchase] = []
        """Those that were not given back."""
        self._shop = shop

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        shoppers = [asyncio.create_task(self._shopper(await self._shop.customer())) for _ in range(SHOPPERS)]
        try:
            yield
        finally:
            for shopper in shoppers:
                shopper.cancel()
            for shopper in shoppers:
                with suppress(asyncio.CancelledError):
                    await shopper

    async def has_bought(self, count: int) -> None:
        async def enough() -> bool:
            return len(self.acknowledged) >= count

        await eventually(enough, 300)

    async def _shopper(self, customer: Account) -> None:
        for turn in range(1_000_000):
            game = await self._shop.games.new(usd="1.00")
            bought = await self._shop.checkout(customer, game)
            if turn % 3 == 2:
                await self._shop.client.data(REFUND, {"id": bought["id"], "key": str(uuid.uuid4())}, customer)
            else:
                self.acknowledged.append((customer.id, game))


def test_a_backup_of_a_store_in_use_is_whole(original: OwnStore, engine: str, tmp_path: Path) -> None:
    file, before, all_in_all = asyncio.run(saved_while_in_use(original, tmp_path))
    state = tmp_path / "restored"
    state.mkdir()
    shutil.copy(original.store.settings.state / SECRETS, state)

    def restore(database_url: str) -> None:
        make_user(make_url(database_url))
        restored = run("restore.sh", make_url(database_url), tmp_path, file)
        assert restored.returncode == 0, restored.stderr
        again = run("restore.sh", make_url(database_url), tmp_path, file)
        assert again.returncode != 0, "what is there must not be written over"

    with own_store(engine, state, before=restore) as store:
        assert [one for one in asyncio.run(audit(store.settings, wait=120)) if not one.is_clean] == []
        owned = asyncio.run(_owned(store))
        assert before <= owned
        assert not all_in_all <= owned, "nothing was bought after the backup"
        asyncio.run(_sells(store))


async def saved_while_in_use(store: OwnStore, folder: Path) -> tuple[str, set[Purchase], set[Purchase]]:
    """The file of a backup, what was acknowledged before it began, and all that was in the end."""
    async with aiohttp.ClientSession() as http:
        shopping = Shopping(await shop_of(store, http))
        async with shopping.under_way():
            await shopping.has_bought(BEFORE)
            before = set(shopping.acknowledged)
            saved = await asyncio.to_thread(run, "backup.sh", make_url(store.settings.database_url), folder)
            assert saved.returncode == 0, saved.stderr
            await shopping.has_bought(len(shopping.acknowledged) + 2 * SHOPPERS)
    return saved.stdout.strip(), before, set(shopping.acknowledged)


async def _sells(store: OwnStore) -> None:
    async with aiohttp.ClientSession() as http:
        shop = await shop_of(store, http)
        await shop.bought(await shop.customer(), await shop.games.new(usd="1.00"))


async def _owned(store: OwnStore) -> set[Purchase]:
    database = Database(store.settings.database_of("library"), 1)
    async with database.reading() as session:
        rows = await session.execute(select(Game.user_id, Game.product_id).where(Game.revoked_by.is_(None)))
        owned = {(row.user_id, row.product_id) for row in rows}
    await database.close()
    return owned


async def test_dumps_of_different_moments_do_not_fit_together(original: OwnStore, http: aiohttp.ClientSession) -> None:
    """Which is why all six are dumped in one transaction; the auditor tells."""
    shop, url = await shop_of(original, http), make_url(original.settings.database_url)
    customer = await shop.customer()
    await shop.bought(customer, await shop.games.new(usd="1.00"))
    torn = original.settings.model_copy(update={"database_url": str(url.set(database="torn"))})
    copy_database(url, "steampunk_payment", "torn_payment")
    await shop.bought(customer, await shop.games.new(usd="1.00"))
    for subgraph in set(SUBGRAPHS) - {"payment"}:
        copy_database(url, f"steampunk_{subgraph}", f"torn_{subgraph}")
    broken = {one.invariant for one in await audit(torn, wait=1) if one.breaches}
    assert broken, "the library has a game that payment knows nothing of"


def test_old_backups_make_room(original: OwnStore, tmp_path: Path) -> None:
    url = make_url(original.settings.database_url)
    for day in range(KEPT):
        (tmp_path / f"steampunk-2026010{day + 1}T000000Z.sql.gz").touch()
    saved = run("backup.sh", url, tmp_path)
    assert saved.returncode == 0, saved.stderr
    left = sorted(file.name for file in tmp_path.glob("*.gz"))
    assert len(left) == KEPT
    assert Path(saved.stdout.strip()).name in left
    assert Path(saved.stdout.strip()).stat().st_mode & 0o777 == 0o600


def test_a_backup_that_fails_leaves_no_file(original: OwnStore, tmp_path: Path) -> None:
    url = make_url(original.settings.database_url)
    saved = run("backup.sh", url.set(port=1), tmp_path)
    assert saved.returncode != 0
    assert list(tmp_path.glob("*.sql*")) == []

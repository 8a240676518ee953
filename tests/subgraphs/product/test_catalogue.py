"""What the catalogue remembers, and how changes reach it: in the same process, in others, and without Redis.

Where nothing but a drop can show a change, the life of what is remembered is an hour.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import update

from etl.load import load
from subgraphs.contracts.product import OfferRequest
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import PageRequest
from subgraphs.kit.jobs import Every, background
from subgraphs.kit.redis import broadcast
from subgraphs.kit.web.auth import Role, Viewer
from subgraphs.product.catalogue import Catalogue
from subgraphs.product.discounts.domain import Discount
from subgraphs.product.lists.domain import ProductFilter, ProductSort
from subgraphs.product.lists.service import EVERYTHING
from subgraphs.product.models import Product
from subgraphs.product.service import ProductService
from tests.clients import eventually
from tests.etl.files import game, write
from tests.own_store import OwnStore
from tests.ports import reserved_ports

HOUR = 3600.0
ADMIN = Viewer("an-admin", frozenset({Role.USER, Role.ADMIN}), "session")
PRICE = "query ($id: ID!) { product(id: $id) { title price { points discountPercent } } }"
DISCOUNT = "mutation ($id: ID!, $percent: Int!) { setDiscount(productId: $id, percent: $percent) { id } }"
ON_SALE = """query ($genre: String!) { products(filter: {genre: $genre, onSale: true}) {
  edges { node { id } } totalCount } }"""
PUBLISH = "mutation ($input: PublishProductInput!) { publishProduct(input: $input) { id } }"


@pytest.fixture
def rename(sql: Callable[[str], Database]) -> Callable[..., Any]:
    """Changes a product's title behind the store's back."""

    async def to(product_id: str, title: str) -> None:
        async with sql("product").transaction() as session:
            await session.execute(update(Product).where(Product.id == int(product_id)).values(title=title))

    return to


@asynccontextmanager
async def following(service: ProductService) -> AsyncIterator[None]:
    async with background([Every(0.05, "follow", service.changes.follow).loop()]):
        yield


async def title(catalogue: Catalogue, product_id: str) -> str:
    (found,) = await catalogue.by_ids([product_id])
    assert found is not None
    return found.title


async def discount(catalogue: Catalogue, product_id: str) -> int:
    (found,) = await catalogue.by_ids([product_id])
    assert found is not None
    return found.price.discount_percent


async def titles(catalogue: Catalogue, genre: str) -> list[str]:
    page = await catalogue.page(EVERYTHING, ProductFilter(genre=genre), ProductSort.TITLE, PageRequest())
    return [product.title for product in page.rows]


async def test_what_was_read_is_remembered_but_not_for_managers_and_orders(
    another_process: Any, redis: Redis, shelve: Any, sql: Callable[[str], Database]
) -> None:
    shelf = await shelve({"title": "Old"})
    service, product_id = another_process(HOUR, redis), shelf.ids[0]
    assert await titles(service.catalogue, shelf.genre) == ["Old"]

    async with sql("product").transaction() as session:
        changed = update(Product).where(Product.id == int(product_id)).values(title="New", points=7)
        await session.execute(changed)

    for viewer in (None, Viewer("a-user", frozenset({Role.USER}), "session")):
        assert await titles(service.catalogue_for(viewer), shelf.genre) == ["Old"]
    assert await titles(service.catalogue_for(ADMIN), shelf.genre) == ["New"]
    (offer,) = await service.offers([OfferRequest(product_id)])
    assert offer.points == 7


async def test_a_change_is_seen_at_once_in_its_process(another_process: Any, redis: Redis, shelve: Any) -> None:
    shelf = await shelve({}, {})
    service, on_sale = another_process(HOUR, redis), ProductFilter(genre=shelf.genre, on_sale=True)
    catalogue = service.catalogue
    assert (await discount(catalogue, shelf.ids[0]), await catalogue.count(EVERYTHING, on_sale)) == (0, 0)
    assert (await catalogue.page(EVERYTHING, on_sale, ProductSort.TITLE, PageRequest())).rows == []

    await service.discounts.set(ADMIN, shelf.ids[0], Discount(50))

    assert (await discount(catalogue, shelf.ids[0]), await catalogue.count(EVERYTHING, on_sale)) == (50, 1)
    page = await catalogue.page(EVERYTHING, on_sale, ProductSort.TITLE, PageRequest())
    assert [str(product.id) for product in page.rows] == shelf.ids[:1]


async def test_a_visitor_sees_a_discount_at_once(product: Any, viewers: Any, shelve: Any) -> None:
    shelf, admin = await shelve({}), await viewers.admin()
    (product_id,) = shelf.ids
    for percent in (10, 20, 0):
        await product.data(DISCOUNT, {"id": product_id, "percent": percent}, admin)
        found = (await product.data(PRICE, {"id": product_id}))["product"]
        assert found["price"]["discountPercent"] == percent
        listed = (await product.data(ON_SALE, {"genre": shelf.genre}))["products"]
        assert listed["totalCount"] == len(listed["edges"]) == bool(percent)


async def test_changes_in_another_process_are_heard_of(
    another_process: Any,
    redis: Redis,
    product: Any,
    viewers: Any,
    shelve: Any,
    word: Any,
    monkeypatch: pytest.MonkeyPatch,
    rename: Any,
) -> None:
    monkeypatch.setattr(broadcast, "AGAIN_SECONDS", HOUR)
    service, shelf, admin = another_process(HOUR, redis), await shelve({"title": "Old"}), await viewers.admin()
    catalogue, genre = service.catalogue, word()
    in_genre = ProductFilter(genre=genre)
    assert await title(catalogue, shelf.ids[0]) == "Old"
    await rename(shelf.ids[0], "New")
    assert await title(catalogue, shelf.ids[0]) == "Old"
    async with following(service):
        # To begin with, everything is forgotten.
        await eventually(lambda: _is(title(catalogue, shelf.ids[0]), "New"))
        assert await discount(catalogue, shelf.ids[0]) == await catalogue.count(EVERYTHING, in_genre) == 0
        assert genre not in await catalogue.genres()

        await product.data(DISCOUNT, {"id": shelf.ids[0], "percent": 30}, admin)
        await eventually(lambda: _is(discount(catalogue, shelf.ids[0]), 30))
        given = {"title": "A", "description": "B", "usd": 1, "genres": [genre], "platforms": ["MAC"]}
        await product.data(PUBLISH, {"input": given}, admin)
        await eventually(lambda: _is(catalogue.count(EVERYTHING, in_genre), 1))
        assert genre in await catalogue.genres()


async def test_when_redis_is_back_everything_is_forgotten(
    another_process: Any, redis: Redis, shelve: Any, rename: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcast, "AGAIN_SECONDS", HOUR)
    service, (product_id,) = another_process(HOUR, redis), (await shelve({"title": "0"})).ids
    async with following(service):
        for number in (1, 2, 3):
            assert await title(service.catalogue, product_id) == str(number - 1)
            await rename(product_id, str(number))
            await redis.client_kill_filter(_type="pubsub")
            await eventually(lambda number=number: _is(title(service.catalogue, product_id), str(number)))


async def test_without_redis_a_change_is_seen_when_its_time_is_up(
    another_process: Any, product: Any, viewers: Any, shelve: Any
) -> None:
    (product_id,) = (await shelve({})).ids
    with reserved_ports() as ports:
        url = f"redis://127.0.0.1:{ports[0]}/0"
        async with Redis.from_url(url) as gone:
            patient, short = another_process(HOUR, gone, url), another_process(0.5, gone, url)
            async with following(patient), following(short):
                assert await discount(patient.catalogue, product_id) == await discount(short.catalogue, product_id) == 0
                await product.data(DISCOUNT, {"id": product_id, "percent": 40}, await viewers.admin())
                await eventually(lambda: _is(discount(short.catalogue, product_id), 40))
                assert await discount(patient.catalogue, product_id) == 0
                await short.discounts.set(ADMIN, product_id, Discount(60))
                assert await discount(short.catalogue, product_id) == 60


async def test_a_loaded_file_is_seen_when_its_time_is_up(product: Any, running: OwnStore, tmp_path: Path) -> None:
    database, app_id = running.settings.database_of("product"), 987_654_321
    for name in ("One", "Two"):
        file = write(tmp_path / f"{name}.json", (app_id, game(name=name)))
        await asyncio.to_thread(load, file, database, workers=1)

        async def found(name: str = name) -> bool:
            known = (await product.data(PRICE, {"id": str(app_id)}))["product"]
            return known is not None and known["title"] == name

        await eventually(found, 30)


async def _is(value: Any, wanted: Any) -> bool:
    return bool(await value == wanted)

"""Discounts that end by themselves: in prices, filters, orders of lists and offers, whoever reads first."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from subgraphs.contracts.product import PRODUCT_OFFERS, OfferRequest
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import PageRequest
from subgraphs.product.catalogue import Catalogue
from subgraphs.product.lists.domain import ProductFilter, ProductSort
from subgraphs.product.lists.service import EVERYTHING
from subgraphs.product.models import DiscountEnd
from subgraphs.product.repository import ProductRepository
from tests.clients import bad_fields, eventually

DISCOUNT = """mutation ($id: ID!, $percent: Int!, $endsAt: DateTime) {
  setDiscount(productId: $id, percent: $percent, endsAt: $endsAt) { price { points discountEndsAt } } }"""
PRICE = "query ($id: ID!) { product(id: $id) { price { points discountPercent discountEndsAt } } }"
REGULAR = {"points": 12987, "discountPercent": 0, "discountEndsAt": None}


def from_now(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


async def is_over(database: Database, ends_at: datetime) -> bool:
    """Whether an instant has passed by the database's clock."""
    async with database.reading() as session:
        return await ProductRepository(session).now() >= ends_at


@pytest.fixture
def discounted(product: Any, viewers: Any, shelve: Any) -> Any:
    """A shelf of two products of 12,987 points, of which the first has half the price for an hour."""

    async def make() -> Any:
        shelf = await shelve({}, {})
        given = {"id": shelf.ids[0], "percent": 50, "endsAt": from_now(3600)}
        await product.data(DISCOUNT, given, await viewers.admin())
        return shelf

    return make


@pytest.fixture
def ends_soon(product: Any, viewers: Any) -> Any:
    """Sets a discount that ends in a few seconds. Returns when it ends."""

    async def change(product_id: str) -> datetime:
        ends_at = from_now(6)
        given = {"id": product_id, "percent": 50, "endsAt": ends_at}
        await product.data(DISCOUNT, given, await viewers.admin())
        return datetime.fromisoformat(ends_at)

    return change


@pytest.fixture
def ended(sql: Callable[[str], Database]) -> Any:
    """Lets the time of a product's discount be over, without telling anybody."""

    async def end(product_id: str) -> None:
        async with sql("product").transaction() as session:
            past = datetime.now(UTC) - timedelta(seconds=1)
            changed = update(DiscountEnd).where(DiscountEnd.product_id == int(product_id)).values(ends_at=past)
            await session.execute(changed)

    return end


async def test_a_price_goes_back_by_itself(
    product: Any, discounted: Any, ends_soon: Any, find: Any, sql: Callable[[str], Database]
) -> None:
    shelf = await discounted()
    price = (await product.data(PRICE, {"id": shelf.ids[0]}))["product"]["price"]
    assert (price["points"], price["discountPercent"]) == (6494, 50)
    assert await find(shelf, onSale=True) == await find(shelf, maxPoints=7000) == shelf.ids[:1]
    assert await find(shelf, sort="PRICE_LOW") == shelf.ids

    ends_at = await ends_soon(shelf.ids[0])
    await eventually(lambda: is_over(sql("product"), ends_at))

    assert (await product.data(PRICE, {"id": shelf.ids[0]}))["product"]["price"] == REGULAR
    assert await find(shelf, onSale=True) == await find(shelf, maxPoints=7000) == []
    assert (
        await find(shelf, onSale=False, sort="TITLE") == await find(shelf, minPoints=12987, sort="TITLE") == shelf.ids
    )
    assert await find(shelf, sort="PRICE_HIGH") == shelf.ids[::-1]


async def test_no_process_reads_past_an_end_whoever_was_first_to_end_it(
    another_process: Any, redis: Redis, discounted: Any, ends_soon: Any, sql: Callable[[str], Database]
) -> None:
    """These processes remember for an hour and hear of nothing."""
    shelf, services = await discounted(), [another_process(3600, redis) for _ in range(2)]
    on_sale = EVERYTHING, ProductFilter(genre=shelf.genre, on_sale=True)

    async def seen(catalogue: Catalogue) -> tuple[int, int, int]:
        (found,) = await catalogue.by_ids([shelf.ids[0]])
        assert found is not None
        page = await catalogue.page(*on_sale, ProductSort.PRICE_LOW, PageRequest())
        return found.price.points, len(page.rows), await catalogue.count(*on_sale)

    assert [await seen(service.catalogue) for service in services] == [(6494, 1, 1)] * 2
    ends_at = await ends_soon(shelf.ids[0])
    for service in services:
        await service.due_discounts.watch()  # as it does each second
    await eventually(lambda: is_over(sql("product"), ends_at))

    assert [await seen(service.catalogue) for service in services] == [(12987, 0, 0)] * 2


async def test_an_offer_is_regular_from_the_end_on(
    product: Any, discounted: Any, ended: Any, sql: Callable[[str], Database]
) -> None:
    shelf = await discounted()
    await ended(shelf.ids[0])
    (offer,) = await product.command(PRODUCT_OFFERS, [OfferRequest(shelf.ids[0])])
    assert (offer.points, offer.discount_percent) == (12987, 0)

    async def forgotten() -> bool:
        async with sql("product").reading() as session:
            ends = select(func.count()).where(DiscountEnd.product_id == int(shelf.ids[0]))
            return await session.scalar(ends) == 0

    await eventually(forgotten)


async def test_processes_that_end_it_at_once_end_it_once(
    another_process: Any, redis: Redis, discounted: Any, ended: Any, product: Any, viewers: Any
) -> None:
    shelf = await discounted()
    services = [another_process(3600, redis) for _ in range(4)]
    await ended(shelf.ids[0])
    await asyncio.gather(*[service.discounts.end_due() for service in services for _ in range(3)])
    price = (await product.data(PRICE, {"id": shelf.ids[0]}, await viewers.admin()))["product"]["price"]
    assert price == REGULAR


async def test_a_new_discount_replaces_the_end(product: Any, discounted: Any, viewers: Any) -> None:
    shelf, admin = await discounted(), await viewers.admin()
    await product.data(DISCOUNT, {"id": shelf.ids[0], "percent": 20}, admin)
    price = (await product.data(PRICE, {"id": shelf.ids[0]}))["product"]["price"]
    assert price == {"points": 10390, "discountPercent": 20, "discountEndsAt": None}


@pytest.mark.parametrize(
    ("percent", "ends_at", "fields"),
    [
        (50, "2020-01-01T00:00:00Z", ["endsAt"]),
        (0, "2099-01-01T00:00:00Z", ["endsAt"]),
        (91, "2020-01-01T00:00:00Z", ["percent", "endsAt"]),
    ],
)
async def test_bad_ends_are_named_and_change_nothing(
    product: Any, discounted: Any, viewers: Any, percent: int, ends_at: str, fields: list[str]
) -> None:
    shelf, admin = await discounted(), await viewers.admin()
    before = await product.data(PRICE, {"id": shelf.ids[0]})
    given = {"id": shelf.ids[0], "percent": percent, "endsAt": ends_at}
    assert bad_fields(await product.run(DISCOUNT, given, viewer=admin)) == fields
    assert await product.data(PRICE, {"id": shelf.ids[0]}) == before

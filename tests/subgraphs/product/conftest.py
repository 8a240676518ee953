"""Helpers of the product subgraph's tests: add products, and page through lists."""

import random
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from redis.asyncio import Redis

from subgraphs.kit.database.database import Database
from subgraphs.kit.peers import Peers
from subgraphs.kit.runtime import Runtime
from subgraphs.product.domain import PLATFORM_BITS, Product
from subgraphs.product.models import ProductCategory, ProductCompany, ProductLanguage, ProductTag
from subgraphs.product.pricing import Price
from subgraphs.product.repository import ProductRepository
from subgraphs.product.service import ProductService
from tests.own_store import OwnStore

PAGE = """query ($search: String, $filter: ProductFilter, $sort: ProductSort!, $first: Int!, $after: String) {
  products(search: $search, filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def made_up_word() -> str:
    """A word that occurs in no other product."""
    return "zq" + "".join(random.choices(string.ascii_lowercase, k=12))


@dataclass
class Shelf:
    """Products that a test added to the catalogue, in a genre of their own."""

    genre: str
    ids: list[str]


def a_product(
    product_id: int, usd: str = "9.99", discount_percent: int = 0, platforms: int = 1, **fields: Any
) -> Product:
    """A product; `platforms` is the sum of their bits."""
    given: dict[str, Any] = {
        "publisher_id": None,
        "title": "A game",
        "genres": (),
        "header_image": None,
        "released_on": None,
    } | fields
    return Product(
        id=product_id,
        price=Price.of(Decimal(usd), discount_percent),
        platforms=frozenset(platform for platform, bit in PLATFORM_BITS.items() if platforms & bit),
        **given,
    )


@pytest.fixture
def word() -> Callable[[], str]:
    return made_up_word


@pytest.fixture
def shelve(sql: Any) -> Callable[..., Awaitable[Shelf]]:
    """Puts products on a new shelf. Each is given as its fields."""

    async def put(*products: dict[str, Any]) -> Shelf:
        shelf = Shelf(made_up_word(), [])
        async with sql("product").transaction() as session:
            repository = ProductRepository(session)
            for fields in products:
                given = {"description": "Words about it."} | fields
                description = given.pop("description")
                product = a_product(await repository.next_published_id(), genres=(shelf.genre,), **given)
                await repository.add(product, description)
                shelf.ids.append(str(product.id))
        return shelf

    return put


@pytest.fixture
def find(product: Any) -> Callable[..., Awaitable[list[str]]]:
    """The ids in a list, read in pages of `first`; checks the page info of every page."""

    async def read(
        shelf: Shelf | None,
        search: str | None = None,
        sort: str = "RELEVANCE",
        first: int = 100,
        **filter: Any,
    ) -> list[str]:
        if shelf is not None:
            filter["genre"] = shelf.genre
        ids: list[str] = []
        variables = {"search": search, "filter": filter, "sort": sort, "first": first, "after": None}
        while True:
            answer = await product.run(PAGE, variables)
            assert "errors" not in answer, (search, answer)
            page = answer["data"]["products"]
            info = page["pageInfo"]
            cursors = [edge["cursor"] for edge in page["edges"]]
            assert info["hasPreviousPage"] is bool(ids)
            assert (info["startCursor"], info["endCursor"]) == ((cursors[0], cursors[-1]) if cursors else (None, None))
            ids += [edge["node"]["id"] for edge in page["edges"]]
            if not info["hasNextPage"]:
                return ids
            assert len(cursors) == first
            variables["after"] = info["endCursor"]

    return read


@pytest.fixture
def day() -> Callable[[str], date]:
    return date.fromisoformat


@pytest.fixture
def companies(sql: Any) -> Callable[..., Awaitable[None]]:
    """Names the developers (D) or publishers (P) of a product."""

    async def name(product_id: str, kind: str, *names: str) -> None:
        async with sql("product").transaction() as session:
            for position, company in enumerate(names):
                session.add(ProductCompany(product_id=int(product_id), kind=kind, position=position, name=company))

    return name


@pytest.fixture
def link(sql: Any) -> Callable[..., Awaitable[None]]:
    """Gives a product tags, features and languages."""

    async def give(product_id: str, tags: str = "", categories: str = "", languages: str = "") -> None:
        number = int(product_id)
        async with sql("product").transaction() as session:
            session.add_all([ProductTag(product_id=number, tag=tag, votes=1) for tag in tags.split()])
            session.add_all([ProductCategory(product_id=number, category=name) for name in categories.split()])
            session.add_all(
                [ProductLanguage(product_id=number, language=name, full_audio=False) for name in languages.split()]
            )

    return give


@pytest.fixture
def another_process(running: OwnStore, sql: Callable[[str], Database], http: Any) -> Callable[..., ProductService]:
    """The service of another process of product, which follows no changes yet."""

    def make(life: float, redis: Redis, redis_url: str = running.settings.redis_url) -> ProductService:
        settings = running.settings.model_copy(update={"redis_url": redis_url})
        return ProductService(Runtime(settings, sql("product"), redis, Peers(settings, http), http), life)

    return make

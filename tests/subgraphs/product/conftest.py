"""What the product subgraph's tests do again and again: fill a shelf of their own, and page through it."""

import random
import string
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.product.models import Product, ProductCompany
from subgraphs.product.pricing import discounted_points, regular_points
from subgraphs.product.repository import ProductRepository

PAGE = """query ($search: String, $filter: ProductFilter, $sort: ProductSort!, $first: Int!, $after: String) {
  products(search: $search, filter: $filter, sort: $sort, first: $first, after: $after) {
    edges { cursor node { id title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


def made_up_word() -> str:
    """A word that no other product has."""
    return "zq" + "".join(random.choices(string.ascii_lowercase, k=12))


@dataclass
class HoldBatch:
    """Products that a test put into the catalogue; a genre of their own keeps them apart from all others."""

    genre: str
    ids: list[str]


def a_product(title: str = "A game", usd: str = "9.99", discount_percent: int = 0, **columns: Any) -> Product:
    price = Decimal(usd)
    reviews = {"positive_reviews": 0, "negative_reviews": 0, "review_score": 0, "platforms": 1} | columns
    return Product(
        title=title,
        usd=price,
        regular_points=regular_points(price),
        points=discounted_points(price, discount_percent),
        discount_percent=discount_percent,
        reviews=reviews["positive_reviews"] + reviews["negative_reviews"],
        **({"description": "Words about it."} | reviews),
    )


@pytest.fixture
def word() -> Callable[[], str]:
    return made_up_word


@pytest.fixture
def shelve(sql: Any) -> Callable[..., Awaitable[HoldBatch]]:
    """Puts products, each given by its columns, on a new shelf."""

    async def put(*products: dict[str, Any]) -> HoldBatch:
        genre = made_up_word()
        shelf = HoldBatch(genre, [])
        async with sql("product").transaction() as session:
            repository = ProductRepository(session)
            for columns in products:
                product = a_product(**columns)
                product.id = await repository.next_published_id()
                await repository.add(product, [genre])
                shelf.ids.append(str(product.id))
        return shelf

    return put


@pytest.fixture
def find(product: Any) -> Callable[..., Awaitable[list[str]]]:
    """The ids that a list shows, read in pages of `first`, and every page's borders checked."""

    async def read(
        shelf: HoldBatch | None,
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

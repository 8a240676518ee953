"""How the engines read lists: along an index until the page is full, and never a whole table for one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from etl.catalogue import product_database
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import PageRequest
from subgraphs.product.domain import Platform
from subgraphs.product.lists import repository
from subgraphs.product.lists.domain import Names, ProductFilter, ProductSort
from subgraphs.product.lists.service import Lists

LISTS = {
    "everything": (None, ProductFilter(), ProductSort.PRICE_LOW),
    "a genre by price": (None, ProductFilter(genre="Indie"), ProductSort.PRICE_LOW),
    "a genre from A to Z": (None, ProductFilter(genre="Indie"), ProductSort.TITLE),
    "filtered, the newest": (
        None,
        ProductFilter(genre="RPG", min_points=1, max_points=20_000, platform=Platform.LINUX, min_review_score=50),
        ProductSort.NEWEST,
    ),
    "on sale, the best reviewed": (None, ProductFilter(on_sale=True), ProductSort.BEST_REVIEWED),
    "several tags": (
        None,
        ProductFilter(tags=Names(any=("Steam", "Cute")), languages=Names(all=("German",))),
        ProductSort.MOST_REVIEWED,
    ),
    "a common word": ("the", ProductFilter(), ProductSort.RELEVANCE),
    "two common words": ("dragon castle", ProductFilter(), ProductSort.RELEVANCE),
    "Korean": ("전설", ProductFilter(), ProductSort.RELEVANCE),
    "the beginning of a word": ("warl", ProductFilter(), ProductSort.PRICE_HIGH),
}
Statement = tuple[str, Any]
Explain = Callable[[str], Awaitable[list[str]]]


@pytest.fixture
async def database(catalogue_url: str) -> AsyncIterator[Database]:
    database = Database(product_database(catalogue_url), 2)
    yield database
    await database.close()


@pytest.fixture
def explain(database: Database) -> Explain:
    """The plans of the statements that read the first page of a list."""
    statements: list[Statement] = []

    @event.listens_for(database.reader.sync_engine, "before_cursor_execute")
    def collect(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "products" in statement and not statement.startswith("EXPLAIN"):
            statements.append((statement, parameters))

    async def plans(name: str) -> list[str]:
        search, filter, sort = LISTS[name]
        lists = Lists(database, 0)
        meaning = await lists.meaning(search)
        statements.clear()
        await lists.page(meaning.search, filter, sort, PageRequest(5))
        verb = "EXPLAIN" if database.reader.dialect.name != "sqlite" else "EXPLAIN QUERY PLAN"
        found = []
        async with database.reader.connect() as connection:
            for statement, parameters in list(statements):
                rows = await connection.exec_driver_sql(f"{verb} {statement}", parameters)
                found.append("\n".join(" ".join(map(str, row)) for row in rows))
        assert found
        return found

    return plans


def whole_tables(plan: str) -> list[str]:
    """The lines of a plan that read all rows of a stored table, and not along an index."""
    on_mariadb = [line for line in plan.splitlines() if " ALL " in line and "<derived" not in line]
    return on_mariadb + [line for line in plan.splitlines() if "SCAN product" in line and "USING" not in line]


@pytest.mark.parametrize("name", LISTS)
async def test_what_few_products_meet_is_looked_up_first(name: str, explain: Explain) -> None:
    for plan in await explain(name):
        assert not whole_tables(plan), plan


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_that_many_products_are_on_is_walked_in_its_order(
    name: str, explain: Explain, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MANY", 1)  # so that whatever is looked for, many products have it

    plans = await explain(name)

    assert not any(whole_tables(plan) for plan in plans), plans
    if engine == "servers":  # SQLite chooses by itself whether to walk or to sort
        walks = [plan for plan in plans if plan.splitlines()[0].split()[2:4] == ["products", "index"]]
        assert walks, plans
        assert not any("filesort" in plan or "temporary" in plan for plan in walks), walks

"""Searches that very many products match are walked; they find the same as those that are sorted."""

import pytest

from etl.catalogue import product_database
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.paging import PageRequest
from subgraphs.product.lists import repository
from subgraphs.product.lists.domain import ProductFilter, ProductSort
from subgraphs.product.lists.service import Lists

TEXTS = ["the", "tower", "warlock", "dragon castle", "rus", "gateway 2", "Woods", "전설", "%", "or leave"]


async def found(lists: Lists, text: str, first: int) -> list[int]:
    """All that a search finds, read in pages of `first`."""
    ids: list[int] = []
    after = None
    search = (await lists.meaning(text)).search
    while True:
        page = await lists.page(
            search, ProductFilter(max_points=10**9), ProductSort.RELEVANCE, PageRequest(first, after)
        )
        ids += page.rows
        if not page.has_next:
            return ids
        after = page.cursors[-1]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_walked_search_finds_what_a_sorted_one_finds(
    text: str, catalogue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(product_database(catalogue_url), 2)
    lists = Lists(database, 0)
    in_order = await found(lists, text, 100)
    monkeypatch.setattr(repository, "MANY", 1)  # so that whatever is looked for, many products have it
    walked = [await found(lists, text, first) for first in (100, 7)]
    await database.close()

    assert len(set(in_order)) == len(in_order)
    assert walked[0] == walked[1]
    assert sorted(walked[0]) == sorted(in_order)
    if " " not in text:  # else a walk has what is partly in the title and what is not in one tier
        assert walked[0] == in_order

"""Shoppers and sales for the tests of orders."""

import pytest

from tests.clients import Games, SubgraphClient, Viewers
from tests.subgraphs.order.shopper import Applied, Publish, Sales, Shopper, Shoppers


@pytest.fixture
def shoppers(viewers: Viewers, order: SubgraphClient, library: SubgraphClient, publish: Publish) -> Shoppers:
    return Shoppers(viewers, order, library, publish)


@pytest.fixture
async def shopper(shoppers: Shoppers) -> Shopper:
    return await shoppers.new()


@pytest.fixture
async def sales(stock: SubgraphClient, viewers: Viewers) -> Sales:
    return Sales(stock, await viewers.admin())


@pytest.fixture
def applied(shoppers: Shoppers, games: Games) -> Applied:
    """Waits until order has applied all events published so far, by publishing one more."""

    async def wait() -> None:
        await (await shoppers.new()).buy(await games.new())

    return wait

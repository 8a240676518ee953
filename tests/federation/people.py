"""People with a past, whom the generated operations ask about, and what is known of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.payment.models import ProviderTopUp
from subgraphs.product import models
from tests.clients import Account, sale_input
from tests.federation.reference import Reference
from tests.fuzz.world import Actor, World
from tests.shop import CLAIM, FLASH_SALE, Shop

RELEASE = "mutation($id: ID!) { releaseClaim(id: $id) { id } }"
PLAY = "mutation($id: ID!) { play(productId: $id) { __typename } }"
DISCOUNT = """mutation($id: ID!, $ends: DateTime) {
  setDiscount(productId: $id, percent: 20, endsAt: $ends) { id } }"""
WITHDRAW = "mutation($id: ID!) { withdrawProduct(productId: $id) { __typename } }"
REFUND = """mutation($id: ID!, $games: [ID!]!) {
  refund(paymentId: $id, productIds: $games, idempotencyKey: "a past") { __typename ... on Refund { id } } }"""
BUY_POINTS = 'mutation { startTopUp(points: 500, idempotencyKey: "a past") { __typename id } }'
REFUND_STATE = "{ me { payments(first: 9) { edges { node { refunds { state } } } } } }"
PAGE = "edges { cursor node { __typename"
KNOWN = f"""{{ me {{ __typename id
  orders(first: 5) {{ {PAGE} id lines {{ product {{ __typename id title }} }} payment {{ __typename id }} }} }} }}
  payments(first: 5) {{ {PAGE} id }} }} }}
  claims(first: 5) {{ {PAGE} id sale {{ __typename id product {{ __typename id title }} }} }} }} }}
  library(first: 5) {{ {PAGE} product {{ __typename id }} }} }} }}
  playHistory(first: 5) {{ edges {{ cursor }} }} wishlist(first: 5) {{ edges {{ cursor }} }}
  wallet {{ entries(first: 5) {{ edges {{ cursor }} }} }} }} }}"""
SHELF = f"""{{
  products(first: 9) {{ {PAGE} id title genres {{ name }} }} }} }}
  flashSales(first: 5) {{ {PAGE} id }} }} }} }}"""
SOLD = f"{{ myProducts(first: 9) {{ {PAGE} id sold {{ days(first: 2) {{ edges {{ cursor }} }} }} }} }} }} }}"
STATUS = "query($id: ID!) { saleStatus(id: $id) { __typename version } }"


async def somebody(shop: Shop, games: list[str]) -> Account:
    """A registered customer with a library, plays, orders, payments, a refund, claims, wishes and a wallet."""
    account = await shop.registered(1_000_000)
    payment = await shop.bought(account, *games[:3])
    await shop.client.data(PLAY, {"id": games[0]}, account)
    await shop.client.data(REFUND, {"id": payment, "games": [games[2]]}, account)
    await shop.started(account, await shop.ordered(account, games[3], games[4]))
    await shop.ordered(account, games[5])
    await shop.wish(account, games[4], games[6])
    _, released = await claimed(shop, account)
    await shop.client.data(RELEASE, {"id": released}, account)
    await claimed(shop, account)
    game, bought = await claimed(shop, account)
    await shop.checkout(account, game, claimIds=[bought])
    await shop.client.data(PLAY, {"id": game}, account)  # the first one on a page of the library
    return account


async def unpaid_top_up(account: Account, sql: Callable[[str], Database]) -> dict[str, Any]:
    """A top-up that waits for its customer on the provider's page, which the sandbox's never do."""
    id, now = new_id(), datetime.now(UTC)
    waiting = ProviderTopUp(
        id=id,
        user_id=account.id,
        idempotency_key="0" * 64,
        amount=500,
        price=500,
        currency="usd",
        state="OPEN",
        session="a session",
        page_url="https://example.com/pay",
        created_at=now,
        ask_at=now + timedelta(days=1),
    )
    async with sql("payment").transaction() as session:
        session.add(waiting)
    return {"__typename": "TopUp", "id": id}


async def claimed(shop: Shop, account: Account) -> tuple[str, str]:
    """A new game in a flash sale, and the account's claim on it."""
    game = await shop.games.new()
    claim = await shop.client.data(CLAIM, {"id": await on_sale(shop, game, units=3)}, account)
    return game, claim["claim"]["id"]


async def shelf(shop: Shop, sql: Callable[[str], Database]) -> list[str]:
    """Seven games: some discounted, one limited, and all with what only the data set has."""
    games = [await shop.games.new(usd=f"{one + 1}.50", title=f"Gear {one}") for one in range(6)]
    games.append(await shop.limited(units=5))
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for game, ends in zip(games[:2], [tomorrow, None], strict=True):
        await shop.client.data(DISCOUNT, {"id": game, "ends": ends}, shop.games.developer)
    await on_sale(shop, games[1], units=5)
    async with sql("product").transaction() as session:
        for game in games:
            session.add_all(_details(int(game)))
        told = {"released_on": datetime.now(UTC).date(), "header_image": "https://example.com/h.png"}
        await session.execute(update(models.Product).where(models.Product.id.in_(map(int, games))).values(told))
    return games


def _details(game: int) -> list[Any]:
    companies = [("D", 0, "Brass Works"), ("D", 1, "Copper House"), ("P", 0, "Brass Works")]
    media = [("S", 0, "https://example.com/s.png"), ("M", 0, "https://example.com/m.mp4")]
    return [
        *[models.ProductCompany(product_id=game, kind=k, position=p, name=name) for k, p, name in companies],
        *[models.ProductMedia(product_id=game, kind=k, position=p, url=url) for k, p, url in media],
        models.ProductTag(product_id=game, tag="Steam", votes=7),
        models.ProductTag(product_id=game, tag="Clockwork", votes=3),
        models.ProductCategory(product_id=game, category="Single-player"),
        models.ProductLanguage(product_id=game, language="English", full_audio=True),
        models.ProductLanguage(product_id=game, language="Korean", full_audio=False),
    ]


async def withdraw(shop: Shop, game: str) -> None:
    await shop.client.data(WITHDRAW, {"id": game}, shop.games.developer)


async def on_sale(shop: Shop, game: str, units: int = 1) -> str:
    """The id of a new flash sale, open for two hours."""
    made = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 100, units)}, shop.games.developer)
    sale: str = made["createFlashSale"]["id"]
    return sale


async def world_of(
    people: dict[str, Account | None], reference: Reference, shop: Shop, sql: Callable[[str], Database]
) -> tuple[World, list[Actor]]:
    """What the generator knows: the ids, cursors and titles that these people see."""
    actors = [Actor(name, account.token if account else "") for name, account in people.items()]
    world = World([])
    for actor, account in zip(actors, people.values(), strict=True):
        if account is not None:
            world.learn((await reference.answer(KNOWN, {}, account)).data, actor)
    first = actors[0]
    world.learn((await reference.answer(SHELF, {}, None)).data, first)
    world.learn((await reference.answer(SOLD, {}, shop.games.developer)).data, first)
    for sale in world.ids("FlashSale", first):
        world.learn((await reference.answer(STATUS, {"id": sale}, None)).data, first)
    customer = people[first.name]
    assert customer is not None
    world.learn((await shop.client.data(BUY_POINTS, {}, customer))["startTopUp"], first)
    world.learn(await unpaid_top_up(customer, sql), first)
    return world, actors


def expired(shop: Shop) -> Account:
    """Somebody whose access token has expired."""
    return shop.viewers.make(lifetime=timedelta(seconds=-60))

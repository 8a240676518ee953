"""What has come to rest when the sample is made: accounts, catalogue, and everything that ended in its time."""

import asyncio
import tempfile
from pathlib import Path

from etl import sample as games_file
from etl.load import load
from tests.clients import eventually
from tests.upgrade.world import CANCEL, PAY, PLAY, TOP_UP, WISH, Making, new_key

GAMES = 4
CANCEL_ORDER = "mutation($id: ID!) { out: cancelOrder(id: $id) { __typename } }"
CANCEL_SALE = "mutation($id: ID!) { out: cancelFlashSale(id: $id) { __typename } }"
CHANGE_PASSWORD = """mutation($old: String!, $new: String!) {
    out: changePassword(current: $old, new: $new) { __typename } }"""
DISCOUNT = "mutation($id: ID!, $by: Int!) { out: setDiscount(productId: $id, percent: $by) { __typename } }"
RELEASE = "mutation($id: ID!) { out: releaseClaim(id: $id) { __typename } }"
REMOVE_LINE = """mutation($id: ID!, $game: ID!) {
    out: removeOrderLine(orderId: $id, productId: $game) { __typename } }"""
SALE_STATE = "query($id: ID!) { out: flashSale(id: $id) { __typename state } }"


async def make_staff(making: Making) -> None:
    for name, role in (("developer", "DEVELOPER"), ("admin", "ADMIN")):
        await making.account(name, points=0)
        await making.grant(name, role)


async def make_catalogue(making: Making) -> None:
    """Games of the data set, and published ones; one is discounted."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "games.json")
        games_file.write(file, GAMES, 1)
        await asyncio.to_thread(load, file, making.store.settings.database_of("product"))
    keeper = await making.game(title="The Lighthouse Keeper")
    await making.do("developer", "Product", DISCOUNT, id=keeper, by=25)


async def make_expired(making: Making) -> None:
    """A payment and a claim whose time is over. (The store's times are short meanwhile.)"""
    await making.account("late")
    payment = await making.starts("late", await making.game(units=1))
    sale = await making.sale(await making.game(), units=2)
    await making.claimed("late", sale)
    await making.becomes("late", payment, "EXPIRED")

    async def has_lapsed() -> bool:
        return bool(await making.sql("stock", "SELECT id FROM claims WHERE state = 'EXPIRED'"))

    await eventually(has_lapsed, 60)


async def make_purchases(making: Making) -> None:
    """Orders and payments in each state, plays and wishes."""
    await making.account("ada")
    await making.do("ada", "Wallet", TOP_UP, n=777, key=new_key())
    first, second, third, wish = [await making.game() for _ in range(4)]
    limited = await making.game(units=5)
    await making.buys("ada", first, second)
    for _ in range(2):
        await making.do("ada", "Play", PLAY, id=first)
    await making.do("ada", "WishlistItem", WISH, id=wish)
    await making.orders("ada", wish)
    order = await making.orders("ada", third, limited)
    await making.do("ada", "Order", REMOVE_LINE, id=order, game=limited)
    await making.do("ada", "Order", CANCEL_ORDER, id=order)
    cancelled = await making.starts("ada", await making.game(), await making.game(units=2))
    await making.do("ada", "Payment", CANCEL, id=cancelled)
    paid = await making.starts("ada", await making.game(units=3))
    await making.do("ada", "Payment", PAY, id=paid)
    await making.buys("ada", first, outcome="AlreadyOwned")
    await making.buys("ada", await making.game(units=0), outcome="OutOfStock")
    await making.buys("ada", await making.game(usd="900.00"), outcome="InsufficientPoints")
    credentials = making.accounts["late"]
    await making.do("late", "Session", CHANGE_PASSWORD, old=credentials.password, new="another password")
    making.accounts["late"] = type(credentials)(credentials.email, "another password")


async def make_refunds(making: Making) -> None:
    """A payment refunded in part, one refunded wholly whose games are bought again, and a refusal."""
    await making.account("bea")
    played, kept, limited, other = [await making.game(units=4) for _ in range(4)]
    partly = await making.buys("bea", played, kept, limited)
    await making.do("bea", "Play", PLAY, id=played)
    await making.refunds("bea", partly, played, outcome="NotRefundable")
    await making.refunds("bea", partly, played, limited)
    wholly = await making.buys("bea", other)
    await making.refunds("bea", wholly)
    await making.buys("bea", limited, other)


async def make_sales(making: Making) -> None:
    """Flash sales in each state, and claims that were bought, released, or bought and refunded."""
    await making.account("cleo")
    await making.account("dora")
    open_game, cancelled_game, scarce = [await making.game() for _ in range(3)]
    open_sale, cancelled = await making.sale(open_game, units=9), await making.sale(cancelled_game, units=3)
    sold_out = await making.sale(scarce, units=1)
    await making.sale(await making.game(), units=2, starts_in=1_900_000_000)
    await making.buys("cleo", open_game, claimIds=[await making.claimed("cleo", open_sale)])
    await making.buys("cleo", scarce, claimIds=[await making.claimed("cleo", sold_out)])
    released = await making.claimed("dora", cancelled)
    await making.do("dora", "Claim", RELEASE, id=released)
    await making.do("developer", "FlashSale", CANCEL_SALE, id=cancelled)
    refunded = await making.buys("dora", open_game, claimIds=[await making.claimed("dora", open_sale)])
    await making.refunds("dora", refunded)
    ended = await making.sale(await making.game(), units=2, ends_in=2)

    async def is_over() -> bool:
        return bool((await making.do("dora", "FlashSale", SALE_STATE, id=ended))["state"] == "ENDED")

    await eventually(is_over, 60)

"""The finished part of a sample: accounts, the catalogue, and everything that ended before it was packed."""

import asyncio
import tempfile
from pathlib import Path

from etl import sample as games_file
from etl.load import load
from tests.clients import eventually
from tests.upgrade.builder import CANCEL, PAY, PLAY, TOP_UP, WISH, SampleBuilder, new_key

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


async def make_staff(builder: SampleBuilder) -> None:
    for name, role in (("developer", "DEVELOPER"), ("admin", "ADMIN")):
        await builder.account(name, points=0)
        await builder.grant(name, role)


async def make_catalogue(builder: SampleBuilder) -> None:
    """Games from a data set, and a published game with a discount."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "games.json")
        games_file.write(file, GAMES, 1)
        await asyncio.to_thread(load, file, builder.store.settings.database_of("product"))
    keeper = await builder.game(title="The Lighthouse Keeper")
    await builder.do("developer", "Product", DISCOUNT, id=keeper, by=25)


async def make_expired(builder: SampleBuilder) -> None:
    """An expired payment and an expired claim. The store must run with short lifetimes."""
    await builder.account("late")
    payment = await builder.start_payment("late", await builder.game(units=1))
    sale = await builder.sale(await builder.game(), units=2)
    await builder.claim("late", sale)
    await builder.wait_for_state("late", payment, "EXPIRED")

    async def has_lapsed() -> bool:
        return bool(await builder.sql("stock", "SELECT id FROM claims WHERE state = 'EXPIRED'"))

    await eventually(has_lapsed, 60)


async def make_purchases(builder: SampleBuilder) -> None:
    """Orders and payments in each state, plays, and wishlist items."""
    await builder.account("ada")
    await builder.do("ada", "Wallet", TOP_UP, n=777, key=new_key())
    first, second, third, wish = [await builder.game() for _ in range(4)]
    limited = await builder.game(units=5)
    await builder.buy("ada", first, second)
    for _ in range(2):
        await builder.do("ada", "Play", PLAY, id=first)
    await builder.do("ada", "WishlistItem", WISH, id=wish)
    await builder.place_order("ada", wish)
    order = await builder.place_order("ada", third, limited)
    await builder.do("ada", "Order", REMOVE_LINE, id=order, game=limited)
    await builder.do("ada", "Order", CANCEL_ORDER, id=order)
    cancelled = await builder.start_payment("ada", await builder.game(), await builder.game(units=2))
    await builder.do("ada", "Payment", CANCEL, id=cancelled)
    paid = await builder.start_payment("ada", await builder.game(units=3))
    await builder.do("ada", "Payment", PAY, id=paid)
    await builder.buy("ada", first, outcome="AlreadyOwned")
    await builder.buy("ada", await builder.game(units=0), outcome="OutOfStock")
    await builder.buy("ada", await builder.game(usd="900.00"), outcome="InsufficientPoints")
    credentials = builder.accounts["late"]
    await builder.do("late", "Session", CHANGE_PASSWORD, old=credentials.password, new="another password")
    builder.accounts["late"] = type(credentials)(credentials.email, "another password")


async def make_refunds(builder: SampleBuilder) -> None:
    """A partial refund, a full refund whose game is bought again, and a refused refund."""
    await builder.account("bea")
    played, kept, limited, other = [await builder.game(units=4) for _ in range(4)]
    partly = await builder.buy("bea", played, kept, limited)
    await builder.do("bea", "Play", PLAY, id=played)
    await builder.refund("bea", partly, played, outcome="NotRefundable")
    await builder.refund("bea", partly, played, limited)
    wholly = await builder.buy("bea", other)
    await builder.refund("bea", wholly)
    await builder.buy("bea", limited, other)


async def make_sales(builder: SampleBuilder) -> None:
    """Flash sales in each state, and claims that were bought, released, or bought and refunded."""
    await builder.account("cleo")
    await builder.account("dora")
    open_game, cancelled_game, scarce = [await builder.game() for _ in range(3)]
    open_sale, cancelled = await builder.sale(open_game, units=9), await builder.sale(cancelled_game, units=3)
    sold_out = await builder.sale(scarce, units=1)
    await builder.sale(await builder.game(), units=2, starts_in=1_900_000_000)
    await builder.buy("cleo", open_game, claimIds=[await builder.claim("cleo", open_sale)])
    await builder.buy("cleo", scarce, claimIds=[await builder.claim("cleo", sold_out)])
    released = await builder.claim("dora", cancelled)
    await builder.do("dora", "Claim", RELEASE, id=released)
    await builder.do("developer", "FlashSale", CANCEL_SALE, id=cancelled)
    refunded = await builder.buy("dora", open_game, claimIds=[await builder.claim("dora", open_sale)])
    await builder.refund("dora", refunded)
    ended = await builder.sale(await builder.game(), units=2, ends_in=2)

    async def is_over() -> bool:
        return bool((await builder.do("dora", "FlashSale", SALE_STATE, id=ended))["state"] == "ENDED")

    await eventually(is_over, 60)

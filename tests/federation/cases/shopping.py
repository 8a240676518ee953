"""The outcomes of wishing, ordering, paying, refunding and playing."""

from typing import Any

from tests.federation.cases.case import Cases, Given, case, key
from tests.federation.people import on_sale, withdraw

START_TOP_UP = "mutation($key: String!) { startTopUp(points: 500, idempotencyKey: $key) { id } }"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def checkout(*games: str, **more: Any) -> dict[str, Any]:
    return {"input": {"idempotencyKey": key(), "productIds": list(games), **more}}


@case("addToWishlist", "WishlistItem")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"productId": await cases.game()}


@case("addToWishlist", "AlreadyOwned")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    await cases.shop.bought(customer, game)
    return customer, {"productId": game}


@case("removeFromWishlist", "Boolean")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"productId": await cases.game()}


@case("placeOrder", "Order")
async def _(cases: Cases) -> Given:
    customer, sale = await cases.shop.customer(), await cases.sale()
    claim = await cases.claimed(customer, sale)
    shown = await cases.shop.client.data("query($id: ID!) { flashSale(id: $id) { product { id } } }", {"id": sale})
    games = [shown["flashSale"]["product"]["id"]]
    return customer, {"input": {"productIds": games, "claimIds": [claim], "idempotencyKey": key()}}


@case("placeOrder", "NotOnWishlist")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"input": {"productIds": [await cases.game()], "idempotencyKey": key()}}


@case("placeOrder", "AlreadyOwned")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    await cases.shop.bought(customer, game)
    claim = await cases.claimed(customer, await on_sale(cases.shop, game))
    return customer, {"input": {"productIds": [game], "claimIds": [claim], "idempotencyKey": key()}}


@case("removeOrderLine", "Order")
async def _(cases: Cases) -> Given:
    customer, games = await cases.shop.customer(), [await cases.game(), await cases.game()]
    return customer, {"orderId": await cases.shop.ordered(customer, *games), "productId": games[0]}


@case("cancelOrder", "Order")
async def _(cases: Cases) -> Given:
    customer, _, order = await cases.ordered()
    return customer, {"id": order}


@case("cancelOrder", "NOT_FOUND")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(0), {"id": UNKNOWN}


@case("topUp", "Wallet")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(0), {"amount": 100, "idempotencyKey": key()}


@case("startTopUp", "TopUp")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(0), {"points": 100, "idempotencyKey": key()}


@case("refundTopUp", "TopUp")
async def _(cases: Cases) -> Given:
    made = await cases.shop.client.data(START_TOP_UP, {"key": key()}, await cases.shop.customer(0))
    return await cases.shop.viewers.admin(), {"id": made["startTopUp"]["id"]}


@case("refundTopUp", "InsufficientPoints")
async def _(cases: Cases) -> Given:
    customer = await cases.shop.customer(0)
    made = await cases.shop.client.data(START_TOP_UP, {"key": key()}, customer)
    await cases.shop.top_up(customer, 1_000)
    await cases.shop.bought(customer, await cases.game())
    return await cases.shop.viewers.admin(), {"id": made["startTopUp"]["id"]}


@case("startPayment", "Payment")
async def _(cases: Cases) -> Given:
    customer, _, order = await cases.ordered()
    return customer, {"orderId": order, "idempotencyKey": key()}


@case("startPayment", "OutOfStock")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.shop.limited(units=0)
    return customer, {"orderId": await cases.shop.ordered(customer, game), "idempotencyKey": key()}


@case("startPayment", "AlreadyOwned")
async def _(cases: Cases) -> Given:
    customer, game, order = await cases.ordered()
    await cases.shop.bought(customer, game)
    return customer, {"orderId": order, "idempotencyKey": key()}


@case("pay", "Payment")
async def _(cases: Cases) -> Given:
    customer, _, order = await cases.ordered()
    return customer, {"paymentId": await cases.shop.started(customer, order)}


@case("pay", "InsufficientPoints")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(0), await cases.game()
    return customer, {"paymentId": await cases.shop.started(customer, await cases.shop.ordered(customer, game))}


@case("pay", "AlreadyOwned")
async def _(cases: Cases) -> Given:
    customer, game, order = await cases.ordered()
    payment = await cases.shop.started(customer, order)
    await cases.shop.bought(customer, game)
    return customer, {"paymentId": payment}


@case("cancelPayment", "Payment")
async def _(cases: Cases) -> Given:
    customer, _, order = await cases.ordered()
    return customer, {"id": await cases.shop.started(customer, order)}


@case("checkout", "Payment")
async def _(cases: Cases) -> Given:
    customer, sale = await cases.shop.customer(), await cases.sale()
    claim = await cases.claimed(customer, sale)
    shown = await cases.shop.client.data("query($id: ID!) { flashSale(id: $id) { product { id } } }", {"id": sale})
    game = shown["flashSale"]["product"]["id"]
    return customer, checkout(game, claimIds=[claim], expectedTotal=100)


@case("checkout", "InsufficientPoints")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(0), checkout(await cases.game())


@case("checkout", "OutOfStock")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), checkout(await cases.shop.limited(units=0))


@case("checkout", "AlreadyOwned")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    await cases.shop.bought(customer, game)
    return customer, checkout(game)


@case("checkout", "PriceChanged")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), checkout(await cases.game(), expectedTotal=1)


@case("checkout", "UNAUTHENTICATED")
async def _(cases: Cases) -> Given:
    return None, checkout(await cases.game())


@case("refund", "Refund")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    payment = await cases.shop.bought(customer, game)
    return customer, {"paymentId": payment, "productIds": [game], "idempotencyKey": key()}


@case("refund", "NotRefundable")
async def _(cases: Cases) -> Given:
    customer, _, order = await cases.ordered()
    return customer, {"paymentId": await cases.shop.started(customer, order), "idempotencyKey": key()}


@case("play", "Play")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    await cases.shop.bought(customer, game)
    return customer, {"productId": game}


@case("play", "NotOwned")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"productId": await cases.game()}


# ---- products that were withdrawn


@case("addToWishlist", "ProductsWithdrawn")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), {"productId": await cases.withdrawn()}


@case("placeOrder", "ProductsWithdrawn")
async def _(cases: Cases) -> Given:
    customer, game = await cases.shop.customer(), await cases.game()
    await cases.shop.wish(customer, game)
    await withdraw(cases.shop, game)
    return customer, {"input": {"productIds": [game], "idempotencyKey": key()}}


@case("startPayment", "ProductsWithdrawn")
async def _(cases: Cases) -> Given:
    customer, game, order = await cases.ordered()
    await withdraw(cases.shop, game)
    return customer, {"orderId": order, "idempotencyKey": key()}


@case("checkout", "ProductsWithdrawn")
async def _(cases: Cases) -> Given:
    return await cases.shop.customer(), checkout(await cases.withdrawn())

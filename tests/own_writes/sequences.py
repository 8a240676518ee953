"""What a customer does and reads right after: an answer must never show an older state than the one acknowledged.

The reads of a sequence come in any order, since the first one of a subgraph brings it up to date.
"""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.clients import Account
from tests.shop import CLAIM, FLASH_SALE, Shop

PAY = "mutation($id: ID!) { out: pay(paymentId: $id) { ... on Payment { state order { state } } } }"
CANCEL = "mutation($id: ID!) { out: cancelPayment(id: $id) { state order { state } } }"
REFUND = """mutation($id: ID!, $key: String!) { out: refund(paymentId: $id, idempotencyKey: $key) {
    __typename ... on NotRefundable { lines { reason } } } }"""
PLAY = "mutation($id: ID!) { out: play(productId: $id) { __typename } }"
WISH = "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }"
ORDER = "mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) { __typename ... on Order { id } } }"
CANCEL_ORDER = "mutation($id: ID!) { out: cancelOrder(id: $id) { state } }"
REMOVE_LINE = "mutation($id: ID!, $product: ID!) { out: removeOrderLine(orderId: $id, productId: $product) { state } }"
RELEASE = "mutation($id: ID!) { out: releaseClaim(id: $id) { state } }"

Check = Callable[[], Awaitable[None]]


class Buyer:
    """A customer of one sequence."""

    def __init__(self, shop: Shop, account: Account, rng: Random) -> None:
        self.shop = shop
        self.account = account
        self.rng = rng

    async def ask(self, operation: str, **variables: Any) -> Any:
        return (await self.shop.client.data(operation, variables, self.account))["out"]

    async def check(self, *checks: Check) -> None:
        """Makes the checks in any order."""
        for check in self.rng.sample(checks, k=len(checks)):
            await check()

    # ---- doing

    async def started(self, *games: str) -> tuple[str, str]:
        """Orders games and starts the payment; the ids of order and payment."""
        order_id = await self.shop.ordered(self.account, *games)
        return order_id, await self.shop.started(self.account, order_id)

    async def checked_out(self, *games: str, **options: Any) -> str:
        """Buys games; the payment's id. The order is PAID in the same answer."""
        bought = await self.shop.checkout(self.account, *games, **options)
        assert (bought["__typename"], bought.get("state")) == ("Payment", "PAID"), bought
        assert bought["order"]["state"] == "PAID", "the checkout's own order is behind it"
        return str(bought["id"])

    async def refunded(self, payment_id: str) -> Any:
        return await self.ask(REFUND, id=payment_id, key=str(uuid.uuid4()))

    async def cancelled(self, payment_id: str) -> None:
        payment = await self.ask(CANCEL, id=payment_id)
        assert payment == {"state": "CANCELLED", "order": {"state": "READY"}}

    async def claimed(self, game: str) -> str:
        """A claim on the only unit of a new sale of the game."""
        now, developer = datetime.now(UTC), self.shop.games.developer
        times = {"startsAt": (now - timedelta(seconds=5)).isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
        sale = {"input": {"productId": game, "points": 70, "units": 1, **times}}
        made = await self.shop.client.data(FLASH_SALE, sale, developer)
        claim = await self.shop.client.data(CLAIM, {"id": made["createFlashSale"]["id"]}, self.account)
        return str(claim["claim"]["id"])

    # ---- reading

    def owns(self, game: str, expected: bool = True) -> list[Check]:
        """The library's own three ways to tell."""

        async def owned() -> None:
            assert await self.ask("query($id: ID!) { out: product(id: $id) { owned } }", id=game) == {"owned": expected}

        async def listed() -> None:
            assert (game in await self.shop.library(self.account)) is expected, "library"

        async def play() -> None:
            kind = "Play" if expected else "NotOwned"
            assert await self.ask(PLAY, id=game) == {"__typename": kind}, "play"

        return [owned, listed, play]

    def may_not_buy(self, game: str) -> list[Check]:
        """What the user owns is neither wished for nor ordered."""

        async def wish() -> None:
            assert await self.ask(WISH, id=game) == {"__typename": "AlreadyOwned"}, "addToWishlist"

        async def order() -> None:
            asked = {"productIds": [game], "idempotencyKey": str(uuid.uuid4())}
            assert await self.ask(ORDER, input=asked) == {"__typename": "AlreadyOwned"}, "placeOrder"

        async def wishlist() -> None:
            assert game not in await self.wishes(), "wishlist"

        async def wished() -> None:
            assert await self.wished(game) is False, "wished"

        return [wish, order, wishlist, wished]

    def order_is(self, state: str, order_id: str, payment_id: str) -> list[Check]:
        """The three ways to read an order's state."""

        async def order() -> None:
            found = await self.ask("query($id: ID!) { out: order(id: $id) { state } }", id=order_id)
            assert found == {"state": state}, "order"

        async def payment() -> None:
            found = await self.ask("query($id: ID!) { out: payment(id: $id) { order { state } } }", id=payment_id)
            assert found == {"order": {"state": state}}, "Payment.order"

        async def orders() -> None:
            found = await self.ask("{ out: me { orders { edges { node { id state } } } } }")
            assert {"node": {"id": order_id, "state": state}} in found["orders"]["edges"], "orders"

        return [order, payment, orders]

    async def wishes(self) -> list[str]:
        found = await self.ask("{ out: me { wishlist(first: 100) { edges { node { product { id } } } } } }")
        return [edge["node"]["product"]["id"] for edge in found["wishlist"]["edges"]]

    async def wished(self, game: str) -> Any:
        return (await self.ask("query($id: ID!) { out: product(id: $id) { wished } }", id=game))["wished"]

    def claim_is(self, state: str, game: str) -> list[Check]:
        async def claims() -> None:
            found = await self.ask("{ out: me { claims { edges { node { state } } } } }")
            assert found["claims"]["edges"] == [{"node": {"state": state}}], "claims"

        async def mine() -> None:
            asked = "query($id: ID!) { out: product(id: $id) { flashSale { myClaim { state } } } }"
            live = {"state": state} if state in ("HELD", "SOLD") else None
            assert (await self.ask(asked, id=game))["flashSale"] == {"myClaim": live}, "myClaim"

        return [claims, mine]


# ---- the sequences


async def pay(buyer: Buyer, game: str) -> None:
    """What is paid is owned, PAID, and no longer wished for."""
    order_id, payment_id = await buyer.started(game)
    payment = await buyer.ask(PAY, id=payment_id)
    assert payment == {"state": "PAID", "order": {"state": "PAID"}}
    await buyer.check(*buyer.owns(game), *buyer.may_not_buy(game), *buyer.order_is("PAID", order_id, payment_id))


async def check_out(buyer: Buyer, game: str) -> None:
    """What is checked out is owned, too."""
    await buyer.shop.wish(buyer.account, game)
    await buyer.checked_out(game)
    await buyer.check(*buyer.owns(game), *buyer.may_not_buy(game))


async def refund(buyer: Buyer, game: str) -> None:
    """What is refunded is not owned. It can be wished for, and bought again."""
    await buyer.shop.wish(buyer.account, game)
    payment_id = await buyer.checked_out(game)
    assert await buyer.refunded(payment_id) == {"__typename": "Refund"}
    await buyer.check(*buyer.owns(game, expected=False))
    assert await buyer.ask(WISH, id=game) == {"__typename": "WishlistItem"}
    assert await buyer.wishes() == [game]
    assert await buyer.wished(game) is True
    await buyer.checked_out(game)
    await buyer.check(*buyer.owns(game), *buyer.may_not_buy(game))


async def play(buyer: Buyer, game: str) -> None:
    """What was played cannot be refunded."""
    payment_id = await buyer.checked_out(game)
    assert await buyer.ask(PLAY, id=game) == {"__typename": "Play"}
    answer = await buyer.refunded(payment_id)
    assert answer == {"__typename": "NotRefundable", "lines": [{"reason": "PLAYED"}]}


async def cancel(buyer: Buyer, game: str) -> None:
    """The order of a cancelled payment is READY: to be paid, changed or cancelled."""
    second = await buyer.shop.games.new(usd="0.10")
    order_id, payment_id = await buyer.started(game, second)
    await buyer.cancelled(payment_id)
    if buyer.rng.random() < 0.5:
        await buyer.check(*buyer.order_is("READY", order_id, payment_id))
    match buyer.rng.choice(("start", "remove", "cancel")):
        case "start":
            again = await buyer.shop.started(buyer.account, order_id)
            assert (await buyer.ask(PAY, id=again))["state"] == "PAID"
            await buyer.check(*buyer.owns(game), *buyer.owns(second))
        case "remove":
            assert await buyer.ask(REMOVE_LINE, id=order_id, product=second) == {"state": "READY"}
        case "cancel":
            assert await buyer.ask(CANCEL_ORDER, id=order_id) == {"state": "CANCELLED"}


async def cancel_the_only_unit(buyer: Buyer, game: str) -> None:
    """The unit of a cancelled payment is free, and so is that of a refunded one."""
    only = await buyer.shop.limited(units=1)
    _, payment_id = await buyer.started(only)
    await buyer.cancelled(payment_id)
    bought = await buyer.checked_out(only)
    assert await buyer.refunded(bought) == {"__typename": "Refund"}
    await buyer.checked_out(only)
    await buyer.check(*buyer.owns(only))


async def cancel_a_claim(buyer: Buyer, game: str) -> None:
    """The claim of a cancelled payment is free: to be released or bought with. Bought, it is SOLD."""
    on_sale = await buyer.shop.games.new(usd="1.00")
    claim_id = await buyer.claimed(on_sale)
    asked = {"productIds": [on_sale], "claimIds": [claim_id], "idempotencyKey": str(uuid.uuid4())}
    order = await buyer.ask(ORDER, input=asked)
    await buyer.cancelled(await buyer.shop.started(buyer.account, order["id"]))
    if buyer.rng.random() < 0.5:
        assert await buyer.ask(RELEASE, id=claim_id) == {"state": "RELEASED"}
        await buyer.check(*buyer.claim_is("RELEASED", on_sale))
        return
    payment_id = await buyer.checked_out(on_sale, claimIds=[claim_id])
    await buyer.check(*buyer.claim_is("SOLD", on_sale))
    assert await buyer.refunded(payment_id) == {"__typename": "Refund"}
    await buyer.check(*buyer.claim_is("RELEASED", on_sale), *buyer.owns(on_sale, expected=False))


SEQUENCES: Sequence[Callable[[Buyer, str], Awaitable[None]]] = (
    pay,
    check_out,
    refund,
    play,
    cancel,
    cancel_the_only_unit,
    cancel_a_claim,
)

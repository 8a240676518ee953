"""What is spent once is spent once, and what is paid for is what is got: the attacks on vouchers and carts."""

import uuid
from collections import Counter
from typing import Any

from tests.bugs_of_others.crowd import PRICE, at_once, has_bought, kinds, pay, start
from tests.clients import eventually, sale_input
from tests.shop import CHECKOUT, CLAIM, FLASH_SALE, Shop

MANY = 8
REFUND = """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
    __typename ... on Refund { amount } } }"""
TOP_UP = 'mutation { topUp(amount: 100, idempotencyKey: "once") { balance } }'
REMOVE = "mutation($id: ID!, $product: ID!) { removeOrderLine(orderId: $id, productId: $product) { state } }"
DISCOUNT = "mutation($id: ID!) { setDiscount(productId: $id, percent: 50) { id } }"
ORDER = "query($id: ID!) { order(id: $id) { state totalPoints lines { points product { id } } } }"


class TestVouchers:
    async def test_acidrain_voucher_points_are_spent_once(self, shop: Shop) -> None:
        """Points are the gift card of this store: many checkouts at once want the same ones."""
        buyer, games = await shop.customer(2 * PRICE), [await shop.games.new(usd="1.00") for _ in range(MANY)]
        bought = await kinds(at_once(shop.checkout(buyer, game) for game in games))
        assert bought == {"Payment": 2, "InsufficientPoints": MANY - 2}
        assert len(await shop.library(buyer)) == 2
        assert await shop.balance(buyer) == 0

    async def test_acidrain_voucher_a_claim_buys_once(self, shop: Shop) -> None:
        """A claim is a voucher for one unit at the sale's price."""
        game, buyer = await shop.games.new(usd="1.00"), await shop.customer(10 * PRICE)
        made = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 70, units=5)}, shop.games.developer)
        sale = {"id": made["createFlashSale"]["id"]}
        claims = await at_once(shop.client.data(CLAIM, sale, buyer) for _ in range(MANY))
        [claim] = {answer["claim"]["id"] for answer in claims}
        wanted = [{"productIds": [game], "claimIds": [claim], "idempotencyKey": str(n)} for n in range(MANY)]
        answers = await at_once(shop.client.run(CHECKOUT, {"input": one}, buyer) for one in wanted)
        # Whoever comes while the claim is in another payment, or after it was bought, is told so by either of these.
        late = [one["errors"][0]["extensions"]["code"] for one in answers if "errors" in one]
        bought = Counter(one["data"]["checkout"]["__typename"] for one in answers if "errors" not in one)
        assert set(late) <= {"INVALID_STATE"}
        assert bought["Payment"] == 1
        await has_bought(shop, buyer, [game], points=10 * PRICE - 70)

    async def test_acidrain_voucher_a_payment_is_refunded_once(self, shop: Shop) -> None:
        game, buyer = await shop.games.new(usd="1.00"), await shop.customer(PRICE)
        payment = await shop.bought(buyer, game)
        asked = [{"id": payment, "key": str(uuid.uuid4())} for _ in range(MANY)]
        refunds = await at_once(shop.client.data(REFUND, one, buyer) for one in asked)
        given = Counter(answer["refund"]["__typename"] for answer in refunds)
        assert given == {"Refund": 1, "NotRefundable": MANY - 1}
        await eventually(lambda: _has(shop, buyer, PRICE), 60)

    async def test_acidrain_voucher_a_top_up_is_credited_once(self, shop: Shop) -> None:
        buyer = await shop.customer(0)
        await at_once(shop.client.data(TOP_UP, viewer=buyer) for _ in range(MANY))
        assert await shop.balance(buyer) == 100


class TestCarts:
    async def test_acidrain_cart_a_line_is_not_got_without_being_paid(self, shop: Shop) -> None:
        """The order changes while its payment is started: either comes first, and the amount is that of the lines."""
        for _ in range(3):
            cheap, dear = await shop.games.new(usd="1.00"), await shop.games.new(usd="2.00")
            buyer = await shop.customer(10 * PRICE)
            order = await shop.ordered(buyer, cheap, dear)
            removing = shop.client.run(REMOVE, {"id": order, "product": dear}, buyer)
            _, started = await at_once([removing, start(shop, buyer, order)])
            assert await pay(shop, buyer, started["id"]) == {"__typename": "Payment"}
            found = (await shop.client.data(ORDER, {"id": order}, buyer))["order"]
            products = [line["product"]["id"] for line in found["lines"]]
            assert found["state"] == "PAID"
            assert started["amount"] == found["totalPoints"] == sum(line["points"] for line in found["lines"])
            await has_bought(shop, buyer, products, points=10 * PRICE - started["amount"])

    async def test_acidrain_cart_a_price_that_changes_meanwhile_is_paid_as_it_was_ordered(self, shop: Shop) -> None:
        game, buyers = await shop.games.new(usd="2.00"), [await shop.customer(10 * PRICE) for _ in range(MANY)]
        cut: Any = shop.client.data(DISCOUNT, {"id": game}, shop.games.developer)
        *bought, _ = await at_once([*[shop.checkout(buyer, game) for buyer in buyers], cut])
        for buyer, answer in zip(buyers, bought, strict=True):
            assert answer["__typename"] == "Payment"
            found = (await shop.client.data(ORDER, {"id": answer["order"]["id"]}, buyer))["order"]
            assert answer["amount"] == found["totalPoints"] in (PRICE, 2 * PRICE)
            await has_bought(shop, buyer, [game], points=10 * PRICE - answer["amount"])

    async def test_acidrain_cart_a_game_is_bought_once(self, shop: Shop) -> None:
        game, buyer = await shop.games.new(usd="1.00"), await shop.customer(10 * PRICE)
        bought = await kinds(at_once(shop.checkout(buyer, game) for _ in range(MANY)))
        assert bought == {"Payment": 1, "AlreadyOwned": MANY - 1}
        await has_bought(shop, buyer, [game], points=9 * PRICE)


async def _has(shop: Shop, buyer: Any, points: int) -> bool:
    return await shop.balance(buyer) == points

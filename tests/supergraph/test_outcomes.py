"""Every member of every result union, and every error code, reached through the router."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from subgraphs.payment.models import Payment
from tests.clients import Account
from tests.shop import CHECKOUT, CLAIM, FLASH_SALE, Shop

LOGIN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { __typename } }"
REGISTER = "mutation($input: RegisterInput!) { register(input: $input) { __typename } }"
WISH = "mutation($id: ID!) { addToWishlist(productId: $id) { __typename } }"
PLACE = """mutation($ids: [ID!]!, $key: String!) { placeOrder(input: {productIds: $ids, idempotencyKey: $key}) {
    __typename ... on Order { id } ... on NotOnWishlist { products { id } } ... on AlreadyOwned { products { id } } } }"""
START = """mutation($id: ID!, $key: String!) { startPayment(orderId: $id, idempotencyKey: $key) {
    __typename ... on Payment { id } ... on OutOfStock { items { available } } } }"""
PAY = "mutation($id: ID!) { pay(paymentId: $id) { __typename ... on InsufficientPoints { required balance } } }"
REFUND = """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
    __typename ... on NotRefundable { lines { reason product { id } } } } }"""
PLAY = "mutation($id: ID!) { play(productId: $id) { __typename } }"
TOP_UP = "mutation($n: Int!, $key: String!) { topUp(amount: $n, idempotencyKey: $key) { balance } }"


def credentials(**changes: str) -> dict[str, Any]:
    made = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}
    return {"input": {**made, **changes}}


async def kind(shop: Shop, mutation: str, variables: dict[str, Any], account: Account | None = None) -> str:
    """The name of the union's member that a mutation returned."""
    data = await shop.client.data(mutation, variables, account)
    [result] = data.values()
    name: str = result["__typename"]
    return name


class TestUser:
    async def test_register_and_email_taken(self, shop: Shop) -> None:
        person = credentials()
        assert await kind(shop, REGISTER, person) == "Session"
        person["input"]["email"] = person["input"]["email"].upper()
        assert await kind(shop, REGISTER, person) == "EmailTaken"

    async def test_login_and_invalid_credentials(self, shop: Shop) -> None:
        person = credentials()
        await shop.client.data(REGISTER, person)
        email = person["input"]["email"]
        assert await kind(shop, LOGIN, {"e": email, "p": "a long password"}) == "Session"
        assert await kind(shop, LOGIN, {"e": email, "p": "another password"}) == "InvalidCredentials"
        assert await kind(shop, LOGIN, {"e": "nobody@example.com", "p": "a long password"}) == "InvalidCredentials"

    async def test_change_password(self, shop: Shop) -> None:
        account = await shop.registered(1)
        change = 'mutation($c: String!) { changePassword(current: $c, new: "a new password") { __typename } }'
        assert await kind(shop, change, {"c": "wrong password"}, account) == "InvalidCredentials"
        assert await kind(shop, change, {"c": "a long password"}, account) == "Session"

    @pytest.mark.parametrize(
        "changes", [{"email": "no address"}, {"password": "short"}, {"name": " "}, {"phoneNumber": "12"}]
    )
    async def test_bad_input_makes_no_account(self, shop: Shop, changes: dict[str, str]) -> None:
        assert await shop.client.code(REGISTER, credentials(**changes)) == "BAD_USER_INPUT"


class TestOrder:
    async def test_wishing_and_ordering(self, shop: Shop) -> None:
        customer, game, other = await shop.customer(), await shop.games.new(), await shop.games.new()
        assert await kind(shop, PLACE, {"ids": [game], "key": "1"}, customer) == "NotOnWishlist"
        assert await kind(shop, WISH, {"id": game}, customer) == "WishlistItem"
        await shop.wish(customer, other)
        assert await kind(shop, PLACE, {"ids": [other], "key": "2"}, customer) == "Order"
        await shop.bought(customer, game)
        assert await kind(shop, WISH, {"id": game}, customer) == "AlreadyOwned"

    async def test_an_owned_product_cannot_be_ordered(self, shop: Shop) -> None:
        customer, game = await shop.customer(), await shop.games.new()
        order_id = await shop.ordered(customer, game)
        await shop.wish(customer, game)
        await shop.bought(customer, game)
        assert await kind(shop, PLACE, {"ids": [game], "key": "own"}, customer) in {
            "AlreadyOwned",
            "NotOnWishlist",
        }
        assert await kind(shop, START, {"id": order_id, "key": "own"}, customer) == "AlreadyOwned"


class TestPayment:
    async def test_start_out_of_stock(self, shop: Shop) -> None:
        first, second, game = await shop.customer(), await shop.customer(), await shop.limited(units=1)
        orders = [await shop.ordered(first, game), await shop.ordered(second, game)]
        assert await kind(shop, START, {"id": orders[0], "key": "1"}, first) == "Payment"
        assert await kind(shop, START, {"id": orders[1], "key": "2"}, second) == "OutOfStock"

    async def test_pay_insufficient_then_paid_then_already_owned(self, shop: Shop) -> None:
        customer, game = await shop.customer(100), await shop.games.new(usd="1.00")
        payments = [await shop.started(customer, await shop.ordered(customer, game)) for _ in range(2)]
        poor = await shop.client.data(PAY, {"id": payments[0]}, customer)
        assert poor["pay"] == {"__typename": "InsufficientPoints", "required": 1300, "balance": 100}
        await shop.top_up(customer, 5000)
        assert await kind(shop, PAY, {"id": payments[0]}, customer) == "Payment"
        assert await kind(shop, PAY, {"id": payments[0]}, customer) == "Payment", "paying twice charges once"
        assert await shop.balance(customer) == 5100 - 1300
        assert await kind(shop, PAY, {"id": payments[1]}, customer) == "AlreadyOwned"
        assert await shop.balance(customer) == 5100 - 1300

    async def test_an_order_of_a_cancelled_payment_can_be_paid(self, shop: Shop) -> None:
        customer, game = await shop.customer(), await shop.games.new()
        order_id = await shop.ordered(customer, game)
        payment_id = await shop.started(customer, order_id)
        cancel = "mutation($id: ID!) { cancelPayment(id: $id) { state } }"
        assert (await shop.client.data(cancel, {"id": payment_id}, customer))["cancelPayment"]["state"] == "CANCELLED"
        assert await shop.client.code(PAY, {"id": payment_id}, customer) == "INVALID_STATE"
        data = await shop.client.data("query($id: ID!) { order(id: $id) { state } }", {"id": order_id}, customer)
        assert data["order"]["state"] == "READY"
        again = await shop.started(customer, order_id)
        assert await kind(shop, PAY, {"id": again}, customer) == "Payment"

    async def test_every_outcome_of_checkout(self, shop: Shop) -> None:
        customer, poor, game = await shop.customer(), await shop.customer(0), await shop.games.new(usd="1.00")
        changed = await shop.checkout(customer, game, expectedTotal=1)
        assert (changed["expected"], changed["actual"]) == (1, 1300)
        assert (await shop.checkout(poor, game))["required"] == 1300
        assert (await shop.checkout(customer, game, expectedTotal=1300))["state"] == "PAID"
        assert (await shop.checkout(customer, game))["products"] == [{"id": game}]
        await shop.client.data(
            "mutation($id: ID!) { limitStock(productId: $id, units: 0) { id } }",
            {"id": game},
            shop.games.developer,
        )
        assert (await shop.checkout(poor, game))["__typename"] == "OutOfStock"
        assert await shop.balance(customer) == 1_000_000 - 1300

    async def test_the_same_key_buys_once_and_another_request_conflicts(self, shop: Shop) -> None:
        customer, game, other = (
            await shop.customer(),
            await shop.games.new(usd="1.00"),
            await shop.games.new(),
        )
        wanted = {"input": {"idempotencyKey": "once", "productIds": [game]}}
        answers = await asyncio.gather(*[shop.client.data(CHECKOUT, wanted, customer) for _ in range(20)])
        assert len({answer["checkout"]["id"] for answer in answers}) == 1
        assert await shop.balance(customer) == 1_000_000 - 1300
        wanted["input"]["productIds"] = [other]
        assert await shop.client.code(CHECKOUT, wanted, customer) == "IDEMPOTENCY_CONFLICT"

    async def test_every_reason_why_a_line_is_not_refundable(self, shop: Shop, sql: Any) -> None:
        customer, games = await shop.customer(), [await shop.games.new(usd="1.00") for _ in range(3)]
        played, refunded, late = [await shop.bought(customer, game) for game in games]
        await shop.client.data(PLAY, {"id": games[0]}, customer)
        assert await kind(shop, REFUND, {"id": refunded, "key": "1"}, customer) == "Refund"
        long_ago = datetime.now(UTC) - timedelta(days=8)
        async with sql("payment").transaction() as session:
            await session.execute(update(Payment).where(Payment.id == late).values(paid_at=long_ago))
        unpaid = await shop.started(customer, await shop.ordered(customer, await shop.games.new()))
        reasons = {}
        for name, payment_id in {
            "PLAYED": played,
            "ALREADY_REFUNDED": refunded,
            "TOO_LATE": late,
            "NOT_PAID": unpaid,
        }.items():
            data = await shop.client.data(REFUND, {"id": payment_id, "key": name}, customer)
            reasons[name] = data["refund"]["lines"][0]["reason"]
        assert reasons == {name: name for name in reasons}
        assert await kind(shop, REFUND, {"id": played, "key": "PLAYED"}, customer) == "NotRefundable"


class TestStockAndLibrary:
    async def test_a_sale_that_is_not_open(self, shop: Shop) -> None:
        game, now = await shop.games.new(), datetime.now(UTC)
        sale = {"productId": game, "points": 1, "units": 1}
        sale |= {
            "startsAt": (now + timedelta(hours=1)).isoformat(),
            "endsAt": (now + timedelta(hours=2)).isoformat(),
        }
        made = await shop.client.data(FLASH_SALE, {"input": sale}, shop.games.developer)
        result = await shop.client.data(CLAIM, {"id": made["createFlashSale"]["id"]}, await shop.customer(0))
        assert result["claim"]["__typename"] == "SaleNotActive"
        assert result["claim"]["sale"]["state"] == "SCHEDULED"

    async def test_play_and_not_owned(self, shop: Shop) -> None:
        customer, game = await shop.customer(), await shop.games.new()
        assert await kind(shop, PLAY, {"id": game}, customer) == "NotOwned"
        await shop.bought(customer, game)
        assert await kind(shop, PLAY, {"id": game}, customer) == "Play"


class TestErrors:
    async def test_unknown_things_are_not_found(self, shop: Shop) -> None:
        customer = await shop.customer(0)
        assert await shop.client.code(WISH, {"id": "12345678901"}, customer) == "NOT_FOUND"
        assert await shop.client.code(CLAIM, {"id": "nothing"}, customer) == "NOT_FOUND"
        assert await shop.client.code(START, {"id": "nothing", "key": "k"}, customer) == "NOT_FOUND"

    @pytest.mark.parametrize("amount", [0, -1, 10_000_001])
    async def test_amounts_out_of_range(self, shop: Shop, amount: int) -> None:
        customer = await shop.customer(0)
        assert await shop.client.code(TOP_UP, {"n": amount, "key": "k"}, customer) == "BAD_USER_INPUT"
        assert await shop.balance(customer) == 0

    async def test_idempotency_keys_have_a_length(self, shop: Shop) -> None:
        customer = await shop.customer(0)
        for key in ("", "k" * 101):
            assert await shop.client.code(TOP_UP, {"n": 1, "key": key}, customer) == "BAD_USER_INPUT"

    async def test_a_checkout_of_too_many_products(self, shop: Shop) -> None:
        customer = await shop.customer(0)
        wanted = {"input": {"idempotencyKey": "k", "productIds": [str(n) for n in range(51)]}}
        assert await shop.client.code(CHECKOUT, wanted, customer) == "LIMIT_EXCEEDED"

    @pytest.mark.parametrize("page", ["first: 0", "first: 101", 'first: 1, after: "no cursor"'])
    async def test_bad_page_arguments(self, shop: Shop, page: str) -> None:
        customer = await shop.customer(0)
        for query in (
            f"{{ me {{ orders({page}) {{ totalCount }} }} }}",
            f"{{ products({page}) {{ totalCount }} }}",
        ):
            assert await shop.client.code(query, viewer=customer) == "BAD_USER_INPUT"

    async def test_invalid_operations(self, shop: Shop) -> None:
        assert await shop.client.code("{ nothing }") == "BAD_USER_INPUT"
        assert await shop.client.code("{") == "BAD_USER_INPUT"
        assert await shop.client.code(TOP_UP, {"n": "many", "key": "k"}, await shop.customer(0)) == "BAD_USER_INPUT"

    async def test_operations_that_are_too_deep(self, shop: Shop) -> None:
        inner = "{ totalCount }"
        for _ in range(10):
            inner = f"{{ edges {{ node {{ genres {{ products(first: 1) {inner} }} }} }} }}"
        assert await shop.client.code(f"{{ products(first: 1) {inner} }}") == "QUERY_TOO_COMPLEX"

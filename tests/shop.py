"""Shopping through the router."""

import uuid
from typing import Any

from tests.clients import Account, Client, Games, Viewers

CHECKOUT = """
mutation($input: CheckoutInput!) { checkout(input: $input) {
    __typename
    ... on Payment { id state amount order { id state } }
    ... on InsufficientPoints { message required balance }
    ... on OutOfStock { message items { requested available product { id } } }
    ... on AlreadyOwned { message products { id } }
    ... on ProductsWithdrawn { message products { id } }
    ... on PriceChanged { message expected actual } } }
"""
FLASH_SALE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id state units remaining } }"
CLAIM = """
mutation($id: ID!) { claim(saleId: $id) {
    __typename
    ... on Claim { id state expiresAt sale { id remaining } }
    ... on SoldOut { message sale { id } }
    ... on SaleNotActive { message sale { id state } } } }
"""


class Shop:
    """What customers and developers do, as methods."""

    def __init__(self, client: Client, viewers: Viewers, games: Games) -> None:
        self.client = client
        self.viewers = viewers
        self.games = games

    async def customer(self, points: int = 1_000_000) -> Account:
        """A new user with points."""
        account = await self.viewers.user()
        if points:
            await self.top_up(account, points)
        return account

    async def registered(self, points: int) -> Account:
        """A new user with points who has registered, so that the user subgraph has the account."""
        data = await self.client.data(
            "mutation($input: RegisterInput!) { register(input: $input) { ... on Session { accessToken user { id } } } }",
            {"input": {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}},
        )
        account = Account(data["register"]["user"]["id"], data["register"]["accessToken"])
        await self.top_up(account, points)
        return account

    async def limited(self, units: int) -> str:
        """A new product of limited quantity."""
        game = await self.games.new(usd="1.00")
        limit = "mutation($id: ID!, $units: Int!) { limitStock(productId: $id, units: $units) { id } }"
        await self.client.data(limit, {"id": game, "units": units}, self.games.developer)
        return game

    async def top_up(self, account: Account, points: int) -> None:
        await self.client.data(
            "mutation($n: Int!, $key: String!) { topUp(amount: $n, idempotencyKey: $key) { balance } }",
            {"n": points, "key": str(uuid.uuid4())},
            account,
        )

    async def checkout(self, account: Account, *product_ids: str, **options: Any) -> dict[str, Any]:
        """Checks products out; the result."""
        wanted = {"idempotencyKey": str(uuid.uuid4()), "productIds": list(product_ids), **options}
        result: dict[str, Any] = (await self.client.data(CHECKOUT, {"input": wanted}, account))["checkout"]
        return result

    async def bought(self, account: Account, *product_ids: str) -> str:
        """Buys products, which are in the library at once; the payment's id."""
        result = await self.checkout(account, *product_ids)
        assert result["__typename"] == "Payment", result
        await self.owns(account, *product_ids)
        payment_id: str = result["id"]
        return payment_id

    async def owns(self, account: Account, *product_ids: str) -> None:
        """The account reads in its library what it has bought."""
        assert set(product_ids) <= set(await self.library(account))

    async def library(self, account: Account) -> list[str]:
        data = await self.client.data(
            "{ me { library(first: 100) { edges { node { product { id } } } } } }", viewer=account
        )
        return [edge["node"]["product"]["id"] for edge in data["me"]["library"]["edges"]]

    async def balance(self, account: Account) -> int:
        data = await self.client.data("{ me { wallet { balance } } }", viewer=account)
        balance: int = data["me"]["wallet"]["balance"]
        return balance

    async def wish(self, account: Account, *product_ids: str) -> None:
        for product_id in product_ids:
            await self.client.data(
                "mutation($id: ID!) { addToWishlist(productId: $id) { __typename } }",
                {"id": product_id},
                account,
            )

    async def ordered(self, account: Account, *product_ids: str) -> str:
        """Adds products to the wishlist and orders them; the order's id."""
        await self.wish(account, *product_ids)
        data = await self.client.data(
            "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on Order { id } } }",
            {"input": {"productIds": list(product_ids), "idempotencyKey": str(uuid.uuid4())}},
            account,
        )
        order_id: str = data["placeOrder"]["id"]
        return order_id

    async def started(self, account: Account, order_id: str) -> str:
        """Starts the payment of an order; the payment's id."""
        data = await self.client.data(
            """mutation($id: ID!, $key: String!) { startPayment(orderId: $id, idempotencyKey: $key) {
                __typename ... on Payment { id } } }""",
            {"id": order_id, "key": str(uuid.uuid4())},
            account,
        )
        payment_id: str = data["startPayment"]["id"]
        return payment_id

"""Shoppers: signed-in users of the order subgraph. Its peers are real; payment is played by its commands and events."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, TypeAlias

from subgraphs.contracts.event import Event
from subgraphs.contracts.library import OWNED_PRODUCTS, OwnedRequest
from subgraphs.contracts.order import PLACE_CHECKOUT_ORDERS, DetachRequest, OrderOutcome, PlaceRequest
from subgraphs.contracts.payment import PaidLine, PaymentPaid
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from tests.clients import Account, Statements, SubgraphClient, Viewers, eventually, sale_input

Publish: TypeAlias = Callable[[Event], Awaitable[None]]
Sql: TypeAlias = Callable[[str], Database]
Counting: TypeAlias = Callable[[str], AbstractAsyncContextManager[Statements]]
Applied: TypeAlias = Callable[[], Awaitable[None]]

ORDER = """
fragment order on Order {
  id state totalPoints placedAt lines { product { id } title points discountPercent claim { id } }
}
"""
WISH = """
mutation ($id: ID!) {
  addToWishlist(productId: $id) {
    __typename
    ... on WishlistItem { product { id } addedAt }
    ... on AlreadyOwned { message products { id } }
  }
}
"""
PLACE = (
    ORDER
    + """
mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ...order
    ... on NotOnWishlist { message products { id } }
    ... on AlreadyOwned { message products { id } }
  }
}
"""
)
REMOVE_LINE = ORDER + "mutation ($o: ID!, $p: ID!) { removeOrderLine(orderId: $o, productId: $p) { ...order } }"
CANCEL = ORDER + "mutation ($id: ID!) { cancelOrder(id: $id) { ...order } }"
ONE = ORDER + "query ($id: ID!) { order(id: $id) { ...order } }"
WISHLIST = "{ me { wishlist(first: 100) { edges { node { product { id } } } } } }"
SALE = "mutation ($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CLAIM = "mutation ($id: ID!) { claim(saleId: $id) { __typename ... on Claim { id } } }"


class Shopper:
    """A signed-in user. Methods return the field's data, or the error's code."""

    def __init__(self, viewer: Account, order: SubgraphClient, library: SubgraphClient, publish: Publish) -> None:
        self.viewer = viewer
        self.id: str = viewer.id
        self._order = order
        self._library = library
        self._publish = publish

    async def run(self, query: str, **variables: Any) -> Any:
        answer = await self._order.run(query, variables, viewer=self.viewer)
        if "errors" in answer:
            return answer["errors"][0]["extensions"]["code"]
        (data,) = answer["data"].values()
        return data

    async def wish(self, product_id: str) -> Any:
        return await self.run(WISH, id=product_id)

    async def unwish(self, product_id: str) -> Any:
        return await self.run("mutation ($id: ID!) { removeFromWishlist(productId: $id) }", id=product_id)

    async def wishes(self) -> list[str]:
        found = await self.run(WISHLIST)
        return [edge["node"]["product"]["id"] for edge in found["wishlist"]["edges"]]

    async def place(self, product_ids: list[str], key: str | None = None, claim_ids: list[str] | None = None) -> Any:
        request = {
            "productIds": product_ids,
            "idempotencyKey": new_id() if key is None else key,
            "claimIds": claim_ids,
        }
        return await self.run(PLACE, input=request)

    async def ordered(self, *product_ids: str) -> str:
        """Adds products to the wishlist and orders them; the order's id."""
        for wish in await asyncio.gather(*(self.wish(product_id) for product_id in product_ids)):
            assert isinstance(wish, dict), wish
        order_id: str = (await self.place(list(product_ids)))["id"]
        return order_id

    async def order(self, order_id: str) -> Any:
        return await self.run(ONE, id=order_id)

    async def state(self, order_id: str) -> str:
        state: str = (await self.order(order_id))["state"]
        return state

    async def remove_line(self, order_id: str, product_id: str) -> Any:
        return await self.run(REMOVE_LINE, o=order_id, p=product_id)

    async def cancel(self, order_id: str) -> Any:
        return await self.run(CANCEL, id=order_id)

    async def checkout(self, *product_ids: str, **fields: Any) -> tuple[PlaceRequest, OrderOutcome]:
        """Places an order for a checkout, as payment does; the request and its outcome."""
        request = PlaceRequest(new_id(), new_id(), self.id, list(product_ids), **fields)
        return request, (await self._order.command(PLACE_CHECKOUT_ORDERS, [request]))[0]

    def detach_request(self, placed: PlaceRequest, *, cancel: bool) -> DetachRequest:
        return DetachRequest(placed.order_id, placed.payment_id, self.id, cancel=cancel)

    async def announce_paid(self, order_id: str, payment_id: str, *product_ids: str) -> None:
        lines = [PaidLine(product_id, 1) for product_id in product_ids]
        paid = PaymentPaid(
            payment_id=payment_id, order_id=order_id, user_id=self.id, paid_at=datetime.now(UTC), lines=lines
        )
        await self._publish(paid)

    async def buy(self, *product_ids: str) -> str:
        """Checks out and pays; the order's id, once order and library have applied the payment."""
        request, outcome = await self.checkout(*product_ids)
        assert outcome.kind == "ready"
        await self.announce_paid(request.order_id, request.payment_id, *product_ids)

        async def applied() -> bool:
            asked = OwnedRequest(self.id, list(product_ids))
            owned = (await self._library.command(OWNED_PRODUCTS, [asked]))[0].product_ids
            return len(owned) == len(product_ids) and await self.state(request.order_id) == "PAID"

        await eventually(applied)
        return request.order_id


class Shoppers:
    """Makes shoppers."""

    def __init__(self, viewers: Viewers, order: SubgraphClient, library: SubgraphClient, publish: Publish) -> None:
        self._viewers = viewers
        self._parts = (order, library, publish)

    async def new(self) -> Shopper:
        return Shopper(await self._viewers.user(), *self._parts)

    async def admin(self) -> Shopper:
        return Shopper(await self._viewers.admin(), *self._parts)


class Sales:
    """Open flash sales, and claims in them."""

    def __init__(self, stock: SubgraphClient, seller: Account) -> None:
        self._stock = stock
        self._seller = seller
        self._open: dict[str, str] = {}

    async def claim(self, shopper: Shopper, product_id: str, points: int) -> str:
        """Claims a unit in the product's flash sale, which is opened if needed; the claim's id."""
        if product_id not in self._open:
            self._open[product_id] = await self._new(product_id, points)
        answer = await self._stock.data(CLAIM, {"id": self._open[product_id]}, shopper.viewer)
        claim_id: str = answer["claim"]["id"]
        return claim_id

    async def _new(self, product_id: str, points: int) -> str:
        sale = sale_input(product_id, points, units=5)
        sale_id: str = (await self._stock.data(SALE, {"input": sale}, self._seller))["createFlashSale"]["id"]
        return sale_id

    async def release(self, shopper: Shopper, claim_id: str) -> None:
        release = "mutation ($id: ID!) { releaseClaim(id: $id) { state } }"
        answer = await self._stock.data(release, {"id": claim_id}, shopper.viewer)
        assert answer["releaseClaim"]["state"] == "RELEASED"

"""Operations through the router that bring payments, claims and refunds to each of their states."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Payment
from tests.clients import Account, Client, Games, Viewers, eventually

KINDS = "__typename ... on Payment { id order { id } }"
CHECKOUT = f"mutation($input: CheckoutInput!) {{ out: checkout(input: $input) {{ {KINDS} }} }}"
PAY = f"mutation($id: ID!) {{ out: pay(paymentId: $id) {{ {KINDS} }} }}"
START = f"mutation($id: ID!, $key: String!) {{ out: startPayment(orderId: $id, idempotencyKey: $key) {{ {KINDS} }} }}"
CANCEL = "mutation($id: ID!) { out: cancelPayment(id: $id) { id } }"
TOP_UP = "mutation($n: Int!, $key: String!) { out: topUp(amount: $n, idempotencyKey: $key) { balance } }"
START_TOP_UP = "mutation($n: Int!, $key: String!) { out: startTopUp(points: $n, idempotencyKey: $key) { id state } }"
REFUND_TOP_UP = "mutation($id: ID!) { out: refundTopUp(id: $id) { __typename } }"
WISH = "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }"
ORDER = "mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) { ... on Order { id } } }"
PLAY = "mutation($id: ID!) { out: play(productId: $id) { __typename } }"
REFUND = """mutation($id: ID!, $key: String!, $products: [ID!]) {
    out: refund(paymentId: $id, idempotencyKey: $key, productIds: $products) { __typename } }"""
LIMIT = "mutation($id: ID!, $units: Int!) { out: limitStock(productId: $id, units: $units) { id } }"
SALE = "mutation($input: FlashSaleInput!) { out: createFlashSale(input: $input) { id } }"
CLAIM = "mutation($id: ID!) { out: claim(saleId: $id) { __typename ... on Claim { id } } }"
RELEASE = "mutation($id: ID!) { out: releaseClaim(id: $id) { id } }"


@dataclass
class History:
    """Makes the history."""

    client: Client
    viewers: Viewers
    games: Games
    payment: Database

    async def make(self) -> None:
        await self._checkouts()
        await self._started_payments()
        await self._refunds()
        await self._claims()
        await self._top_ups()

    async def _checkouts(self) -> None:
        user = await self._rich()
        game, limited = await self.games.new(), await self._limited(units=2)
        assert await self._kind(self._buy(user, game, limited)) == "Payment"
        assert await self._kind(self._buy(user, game)) == "AlreadyOwned"
        assert await self._kind(self._buy(user, await self.games.new(), expectedTotal=1)) == "PriceChanged"
        assert await self._kind(self._buy(await self._rich(points=1), limited)) == "InsufficientPoints"
        assert await self._kind(self._buy(user, await self._limited(units=0))) == "OutOfStock"

    async def _started_payments(self) -> None:
        user = await self._rich()
        limited = await self._limited(units=4)
        paid = await self._start(user, await self.games.new(), await self.games.new())
        await self._do(PAY, user, id=paid)
        await self._do(CANCEL, user, id=await self._start(user, await self._limited(1)))
        expired = await self._start(user, await self.games.new())
        async with self.payment.transaction() as session:
            past = datetime.now(UTC) - timedelta(hours=1)
            await session.execute(update(Payment).where(Payment.id == expired).values(expires_at=past))
        await self._start(user, limited)  # stays READY, and holds its unit

    async def _refunds(self) -> None:
        user = await self._rich()
        games = [await self.games.new(), await self.games.new(), await self._limited(units=3)]
        partly = (await self._buy(user, *games))["id"]
        played = games[0]
        await eventually(lambda: self._plays(user, played))
        answer = await self._do(REFUND, user, id=partly, key="played", products=[played])
        assert answer["__typename"] == "NotRefundable"
        await self._do(REFUND, user, id=partly, key="partly", products=[games[2]])
        wholly = (await self._buy(user, await self.games.new(), await self._limited(units=1)))["id"]
        assert (await self._do(REFUND, user, id=wholly, key="wholly"))["__typename"] == "Refund"
        again = await self._buy(user, games[2])
        assert again["__typename"] == "Payment"

    async def _claims(self) -> None:
        game = await self.games.new()
        sale = await self._sale(game, units=6)
        buyer, returner, holder, releaser, starter = [await self._rich() for _ in range(5)]
        claims = {user.id: (await self._do(CLAIM, user, id=sale))["id"] for user in (buyer, returner, releaser)}
        await self._do(CLAIM, holder, id=sale)
        assert await self._kind(self._buy(buyer, game, claimIds=[claims[buyer.id]])) == "Payment"
        returned = (await self._buy(returner, game, claimIds=[claims[returner.id]]))["id"]
        await self._do(REFUND, returner, id=returned, key="claim")
        await self._do(RELEASE, releaser, id=claims[releaser.id])
        claim = (await self._do(CLAIM, starter, id=sale))["id"]
        key = {"idempotencyKey": str(uuid.uuid4())}
        order = await self._do(ORDER, starter, input={"productIds": [game], "claimIds": [claim], **key})
        await self._do(START, starter, id=order["id"], key=str(uuid.uuid4()))

    async def _top_ups(self) -> None:
        user = await self.viewers.user()
        bought = [await self._do(START_TOP_UP, user, n=500, key=key) for key in ("kept", "given back")]
        assert [top_up["state"] for top_up in bought] == ["PAID", "PAID"]
        await self._do(REFUND_TOP_UP, await self.viewers.admin(), id=bought[1]["id"])

    async def _do(self, operation: str, account: Account, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.client.data(operation, variables, account))["out"]
        return answer

    async def _rich(self, points: int = 1_000_000) -> Account:
        user = await self.viewers.user()
        await self._do(TOP_UP, user, n=points, key=str(uuid.uuid4()))
        return user

    async def _limited(self, units: int) -> str:
        game = await self.games.new()
        await self._do(LIMIT, self.games.developer, id=game, units=units)
        return game

    async def _sale(self, game: str, units: int) -> str:
        starts = datetime.now(UTC) - timedelta(seconds=5)
        times = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=2)).isoformat()}
        sale = {"productId": game, "points": 500, "units": units, **times}
        sale_id: str = (await self._do(SALE, self.games.developer, input=sale))["id"]
        return sale_id

    async def _buy(self, user: Account, *products: str, **options: Any) -> dict[str, Any]:
        wanted = {"productIds": products, "idempotencyKey": str(uuid.uuid4()), **options}
        return await self._do(CHECKOUT, user, input=wanted)

    async def _start(self, user: Account, *products: str) -> str:
        """A READY payment of a placed order."""
        for product in products:
            await self._do(WISH, user, id=product)
        order = await self._do(ORDER, user, input={"productIds": products, "idempotencyKey": str(uuid.uuid4())})
        payment_id: str = (await self._do(START, user, id=order["id"], key=str(uuid.uuid4())))["id"]
        return payment_id

    async def _plays(self, user: Account, product: str) -> bool:
        return bool((await self._do(PLAY, user, id=product))["__typename"] == "Play")

    async def _kind(self, result: Any) -> str:
        kind: str = (await result)["__typename"]
        return kind

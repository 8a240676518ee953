"""A blocking client of the store: hypothesis runs state machines synchronously."""

import http.client
import json
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from subgraphs.kit.web.auth import Role
from tests.clients import Account, Viewers

PAYMENT = "__typename ... on Payment { id }"
OPERATIONS = {
    "topUp": "mutation($n: Int!, $key: String!) { out: topUp(amount: $n, idempotencyKey: $key) { __typename } }",
    "wish": "mutation($id: ID!) { out: addToWishlist(productId: $id) { __typename } }",
    "unwish": "mutation($id: ID!) { out: removeFromWishlist(productId: $id) }",
    "order": "mutation($input: PlaceOrderInput!) { out: placeOrder(input: $input) { __typename ... on Order { id } } }",
    "removeLine": """mutation($id: ID!, $product: ID!) {
        out: removeOrderLine(orderId: $id, productId: $product) { __typename } }""",
    "cancelOrder": "mutation($id: ID!) { out: cancelOrder(id: $id) { __typename } }",
    "start": f"""mutation($id: ID!, $key: String!) {{
        out: startPayment(orderId: $id, idempotencyKey: $key) {{ {PAYMENT} }} }}""",
    "pay": f"mutation($id: ID!) {{ out: pay(paymentId: $id) {{ {PAYMENT} }} }}",
    "cancelPayment": "mutation($id: ID!) { out: cancelPayment(id: $id) { __typename } }",
    "checkout": f"""mutation($input: CheckoutInput!) {{
        out: checkout(input: $input) {{ {PAYMENT} ... on Payment {{ order {{ id }} }} }} }}""",
    "refund": """mutation($id: ID!, $products: [ID!], $key: String!) {
        out: refund(paymentId: $id, productIds: $products, idempotencyKey: $key) {
            __typename ... on Refund { amount } } }""",
    "play": "mutation($id: ID!) { out: play(productId: $id) { __typename } }",
    "claim": "mutation($id: ID!) { out: claim(saleId: $id) { __typename ... on Claim { id } } }",
    "release": "mutation($id: ID!) { out: releaseClaim(id: $id) { __typename } }",
    "publish": "mutation($input: PublishProductInput!) { out: publishProduct(input: $input) { id price { points } } }",
    "limit": "mutation($id: ID!, $units: Int!) { out: limitStock(productId: $id, units: $units) { __typename } }",
    "createSale": "mutation($input: FlashSaleInput!) { out: createFlashSale(input: $input) { id } }",
}
READ = """query($limited: ID!, $sale: ID!) {
    me {
        wallet { balance }
        wishlist(first: 100) { edges { node { product { id } } } }
        orders(first: 100) { edges { node { id state totalPoints } } }
        payments(first: 100) { edges { node { id state amount } } }
        library(first: 100) { edges { node { product { id } played } } }
        claims(first: 100) { edges { node { id state } } } }
    product(id: $limited) { stock { remaining held sold } }
    flashSale(id: $sale) { remaining } }"""


class Api:
    """Sends operations over one connection."""

    def __init__(self, url: str, viewers: Viewers) -> None:
        self._url = urlsplit(url)
        self._connection = http.client.HTTPConnection(self._url.netloc, timeout=30)
        self._viewers = viewers
        self._developer = viewers.make(Role.USER, Role.DEVELOPER)

    def close(self) -> None:
        self._connection.close()

    def account(self) -> Account:
        return self._viewers.make(Role.USER)

    def do(self, name: str, account: Account, **variables: Any) -> Any:
        """The result of a mutation; if it is refused, the error's code stands in `__typename`."""
        while True:
            answer = self._send(OPERATIONS[name], account, variables)
            if "errors" not in answer:
                return answer["data"]["out"]
            code = answer["errors"][0]["extensions"]["code"]
            if code != "RATE_LIMITED":
                return {"__typename": code}
            time.sleep(0.2)

    def read(self, account: Account, limited: str, sale: str) -> dict[str, Any]:
        answer = self._send(READ, account, {"limited": limited, "sale": sale})
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def publish(self) -> tuple[str, int]:
        """Publishes a product; its id, and its price in points."""
        game = {"title": "A Model", "description": "Made for a test.", "usd": "0.10", "genres": ["Indie"]}
        made = self.do("publish", self._developer, input={**game, "platforms": ["LINUX"]})
        return made["id"], made["price"]["points"]

    def limit(self, product: str, units: int) -> None:
        self.do("limit", self._developer, id=product, units=units)

    def sell(self, product: str, units: int, points: int) -> str:
        """Creates an open flash sale; its id."""
        starts = datetime.now(UTC) - timedelta(seconds=5)
        times = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=2)).isoformat()}
        sale = {"productId": product, "points": points, "units": units, **times}
        sale_id: str = self.do("createSale", self._developer, input=sale)["id"]
        return sale_id

    def wanted(self, products: Sequence[str], claims: Sequence[str]) -> dict[str, Any]:
        return {"productIds": list(products), "claimIds": list(claims), "idempotencyKey": str(uuid.uuid4())}

    def _send(self, query: str, account: Account, variables: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables})
        headers = {"content-type": "application/json", "authorization": f"Bearer {account.token}"}
        self._connection.request("POST", self._url.path, body, headers)
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return answer

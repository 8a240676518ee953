"""What happens in the sample store once it runs: sales, limited games, and what the demo account buys and plays.

All of it goes through the router, as clients' operations do.
"""

import json
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from subgraphs.kit.settings import settings
from subgraphs.store import sample_mark
from subgraphs.store.sample_mark import Stage
from subgraphs.store.seed import DEMO_ACCOUNTS, DemoAccount

PLAYER, _, ADMIN = DEMO_ACCOUNTS
OWNED, PLAYED, WISHED = ["20", "30"], "20", ["40", "50"]
LIMITED = {"80": 40, "120": 0}
"""Units, by product id."""
FLASH, COMING = "90", "100"
"""The products whose flash sales are open, and about to open."""
OPEN_FOR, RENEWED_WITHIN = timedelta(days=30), timedelta(days=15)
COUNTDOWN, COMING_FOR = timedelta(minutes=61), timedelta(hours=1)
"""A sale that has opened since the last start ends before the next one opens: sales must not overlap."""

LOGIN = """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
    ... on Session { accessToken } } }"""
LIMIT = "mutation($id: ID!, $units: Int!) { limitStock(productId: $id, units: $units) { id } }"
CREATE_SALE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CANCEL_SALE = "mutation($id: ID!) { cancelFlashSale(id: $id) { id } }"
SALE = "query($id: ID!) { product(id: $id) { flashSale { id state endsAt } } }"
WISH = "mutation($id: ID!) { addToWishlist(productId: $id) { __typename } }"
CHECKOUT = "mutation($input: CheckoutInput!) { checkout(input: $input) { ... on Payment { id } } }"
HISTORY = "{ me { playHistory(first: 1) { edges { node { playedAt } } } } }"
PLAY = "mutation($id: ID!) { play(productId: $id) { __typename } }"


class NotTold(Exception):
    """The store did not answer as expected."""


def tell(endpoint: str) -> bool:
    """Completes sample data that is there, and renews its flash sales. Whether the router has answered.

    Demo accounts belong to whoever uses the store: if one has another password now, nothing happens.
    """
    mark = sample_mark.read(settings())
    if mark is None or mark.stage not in (Stage.FILLED, Stage.COMPLETE):
        return True
    try:
        admin = _Session(endpoint, ADMIN)
        if mark.stage is Stage.FILLED:
            for product_id, units in LIMITED.items():
                admin.ask(LIMIT, id=product_id, units=units)
            _shop(_Session(endpoint, PLAYER))
            sample_mark.write(settings(), replace(mark, stage=Stage.COMPLETE))
        _renew_sales(admin)
    except (NotTold, OSError) as error:
        print(f"The sample data is not complete: {error}")
        return isinstance(error, NotTold)
    return True


class _Session:
    """Sends operations as one account."""

    def __init__(self, endpoint: str, account: DemoAccount) -> None:
        self._endpoint = endpoint
        self._headers = {"content-type": "application/json"}
        session = self.ask(LOGIN, email=account.email, password=account.password)["login"]
        if "accessToken" not in session:
            raise NotTold(f"{account.email} has another password now.")
        self._headers["authorization"] = f"Bearer {session['accessToken']}"

    def ask(self, operation: str, **variables: Any) -> dict[str, Any]:
        """The operation's data. Raises NotTold for errors, OSError."""
        body = json.dumps({"query": operation, "variables": variables}).encode()
        request = urllib.request.Request(self._endpoint, body, self._headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        if answer.get("errors"):
            raise NotTold(answer["errors"][0]["message"])
        data: dict[str, Any] = answer["data"]
        return data


def _shop(player: _Session) -> None:
    """The account buys two games, plays one and wishes for two. Repeated, it changes nothing."""
    player.ask(CHECKOUT, input={"idempotencyKey": "sample", "productIds": OWNED})
    if not player.ask(HISTORY)["me"]["playHistory"]["edges"]:
        player.ask(PLAY, id=PLAYED)
    for product_id in WISHED:
        player.ask(WISH, id=product_id)


def _renew_sales(admin: _Session) -> None:
    """Has one sale open for weeks to come, and one that opens within the hour."""
    now = datetime.now(UTC)
    sale = admin.ask(SALE, id=FLASH)["product"]["flashSale"]
    if not sale or sale["state"] != "OPEN" or datetime.fromisoformat(sale["endsAt"]) < now + RENEWED_WITHIN:
        if sale:
            admin.ask(CANCEL_SALE, id=sale["id"])
        _create_sale(admin, FLASH, now - timedelta(minutes=1), OPEN_FOR, units=500)
    sale = admin.ask(SALE, id=COMING)["product"]["flashSale"]
    if not sale or sale["state"] != "SCHEDULED":
        _create_sale(admin, COMING, now + COUNTDOWN, COMING_FOR, units=100)


def _create_sale(admin: _Session, product_id: str, starts: datetime, lasts: timedelta, units: int) -> None:
    times = {"startsAt": starts.isoformat(), "endsAt": (starts + lasts).isoformat()}
    admin.ask(CREATE_SALE, input={"productId": product_id, "points": 999, "units": units, **times})

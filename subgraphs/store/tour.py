"""`python -m subgraphs tour`: the store's whole story through its router, to be read and to be run."""

import uuid
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from subgraphs.store.config import StoreSettings
from subgraphs.store.guide import Guide, WrongAnswer
from subgraphs.store.processes import LaunchFailed, answers
from subgraphs.store.seed import SIGN_INS
from subgraphs.store.up import running

OWN_STORE_SETTLES_AFTER = "2"


def tour() -> int:
    """Runs the tour on the running store, or on one that it starts for itself. The exit code."""
    settings = StoreSettings()
    with ExitStack() as stack:
        try:
            own = not answers(f"http://127.0.0.1:{settings.router_health_port}/health")
            if own:
                settings.settlement_delay = OWN_STORE_SETTLES_AFTER
                stack.enter_context(running(settings))
            guide = Guide(settings.graphql_url)
            shopping(guide)
            limited_stock(guide)
            flash_sale(guide)
            refund(guide, settles=own)
        except (LaunchFailed, WrongAnswer) as error:
            print(f"\n{error}")
            return 1
    print(f"\nAll {guide.stops} answers were as expected.")
    return 0


def shopping(guide: Guide) -> None:
    """Register, search, wishlist, order, pay, own, play."""
    token = new_user(guide)
    guide.show(
        "Buy points",
        """mutation { topUp(amount: 200000, idempotencyKey: "first") { balance } }""",
        token=token,
        expect=lambda data: data["topUp"]["balance"] == 200_000,
    )
    found = guide.show(
        "Search the catalogue: the best known games that cost something, but not too much",
        """
        { products(filter: {maxPoints: 30000}, sort: MOST_REVIEWED, first: 20) {
            totalCount
            edges { node { id title price { points } genres { name } state owned } } } }
        """,
        token=token,
    )
    nodes = [edge["node"] for edge in found["products"]["edges"]]
    game = next(node for node in nodes if node["price"]["points"] > 0)
    guide.show(
        "Find it by its title",
        "query($text: String!) { products(search: $text, first: 3) { edges { node { id title } } } }",
        {"text": game["title"]},
        expect=lambda data: game["id"] in [edge["node"]["id"] for edge in data["products"]["edges"]],
    )
    guide.show(
        "Wish for it",
        """mutation($id: ID!) { addToWishlist(productId: $id) {
            ... on WishlistItem { product { title } addedAt } ... on AlreadyOwned { message } } }""",
        {"id": game["id"]},
        token,
        expect=lambda data: data["addToWishlist"]["product"]["title"] == game["title"],
    )
    placed = guide.show(
        "Order it: the price is fixed now",
        """mutation($ids: [ID!]!) { placeOrder(input: {productIds: $ids, idempotencyKey: "order"}) {
            ... on Order { id state totalPoints lines { points product { title } } }
            ... on NotOnWishlist { message } ... on AlreadyOwned { message } } }""",
        {"ids": [game["id"]]},
        token,
        expect=lambda data: data["placeOrder"]["state"] == "READY",
    )
    started = guide.show(
        "Start its payment",
        """mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "start") {
            ... on Payment { id state amount expiresAt } ... on OutOfStock { message } } }""",
        {"id": placed["placeOrder"]["id"]},
        token,
        expect=lambda data: data["startPayment"]["state"] == "READY",
    )
    guide.show(
        "Pay: wallet, ledger and payment change in one transaction",
        """mutation($id: ID!) { pay(paymentId: $id) {
            ... on Payment { id state paidAt } ... on InsufficientPoints { required balance } } }""",
        {"id": started["startPayment"]["id"]},
        token,
        expect=lambda data: data["pay"]["state"] == "PAID",
    )
    owned = "{ me { library { edges { node { product { id } } } } } }"
    guide.wait(owned, token, lambda data: data["me"]["library"]["edges"], 5)
    guide.show(
        "Everything about me, from six subgraphs in one operation",
        """
        { me { name wallet { balance entries(first: 1) { edges { node { kind amount } } } }
            orders(first: 1) { edges { node { state payment { state } } } }
            claims { totalCount }
            library { edges { node { product { title state owned } played } } } } }
        """,
        token=token,
        expect=lambda data: (
            data["me"]["orders"]["edges"][0]["node"]["state"] == "PAID"
            and data["me"]["library"]["edges"][0]["node"]["product"]["owned"] is True
        ),
    )
    guide.show(
        "Play it",
        """mutation($id: ID!) { play(productId: $id) {
            ... on Play { playedAt product { title } } ... on NotOwned { message } } }""",
        {"id": game["id"]},
        token,
        expect=lambda data: data["play"]["playedAt"],
    )
    guide.show(
        "What I played",
        "{ me { playHistory { edges { node { product { title } playedAt } } } } }",
        token=token,
        expect=lambda data: len(data["me"]["playHistory"]["edges"]) == 1,
    )


CHECKOUT = """
mutation($input: CheckoutInput!) { checkout(input: $input) {
    __typename
    ... on Payment { id state amount order { state } }
    ... on InsufficientPoints { required balance }
    ... on OutOfStock { items { available product { title } } }
    ... on PriceChanged { expected actual } } }
"""


def limited_stock(guide: Guide) -> None:
    """A product of which there is one."""
    developer = sign_in(guide, SIGN_INS[1].email, SIGN_INS[1].password)
    product_id = publish(guide, developer, "The Only Copy")
    guide.show(
        "Limit it to one unit",
        "mutation($id: ID!) { limitStock(productId: $id, units: 1) { state stock { total remaining } } }",
        {"id": product_id},
        developer,
        expect=lambda data: data["limitStock"]["stock"]["remaining"] == 1,
    )
    poor = new_user(guide)
    guide.show(
        "Too few points: nothing is charged, nothing stays held",
        CHECKOUT,
        {"input": {"idempotencyKey": "poor", "productIds": [product_id]}},
        poor,
        expect=lambda data: data["checkout"]["__typename"] == "InsufficientPoints",
    )
    guide.show(
        "Buy it now: order, hold and payment in one step",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), "productIds": [product_id], "expectedTotal": 12987}},
        player(guide),
        expect=lambda data: data["checkout"]["state"] == "PAID",
    )
    guide.show(
        "The next one comes too late",
        CHECKOUT,
        {"input": {"idempotencyKey": "late", "productIds": [product_id]}},
        poor,
        expect=lambda data: data["checkout"]["items"][0]["available"] == 0,
    )


def flash_sale(guide: Guide) -> None:
    """Two units at a tenth of the price, for an hour."""
    developer = sign_in(guide, SIGN_INS[1].email, SIGN_INS[1].password)
    product_id = publish(guide, developer, "Flash in the Pan")
    now = datetime.now(UTC)
    sale = guide.show(
        "Announce a flash sale",
        """mutation($input: FlashSaleInput!) { createFlashSale(input: $input) {
            id state units remaining points product { title price { points } } } }""",
        {
            "input": {
                "productId": product_id,
                "points": 1299,
                "units": 2,
                "startsAt": (now - timedelta(seconds=1)).isoformat(),
                "endsAt": (now + timedelta(hours=1)).isoformat(),
            }
        },
        developer,
        expect=lambda data: data["createFlashSale"]["state"] == "OPEN",
    )
    token = player(guide)
    claim = guide.show(
        "Claim a unit: it is held for five minutes",
        """mutation($id: ID!) { claim(saleId: $id) {
            ... on Claim { id state expiresAt sale { remaining } } ... on SoldOut { message } } }""",
        {"id": sale["createFlashSale"]["id"]},
        token,
        expect=lambda data: data["claim"]["state"] == "HELD",
    )
    guide.show(
        "Buy the claimed unit at the sale's price",
        CHECKOUT,
        {
            "input": {
                "idempotencyKey": str(uuid.uuid4()),
                "productIds": [product_id],
                "claimIds": [claim["claim"]["id"]],
                "expectedTotal": 1299,
            }
        },
        token,
        expect=lambda data: data["checkout"]["amount"] == 1299,
    )


def refund(guide: Guide, settles: bool) -> None:
    """Give back what was not played."""
    token = player(guide)
    product_id = publish(guide, sign_in(guide, SIGN_INS[1].email, SIGN_INS[1].password), "Not My Kind of Game")
    bought = guide.show(
        "Buy something on impulse",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), "productIds": [product_id]}},
        token,
        expect=lambda data: data["checkout"]["state"] == "PAID",
    )
    payment_id = bought["checkout"]["id"]
    guide.show(
        "Ask for a refund",
        """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
            ... on Refund { state amount products { title } } ... on NotRefundable { message } } }""",
        {"id": payment_id, "key": str(uuid.uuid4())},
        token,
        expect=lambda data: data["refund"]["amount"] == 12987,
    )
    state = f'{{ payment(id: "{payment_id}") {{ refunds {{ state }} }} }}'
    settled = guide.wait(
        state,
        token,
        lambda data: data["payment"]["refunds"][0]["state"] == "COMPLETED",
        5 if settles else 0.5,
    )
    guide.show(
        "Settled: the points are back" if settled else "Settlement comes later (STEAMPUNK_SETTLEMENT_DELAY, a day)",
        "query($id: ID!) { payment(id: $id) { state refunds { state amount completedAt } } }",
        {"id": payment_id},
        token,
        expect=lambda data: data["payment"]["state"] == "REFUNDED" and (settled or not settles),
    )


def new_user(guide: Guide) -> str:
    """Registers somebody; the access token."""
    data = guide.show(
        "Register",
        """mutation($input: RegisterInput!) { register(input: $input) {
            ... on Session { accessToken user { name email } } ... on EmailTaken { message } } }""",
        {
            "input": {
                "email": f"{uuid.uuid4()}@example.com",
                "password": "a long password",
                "name": "Tourist",
            }
        },
        expect=lambda data: data["register"]["user"]["name"] == "Tourist",
    )
    return str(data["register"]["accessToken"])


def player(guide: Guide) -> str:
    return sign_in(guide, SIGN_INS[0].email, SIGN_INS[0].password)


def sign_in(guide: Guide, email: str, password: str) -> str:
    """The access token of a ready-made account."""
    data = guide.show(
        f"Sign in as {email}",
        """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
            ... on Session { accessToken user { roles } } ... on InvalidCredentials { message } } }""",
        {"email": email, "password": password},
        expect=lambda data: data["login"]["accessToken"],
    )
    return str(data["login"]["accessToken"])


def publish(guide: Guide, token: str, title: str) -> str:
    """Publishes a game for 9.99 dollars; its id."""
    data = guide.show(
        f"Publish {title!r}",
        """mutation($input: PublishProductInput!) { publishProduct(input: $input) {
            id title price { usd points } } }""",
        {
            "input": {
                "title": title,
                "description": "Published on the tour.",
                "usd": "9.99",
                "genres": ["Indie"],
                "platforms": ["LINUX"],
            }
        },
        token,
        expect=lambda data: data["publishProduct"]["price"]["points"] == 12987,
    )
    return str(data["publishProduct"]["id"])

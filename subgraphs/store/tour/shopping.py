"""A customer's usual way: search, wish, order, pay, own, play."""

from typing import Any

from subgraphs.store.tour.basics import new_user
from subgraphs.store.tour.guide import Guide


def shopping(guide: Guide) -> None:
    """Somebody new buys a game."""
    token = new_user(guide)
    guide.show(
        "Buy points",
        """mutation { topUp(amount: 200000, idempotencyKey: "first") { balance } }""",
        token=token,
        expect=lambda data: data["topUp"]["balance"] == 200_000,
    )
    game = _found(guide, token)
    _pay(guide, token, order_id=_ordered(guide, token, game))
    _look_round(guide, token)
    _play(guide, token, game)


def _found(guide: Guide, token: str) -> dict[str, Any]:
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
    game: dict[str, Any] = next(node for node in nodes if node["price"]["points"] > 0)
    guide.show(
        "Find it by its title",
        "query($text: String!) { products(search: $text, first: 3) { edges { node { id title } } } }",
        {"text": game["title"]},
        expect=lambda data: game["id"] in [edge["node"]["id"] for edge in data["products"]["edges"]],
    )
    return game


def _ordered(guide: Guide, token: str, game: dict[str, Any]) -> str:
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
    return str(placed["placeOrder"]["id"])


def _pay(guide: Guide, token: str, order_id: str) -> None:
    started = guide.show(
        "Start its payment",
        """mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "start") {
            ... on Payment { id state amount expiresAt } ... on OutOfStock { message } } }""",
        {"id": order_id},
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


def _look_round(guide: Guide, token: str) -> None:
    # Order and library learn of the payment by its event, each for itself.
    followed = "{ me { orders(first: 1) { edges { node { state } } } library { totalCount } } }"
    guide.wait(followed, token, _has_followed, 30)
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


def _has_followed(data: dict[str, Any]) -> bool:
    me = data["me"]
    return bool(me["library"]["totalCount"] and me["orders"]["edges"][0]["node"]["state"] == "PAID")


def _play(guide: Guide, token: str, game: dict[str, Any]) -> None:
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

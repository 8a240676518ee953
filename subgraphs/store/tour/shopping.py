"""A customer searches, wishes, orders, pays and plays."""

from typing import Any

from subgraphs.store.tour.client import TourClient
from subgraphs.store.tour.operations import new_user


def shopping(tour: TourClient) -> None:
    """A new customer buys a game."""
    token = new_user(tour)
    tour.run(
        "Buy points",
        """mutation { topUp(amount: 200000, idempotencyKey: "first") { balance } }""",
        token=token,
        expect=lambda data: data["topUp"]["balance"] == 200_000,
    )
    game = _found(tour, token)
    _pay(tour, token, order_id=_ordered(tour, token, game))
    _read_everything(tour, token)
    _play(tour, token, game)


def _found(tour: TourClient, token: str) -> dict[str, Any]:
    found = tour.run(
        "Search the catalogue: the most reviewed games up to 30,000 points",
        """
        { products(filter: {maxPoints: 30000}, sort: MOST_REVIEWED, first: 20) {
            totalCount
            edges { node { id title price { points } genres { name } state owned } } } }
        """,
        token=token,
    )
    nodes = [edge["node"] for edge in found["products"]["edges"]]
    game: dict[str, Any] = next(node for node in nodes if node["price"]["points"] > 0)
    tour.run(
        "Search by its title",
        "query($text: String!) { products(search: $text, first: 3) { edges { node { id title } } } }",
        {"text": game["title"]},
        expect=lambda data: game["id"] in [edge["node"]["id"] for edge in data["products"]["edges"]],
    )
    return game


def _ordered(tour: TourClient, token: str, game: dict[str, Any]) -> str:
    tour.run(
        "Add it to the wishlist",
        """mutation($id: ID!) { addToWishlist(productId: $id) {
            ... on WishlistItem { product { title } addedAt } ... on AlreadyOwned { message } } }""",
        {"id": game["id"]},
        token,
        expect=lambda data: data["addToWishlist"]["product"]["title"] == game["title"],
    )
    placed = tour.run(
        "Order it, at a price that is fixed now",
        """mutation($ids: [ID!]!) { placeOrder(input: {productIds: $ids, idempotencyKey: "order"}) {
            ... on Order { id state totalPoints lines { points product { title } } }
            ... on NotOnWishlist { message } ... on AlreadyOwned { message } } }""",
        {"ids": [game["id"]]},
        token,
        expect=lambda data: data["placeOrder"]["state"] == "READY",
    )
    return str(placed["placeOrder"]["id"])


def _pay(tour: TourClient, token: str, order_id: str) -> None:
    started = tour.run(
        "Start the payment",
        """mutation($id: ID!) { startPayment(orderId: $id, idempotencyKey: "start") {
            ... on Payment { id state amount expiresAt } ... on OutOfStock { message } } }""",
        {"id": order_id},
        token,
        expect=lambda data: data["startPayment"]["state"] == "READY",
    )
    tour.run(
        "Pay: wallet, ledger and payment change in one transaction",
        """mutation($id: ID!) { pay(paymentId: $id) {
            ... on Payment { id state paidAt } ... on InsufficientPoints { required balance } } }""",
        {"id": started["startPayment"]["id"]},
        token,
        expect=lambda data: data["pay"]["state"] == "PAID",
    )


def _read_everything(tour: TourClient, token: str) -> None:
    tour.run(
        "Read everything about me: six subgraphs in one operation",
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


def _play(tour: TourClient, token: str, game: dict[str, Any]) -> None:
    tour.run(
        "Play it",
        """mutation($id: ID!) { play(productId: $id) {
            ... on Play { playedAt product { title } } ... on NotOwned { message } } }""",
        {"id": game["id"]},
        token,
        expect=lambda data: data["play"]["playedAt"],
    )
    tour.run(
        "Read what I played",
        "{ me { playHistory { edges { node { product { title } playedAt } } } } }",
        token=token,
        expect=lambda data: len(data["me"]["playHistory"]["edges"]) == 1,
    )

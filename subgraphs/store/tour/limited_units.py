"""Products with few units: limited stock and a flash sale."""

import uuid
from datetime import UTC, datetime, timedelta

from subgraphs.store.tour.client import TourClient
from subgraphs.store.tour.operations import CHECKOUT, developer, new_user, player, publish


def limited_stock(tour: TourClient) -> None:
    """Sells the only unit of a product."""
    seller = developer(tour)
    product_id = publish(tour, seller, "The Only Copy")
    tour.run(
        "Limit it to one unit",
        "mutation($id: ID!) { limitStock(productId: $id, units: 1) { state stock { total remaining } } }",
        {"id": product_id},
        seller,
        expect=lambda data: data["limitStock"]["stock"]["remaining"] == 1,
    )
    poor = new_user(tour)
    tour.run(
        "Too few points: nothing is charged or stays held",
        CHECKOUT,
        {"input": {"idempotencyKey": "poor", "productIds": [product_id]}},
        poor,
        expect=lambda data: data["checkout"]["__typename"] == "InsufficientPoints",
    )
    tour.run(
        "Buy it now: order, hold and payment in one operation",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), "productIds": [product_id], "expectedTotal": 12987}},
        player(tour),
        expect=lambda data: data["checkout"]["state"] == data["checkout"]["order"]["state"] == "PAID",
    )
    tour.run(
        "The next customer is too late",
        CHECKOUT,
        {"input": {"idempotencyKey": "late", "productIds": [product_id]}},
        poor,
        expect=lambda data: data["checkout"]["items"][0]["available"] == 0,
    )


def flash_sale(tour: TourClient) -> None:
    """Sells two units at a tenth of the price, for an hour."""
    seller = developer(tour)
    product_id = publish(tour, seller, "Flash in the Pan")
    sale_id = _announce(tour, seller, product_id)
    token = player(tour)
    claim = tour.run(
        "Claim a unit, which is held for five minutes",
        """mutation($id: ID!) { claim(saleId: $id) {
            ... on Claim { id state expiresAt sale { remaining } } ... on SoldOut { message } } }""",
        {"id": sale_id},
        token,
        expect=lambda data: data["claim"]["state"] == "HELD",
    )
    wanted = {"productIds": [product_id], "claimIds": [claim["claim"]["id"]], "expectedTotal": 1299}
    tour.run(
        "Buy the claimed unit at the sale's price",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), **wanted}},
        token,
        expect=lambda data: data["checkout"]["amount"] == 1299,
    )


def _announce(tour: TourClient, seller: str, product_id: str) -> str:
    now = datetime.now(UTC)
    times = {"startsAt": (now - timedelta(seconds=1)).isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    sale = tour.run(
        "Announce a flash sale",
        """mutation($input: FlashSaleInput!) { createFlashSale(input: $input) {
            id state units remaining points product { title price { points } } } }""",
        {"input": {"productId": product_id, "points": 1299, "units": 2, **times}},
        seller,
        expect=lambda data: data["createFlashSale"]["state"] == "OPEN",
    )
    return str(sale["createFlashSale"]["id"])

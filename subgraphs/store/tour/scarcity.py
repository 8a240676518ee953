"""Products of which there are few units."""

import uuid
from datetime import UTC, datetime, timedelta

from subgraphs.store.tour.basics import CHECKOUT, developer, new_user, player, publish
from subgraphs.store.tour.guide import Guide


def limited_stock(guide: Guide) -> None:
    """A product of which there is one."""
    seller = developer(guide)
    product_id = publish(guide, seller, "The Only Copy")
    guide.show(
        "Limit it to one unit",
        "mutation($id: ID!) { limitStock(productId: $id, units: 1) { state stock { total remaining } } }",
        {"id": product_id},
        seller,
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
    seller = developer(guide)
    product_id = publish(guide, seller, "Flash in the Pan")
    sale_id = _announce(guide, seller, product_id)
    token = player(guide)
    claim = guide.show(
        "Claim a unit: it is held for five minutes",
        """mutation($id: ID!) { claim(saleId: $id) {
            ... on Claim { id state expiresAt sale { remaining } } ... on SoldOut { message } } }""",
        {"id": sale_id},
        token,
        expect=lambda data: data["claim"]["state"] == "HELD",
    )
    wanted = {"productIds": [product_id], "claimIds": [claim["claim"]["id"]], "expectedTotal": 1299}
    guide.show(
        "Buy the claimed unit at the sale's price",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), **wanted}},
        token,
        expect=lambda data: data["checkout"]["amount"] == 1299,
    )


def _announce(guide: Guide, seller: str, product_id: str) -> str:
    now = datetime.now(UTC)
    times = {"startsAt": (now - timedelta(seconds=1)).isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    sale = guide.show(
        "Announce a flash sale",
        """mutation($input: FlashSaleInput!) { createFlashSale(input: $input) {
            id state units remaining points product { title price { points } } } }""",
        {"input": {"productId": product_id, "points": 1299, "units": 2, **times}},
        seller,
        expect=lambda data: data["createFlashSale"]["state"] == "OPEN",
    )
    return str(sale["createFlashSale"]["id"])

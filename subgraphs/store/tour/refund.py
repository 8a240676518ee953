"""The refund of a game."""

import uuid

from subgraphs.store.tour.client import TourClient
from subgraphs.store.tour.operations import CHECKOUT, developer, player, publish


def refund(tour: TourClient, settles: bool) -> None:
    """Buys a game and refunds it unplayed. `settles`: whether the store pays refunds within seconds."""
    token = player(tour)
    product_id = publish(tour, developer(tour), "Not My Kind of Game")
    bought = tour.run(
        "Buy something on impulse",
        CHECKOUT,
        {"input": {"idempotencyKey": str(uuid.uuid4()), "productIds": [product_id]}},
        token,
        expect=lambda data: data["checkout"]["state"] == "PAID",
    )
    payment_id = bought["checkout"]["id"]
    tour.run(
        "Ask for a refund",
        """mutation($id: ID!, $key: String!) { refund(paymentId: $id, idempotencyKey: $key) {
            ... on Refund { state amount products { title } } ... on NotRefundable { message } } }""",
        {"id": payment_id, "key": str(uuid.uuid4())},
        token,
        expect=lambda data: data["refund"]["amount"] == 12987,
    )
    state = f'{{ payment(id: "{payment_id}") {{ refunds {{ state }} }} }}'
    settled = tour.wait(
        state,
        token,
        lambda data: data["payment"]["refunds"][0]["state"] == "COMPLETED",
        5 if settles else 0.5,
    )
    tour.run(
        "Settled: the points are back" if settled else "It settles after a day (STEAMPUNK_SETTLEMENT_DELAY)",
        "query($id: ID!) { payment(id: $id) { state refunds { state amount completedAt } } }",
        {"id": payment_id},
        token,
        expect=lambda data: data["payment"]["state"] == "REFUNDED" and (settled or not settles),
    )

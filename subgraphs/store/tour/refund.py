"""A game that is given back."""

import uuid

from subgraphs.store.tour.basics import CHECKOUT, developer, player, publish
from subgraphs.store.tour.guide import Guide


def refund(guide: Guide, settles: bool) -> None:
    """Give back what was not played."""
    token = player(guide)
    product_id = publish(guide, developer(guide), "Not My Kind of Game")
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

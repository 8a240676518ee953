"""Compares a customer's journal with the store, read through the router."""

from collections.abc import Iterator
from typing import Any

from tests.faults.customer import Customer

EVERYTHING = """{ me {
    wallet { balance }
    payments(first: 100) { totalCount edges { node {
        id state amount order { id state } refunds { id state amount products { id } } } } }
    orders(first: 100) { edges { node { id state totalPoints } } }
    claims(first: 100) { edges { node { id state } } }
    library(first: 100) { edges { node { product { id } played } } }
    wishlist(first: 100) { edges { node { product { id } } } }
    playHistory { totalCount } } }"""
ALLOWED_STATES = {
    "READY": {"READY", "EXPIRED"},
    "PAID": {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"},
    "CANCELLED": {"CANCELLED"},
    "EXPIRED": {"EXPIRED"},
}
"""The states that a payment may have, by its last acknowledged state."""
ALLOWED_CLAIM_STATES = {
    "HELD": {"HELD", "SOLD", "RELEASED", "EXPIRED"},
    "BOUGHT": {"SOLD", "RELEASED"},
    "RELEASED": {"RELEASED"},
}


async def differences(customer: Customer) -> list[str]:
    """Describes each difference between a customer's journal and the store at rest."""
    me = await customer.line.ask(EVERYTHING.replace("{ me", "{ out: me", 1), customer.account)
    return [f"{customer.account.id}: {text}" for text in _differences(customer, me)]


def _differences(customer: Customer, me: dict[str, Any]) -> Iterator[str]:
    yield from customer.wrong
    if me["wallet"]["balance"] != customer.balance:
        yield f"the balance is {me['wallet']['balance']}, not {customer.balance}"
    yield from _payments(customer, _nodes(me, "payments"))
    yield from _orders(customer, _nodes(me, "orders"))
    yield from _goods(customer, me)
    states = {claim["id"]: claim["state"] for claim in _nodes(me, "claims")}
    for claim_id, state in customer.claims.items():
        if states.get(claim_id) not in ALLOWED_CLAIM_STATES[state]:
            yield f"claim {claim_id} was acknowledged as {state}, is {states.get(claim_id)}"


def _payments(customer: Customer, found: list[dict[str, Any]]) -> Iterator[str]:
    payments = {payment["id"]: payment for payment in found}
    for payment_id in payments.keys() ^ customer.payments.keys():
        yield f"payment {payment_id} is {payments.get(payment_id)}, not {customer.payments.get(payment_id)}"
    for payment_id in payments.keys() & customer.payments.keys():
        payment, known = payments[payment_id], customer.payments[payment_id]
        if payment["state"] not in ALLOWED_STATES[known.state] or payment["amount"] != known.amount:
            yield f"{payment} was acknowledged as {known}"
        if known.state == "PAID" and payment["order"]["state"] != "PAID":
            yield f"{payment} was paid, but its order was not"
        refunds = {refund["id"]: refund for refund in payment["refunds"]}
        products = {id: sorted(p["id"] for p in refund["products"]) for id, refund in refunds.items()}
        if products != {id: sorted(given) for id, given in known.refunds.items()}:
            yield f"{payment} was acknowledged as {known}"
        if any(refund["state"] != "COMPLETED" for refund in refunds.values()):
            yield f"{payment} has a refund that was not paid"


def _orders(customer: Customer, found: list[dict[str, Any]]) -> Iterator[str]:
    orders = {order["id"]: order for order in found}
    with_payment = {payment.order_id for payment in customer.payments.values()}
    for order_id, total in customer.orders.items():
        if order_id not in orders or orders[order_id]["totalPoints"] != total:
            yield f"order {order_id} was acknowledged at {total}, is {orders.get(order_id)}"
    for order in found:
        if order["id"] not in customer.orders.keys() | with_payment and order["state"] != "CANCELLED":
            yield f"{order} belongs to a checkout that failed"


def _goods(customer: Customer, me: dict[str, Any]) -> Iterator[str]:
    owned = sorted(game["product"]["id"] for game in _nodes(me, "library"))
    bought = sorted(product for payment in customer.payments.values() for product in payment.kept)
    if owned != bought:
        yield f"the library has {owned}, not {bought}"
    wished = {wish["product"]["id"] for wish in _nodes(me, "wishlist")}
    paid = {product for one in customer.payments.values() if one.state == "PAID" for product in one.lines}
    if customer.wishes - paid - wished:
        yield f"lost wishes: {customer.wishes - paid - wished}"
    if me["playHistory"]["totalCount"] < sum(customer.plays.values()):
        yield f"the play history has {me['playHistory']['totalCount']} of {customer.plays}"


def _nodes(me: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [edge["node"] for edge in me[name]["edges"]]

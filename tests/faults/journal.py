"""Whether what customers were told still stands, read back through the router."""

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
LATER = {
    "READY": {"READY", "EXPIRED"},
    "PAID": {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"},
    "CANCELLED": {"CANCELLED"},
    "EXPIRED": {"EXPIRED"},
}
"""The states that a payment may be in after one was acknowledged."""
LATER_CLAIM = {
    "HELD": {"HELD", "SOLD", "RELEASED", "EXPIRED"},
    "BOUGHT": {"SOLD", "RELEASED"},
    "RELEASED": {"RELEASED"},
}


async def differences(customer: Customer) -> list[str]:
    """What a customer at rest was told, and is not so."""
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
    for claim_id, told in customer.claims.items():
        if states.get(claim_id) not in LATER_CLAIM[told]:
            yield f"claim {claim_id} was told {told}, is {states.get(claim_id)}"


def _payments(customer: Customer, found: list[dict[str, Any]]) -> Iterator[str]:
    payments = {payment["id"]: payment for payment in found}
    for payment_id in payments.keys() ^ customer.payments.keys():
        yield f"payment {payment_id} is {payments.get(payment_id)}, was told {customer.payments.get(payment_id)}"
    for payment_id in payments.keys() & customer.payments.keys():
        payment, told = payments[payment_id], customer.payments[payment_id]
        if payment["state"] not in LATER[told.state] or payment["amount"] != told.amount:
            yield f"{payment} was told {told}"
        if told.state == "PAID" and payment["order"]["state"] != "PAID":
            yield f"{payment} is paid, its order is not"
        refunds = {refund["id"]: refund for refund in payment["refunds"]}
        products = {id: sorted(p["id"] for p in refund["products"]) for id, refund in refunds.items()}
        if products != {id: sorted(given) for id, given in told.refunds.items()}:
            yield f"{payment} was told {told}"
        if any(refund["state"] != "COMPLETED" for refund in refunds.values()):
            yield f"{payment} was not paid back"


def _orders(customer: Customer, found: list[dict[str, Any]]) -> Iterator[str]:
    orders = {order["id"]: order for order in found}
    known = {told.order_id for told in customer.payments.values()}
    for order_id, total in customer.orders.items():
        if order_id not in orders or orders[order_id]["totalPoints"] != total:
            yield f"order {order_id} was told {total}, is {orders.get(order_id)}"
    for order in found:
        if order["id"] not in customer.orders.keys() | known and order["state"] != "CANCELLED":
            yield f"{order} belongs to a checkout that failed"


def _goods(customer: Customer, me: dict[str, Any]) -> Iterator[str]:
    owned = sorted(game["product"]["id"] for game in _nodes(me, "library"))
    bought = sorted(product for told in customer.payments.values() for product in told.kept)
    if owned != bought:
        yield f"the library has {owned}, not {bought}"
    wished = {wish["product"]["id"] for wish in _nodes(me, "wishlist")}
    paid = {product for told in customer.payments.values() if told.state == "PAID" for product in told.lines}
    if customer.wishes - paid - wished:
        yield f"these wishes are gone: {customer.wishes - paid - wished}"
    if me["playHistory"]["totalCount"] < sum(customer.plays.values()):
        yield f"of {customer.plays} only {me['playHistory']['totalCount']} are known"


def _nodes(me: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [edge["node"] for edge in me[name]["edges"]]

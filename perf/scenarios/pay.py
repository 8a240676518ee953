"""`pay`: each user pays a payment of their own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.scenarios.points import charged_once, fill_wallets
from perf.world import Shopper, World, insert_rows
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.idempotency import request_hash
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.checkouts.domain import CheckoutKind, CheckoutRequest, Succeeded
from subgraphs.payment.checkouts.repository import encode
from subgraphs.payment.models import Checkout, Payment, PaymentLine

PAY = """mutation Pay($id: ID!) { pay(paymentId: $id) {
    __typename ... on Payment { id state amount } ... on InsufficientPoints { required } } }"""
PRICE = 1000


async def _prepare(store: World, count: int) -> Load:
    shoppers = store.shoppers(count)
    payments = await ready_payments(store, shoppers)
    calls = [
        Call(shopper.token, body(PAY, {"id": payment}), kind)
        for shopper, payment in zip(shoppers, payments, strict=True)
    ]

    async def faults() -> list[str]:
        return [*await _not_paid(store, payments), *await charged_once(store, shoppers, PRICE)]

    return Load(calls, faults)


SCENARIO = Scenario("pay", _prepare, requests=10_000, concurrency=(20, 64, 1000), warm_up=1000)


def kind(answer: bytes) -> str:
    """The kind of an answer to PAY: "paid" or "error"."""
    return "paid" if b'"PAID"' in answer and b'"errors"' not in answer else "error"


async def ready_payments(store: World, shoppers: Sequence[Shopper]) -> list[str]:
    """Creates ORDERED orders, their READY payments, and wallets that can pay them; the payments' ids."""
    now = datetime.now(UTC)
    ids = [(shopper.id, new_id(), new_id(), new_id()) for shopper in shoppers]
    orders: list[dict[str, Any]] = []
    payments: list[dict[str, Any]] = []
    for user_id, order_id, payment_id, _ in ids:
        orders.append(
            {
                "id": order_id,
                "user_id": user_id,
                "state": "ORDERED",
                "total_points": PRICE,
                "placed_at": now,
                "payment_id": payment_id,
                "placed": True,
            }
        )
        payments.append(
            {
                "id": payment_id,
                "order_id": order_id,
                "user_id": user_id,
                "state": "READY",
                "amount": PRICE,
                "created_at": now,
                "expires_at": now + timedelta(hours=1),
                "holds_units": False,
            }
        )
    lines = [
        {"order_id": order, "position": 0, "product_id": product, "points": PRICE, "discount_percent": 0}
        for _, order, _, product in ids
    ]
    paid = [{"payment_id": payment, "product_id": product, "points": PRICE} for _, _, payment, product in ids]
    await insert_rows(store.databases["order"], Order, orders)
    await insert_rows(store.databases["order"], OrderLine, lines)
    await insert_rows(store.databases["payment"], Payment, payments)
    await insert_rows(store.databases["payment"], PaymentLine, paid)
    await insert_rows(store.databases["payment"], Checkout, [_started(payment) for payment in payments])
    await fill_wallets(store, shoppers)
    return [payment_id for _, _, payment_id, _ in ids]


def _started(payment: dict[str, Any]) -> dict[str, Any]:
    """The checkout that has opened a READY payment. The auditor looks for it."""
    return {
        "id": payment["id"],
        "user_id": payment["user_id"],
        "idempotency_key": request_hash(payment["id"]),
        "request_hash": request_hash(payment["order_id"]),
        "kind": "start",
        "order_id": payment["order_id"],
        "request": encode(CheckoutRequest(kind=CheckoutKind.START, order_id=payment["order_id"])),
        "step": "DONE",
        "outcome": encode(Succeeded()),
        "started_at": payment["created_at"],
        "touched_at": payment["created_at"],
    }


async def _not_paid(store: World, payments: Sequence[str]) -> list[str]:
    paid = select(func.count()).select_from(Payment)
    paid = paid.where(Payment.id.between(min(payments), max(payments)), Payment.state == "PAID")
    async with store.databases["payment"].reading() as session:
        count = await session.scalar(paid)
    return [] if count == len(payments) else [f"{count} of {len(payments)} payments PAID"]

"""`perf pay`: many users pay at once through the router, each one payment.

The system that this store follows published 310 to 326 payments/s, with a maximum of 0.363 s, for 10,000 users.
"""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from perf.common import Call, Measurement, Shopper, World, audited, body, drive, insert_rows, world
from perf.report import print_table, save
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.idempotency import request_hash
from subgraphs.order.models import Order, OrderLine
from subgraphs.payment.checkouts.domain import CheckoutKind, CheckoutRequest, Succeeded
from subgraphs.payment.checkouts.repository import encode
from subgraphs.payment.models import Checkout, LedgerEntry, Outbox, Payment, PaymentLine, TopUp, Wallet

PAY = """mutation Pay($id: ID!) { pay(paymentId: $id) {
    __typename ... on Payment { id state amount } ... on InsufficientPoints { required } } }"""
PRICE = 1000
START_BALANCE = 100_000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="perf pay", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[20, 64, 1000])
    parser.add_argument("--warm-up", type=int, default=1000, help="payments of a first run that is not measured")
    parser.add_argument("--no-audit", action="store_true", help="do not run the auditor")
    options = parser.parse_args(arguments)
    return asyncio.run(run(options))


async def run(options: argparse.Namespace) -> int:
    rows, measurements, wrong = [], {}, 0
    async with world() as store:
        if options.warm_up:
            print(f"Warming up with {options.warm_up:,} payments ...", flush=True)
            await measure(store, options.warm_up, 20)
        for concurrency in options.concurrency:
            name = f"pay, c={concurrency}"
            print(f"{name}: {options.users:,} payments ...", flush=True)
            measurement, faults = await measure(store, options.users, concurrency)
            rows.append(measurement.row(name))
            measurements[name] = measurement
            wrong += measurement.errors + len(faults)
            for fault in [*faults, *measurement.samples]:
                print(f"{name}: {fault}")
        if not options.no_audit:
            wrong += await audited(store)
    print_table(f"{options.users:,} payments through {store.settings.graphql_url} (times in ms)", rows)
    print_table("CPU time of a payment in ms", [one.costs(name) for name, one in measurements.items()])
    print(f"Plot: {save('pay', rows, measurements)}")
    return 1 if wrong else 0


async def measure(store: World, users: int, concurrency: int) -> tuple[Measurement, list[str]]:
    """One run, and the faults of its end state."""
    shoppers = store.shoppers(users)
    payments = await prepare(store, shoppers)
    calls = [
        Call(shopper.token, body(PAY, {"id": payment}), kind)
        for shopper, payment in zip(shoppers, payments, strict=True)
    ]
    before = store.cpu_seconds()
    measurement = await drive(store.settings.graphql_url, calls, concurrency)
    faults = await check(store, shoppers, payments)
    measurement.cpu_seconds = store.cpu_seconds(since=before)  # what consumers spend on the events, too
    return measurement, faults


def kind(answer: bytes) -> str:
    """The kind of an answer to PAY: "paid" or "error"."""
    return "paid" if b'"PAID"' in answer and b'"errors"' not in answer else "error"


async def prepare(store: World, shoppers: list[Shopper]) -> list[str]:
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
    await fill_wallets(store, [shopper.id for shopper in shoppers], now)
    return [payment_id for _, _, payment_id, _ in ids]


def _started(payment: dict[str, Any]) -> dict[str, Any]:
    """The finished saga of a READY payment, which the auditor expects."""
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


async def fill_wallets(store: World, user_ids: list[str], now: datetime) -> None:
    """Tops up a new wallet for each user."""
    database = store.databases["payment"]
    wallets = [{"user_id": user_id, "balance": START_BALANCE} for user_id in user_ids]
    top_ups = [
        {"user_id": user_id, "idempotency_key": request_hash(user_id), "id": new_id(), "amount": START_BALANCE}
        for user_id in user_ids
    ]
    entries = [
        {
            "user_id": user_id,
            "kind": "TOP_UP",
            "amount": START_BALANCE,
            "balance_after": START_BALANCE,
            "reference": f"top-up:{top_up['id']}",
            "created_at": now,
        }
        for user_id, top_up in zip(user_ids, top_ups, strict=True)
    ]
    await insert_rows(database, TopUp, top_ups)
    await insert_rows(database, Wallet, wallets)
    await insert_rows(database, LedgerEntry, entries)


async def check(store: World, shoppers: list[Shopper], payments: list[str]) -> list[str]:
    """The faults of the end state: payments not PAID, wallets not charged once, undelivered events."""
    faults, first, last = [], min(payments), max(payments)
    async with store.databases["payment"].reading() as session:
        paid = select(func.count()).select_from(Payment)
        paid = paid.where(Payment.id.between(first, last), Payment.state == "PAID")
        users = [shopper.id for shopper in shoppers]
        charged = select(func.count()).select_from(Wallet)
        charged = charged.where(Wallet.user_id.between(min(users), max(users)), Wallet.balance == START_BALANCE - PRICE)
        for what, query in {"payments PAID": paid, "wallets charged once": charged}.items():
            count = await session.scalar(query)
            if count != len(payments):
                faults.append(f"{count} of {len(payments)} {what}")
    for _ in range(120):
        async with store.databases["payment"].reading() as session:
            if not await session.scalar(select(func.count()).select_from(Outbox)):
                return faults
        await asyncio.sleep(0.5)
    return [*faults, "events are undelivered after a minute"]

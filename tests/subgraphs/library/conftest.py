"""Helpers of the library's tests: pay for games, and wait until they are granted."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from subgraphs.contracts.payment import PaidLine, PaymentPaid
from subgraphs.kit.database.columns import new_id
from subgraphs.library.models import Game
from tests.clients import Account, eventually

PAID_AT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def paid(user_id: str, *products: str) -> PaymentPaid:
    """The event of a new payment."""
    lines = [PaidLine(product_id=product, points=1000) for product in products]
    return PaymentPaid(payment_id=new_id(), order_id=new_id(), user_id=user_id, paid_at=PAID_AT, lines=lines)


@pytest.fixture(name="paid", scope="session")
def paid_fixture() -> Callable[..., PaymentPaid]:
    return paid


@pytest.fixture(scope="session")
def rows(sql: Any) -> Callable[[str], Awaitable[list[Game]]]:
    """All games of a user, revoked ones included, the oldest first."""

    async def read(user_id: str) -> list[Game]:
        async with sql("library").reading() as session:
            found = await session.scalars(select(Game).where(Game.user_id == user_id).order_by(Game.id))
            return list(found)

    return read


@pytest.fixture(scope="session")
def delivered(publish: Any, rows: Any) -> Callable[..., Awaitable[None]]:
    """Publishes events and waits until the library has applied them all.

    One producer's events come in order, so a last event, for another user, shows that all have been applied.
    """

    async def deliver(*events: PaymentPaid) -> None:
        last = paid(new_id(), new_id())
        for event in (*events, last):
            await publish(event)
        await eventually(lambda: rows(last.user_id))

    return deliver


@pytest.fixture(scope="session")
def grant(delivered: Any) -> Callable[..., Awaitable[PaymentPaid]]:
    """Grants products to a user: delivers their payment's event."""

    async def pay(viewer: Account, *products: str) -> PaymentPaid:
        event = paid(viewer.id, *products)
        await delivered(event)
        return event

    return pay

"""Values of stock for its unit tests. Times are seconds from START."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from subgraphs.stock.claims.domain import Claim, ClaimState
from subgraphs.stock.sales.domain import Sale

START = datetime(2030, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def a_sale(
    id: str = "sale", *, units: int = 5, now: float = 0, starts: float = -60, ends: float = 60, **more: Any
) -> Sale:
    """An open sale, unless told otherwise."""
    fields = {"product_id": f"product of {id}", "points": 500, "remaining": units, "cancelled_at": None, **more}
    return Sale(id=id, units=units, starts_at=at(starts), ends_at=at(ends), as_of=at(now), **fields)


def a_claim(
    user_id: str = "user", sale_id: str = "sale", *, now: float = 0, expires: float = 300, **more: Any
) -> Claim:
    """A claim that is HELD and in no payment, unless told otherwise."""
    fields = {"id": f"{user_id} on {sale_id}", "stored_state": ClaimState.HELD, "payment_id": None, **more}
    return Claim(user_id=user_id, sale_id=sale_id, created_at=at(-30), expires_at=at(expires), as_of=at(now), **fields)


def ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new {next(numbers)}"

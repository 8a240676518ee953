"""How the engines find what was sold of a product: along an index of its payments, not by reading all lines."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert

from subgraphs.kit.database.columns import first_id_at, new_id
from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Payment, PaymentLine
from subgraphs.payment.payments.domain import PaymentState
from subgraphs.payment.sold.domain import Period
from subgraphs.payment.sold.repository import SoldRepository

PERIOD = Period(date(2020, 2, 1), date(2020, 2, 29))
STARTED_BEFORE = timedelta(minutes=4)
"""How long before its charge a payment was made: one of the first second of a month was made in the month before."""


def paid(on: datetime, product: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A payment of one product, and its line."""
    made_at = on - STARTED_BEFORE
    payment_id = first_id_at(made_at) + new_id()[len(first_id_at(made_at)) :]
    times = {"created_at": made_at, "expires_at": on + STARTED_BEFORE, "paid_at": on}
    state = {"state": PaymentState.PAID.value, "amount": 1}
    payment = {"id": payment_id, "order_id": new_id(), "user_id": new_id(), **state, **times}
    return payment, {"payment_id": payment_id, "product_id": product, "points": 1}


async def test_the_days_of_a_product_are_found_by_the_index(sql: Callable[[str], Database]) -> None:
    database, products = sql("payment"), [new_id() for _ in range(50)]
    bills = [
        paid(datetime(2020, month, 1, 0, 0, second, tzinfo=UTC), product)
        for product in products
        for month in range(1, 13)
        for second in range(5)
    ]
    async with database.transaction() as session:
        await session.execute(insert(Payment), [payment for payment, _ in bills])
        await session.execute(insert(PaymentLine), [line for _, line in bills])
    statements: list[tuple[str, Any]] = []
    engine = database.reader.sync_engine

    def collect(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "payment_lines" in statement:
            statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", collect)
    async with database.reading() as session:
        found = await SoldRepository(session).by_day(products[:2], PERIOD)
    event.remove(engine, "before_cursor_execute", collect)

    assert {product: [(one.day, one.sold.units) for one in days] for product, days in found.items()} == {
        product: [(date(2020, 2, 1), 5)] for product in products[:2]
    }
    ((statement, parameters),) = statements
    verb = "EXPLAIN" if engine.dialect.name != "sqlite" else "EXPLAIN QUERY PLAN"
    async with database.reader.connect() as connection:
        rows = (await connection.exec_driver_sql(f"{verb} {statement}", parameters)).all()
    plan = [" ".join(map(str, row)) for row in rows]
    assert "ix_payment_lines_by_product" in plan[0], plan
    assert not any(" ALL " in line or line.split()[-2:-1] == ["SCAN"] for line in plan), plan

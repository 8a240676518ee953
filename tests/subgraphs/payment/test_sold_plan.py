"""How the engines find what was sold of a product: along an index of its days, not by reading all lines."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import event, insert

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.payment.models import PaymentLine
from subgraphs.payment.sold.domain import Period
from subgraphs.payment.sold.repository import SoldRepository

PERIOD = Period(date(2020, 2, 1), date(2020, 2, 29))


async def test_the_days_of_a_product_are_found_by_the_index(sql: Callable[[str], Database]) -> None:
    database, products = sql("payment"), [new_id() for _ in range(50)]
    async with database.transaction() as session:
        lines = [
            {
                "payment_id": new_id(),
                "product_id": product,
                "points": 1,
                "paid_at": datetime(2020, month, 3, tzinfo=UTC),
            }
            for product in products
            for month in range(1, 13)
            for _ in range(5)
        ]
        await session.execute(insert(PaymentLine), lines)
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
        product: [(date(2020, 2, 3), 5)] for product in products[:2]
    }
    ((statement, parameters),) = statements
    verb = "EXPLAIN" if engine.dialect.name != "sqlite" else "EXPLAIN QUERY PLAN"
    async with database.reader.connect() as connection:
        rows = (await connection.exec_driver_sql(f"{verb} {statement}", parameters)).all()
    plan = [" ".join(map(str, row)) for row in rows]
    assert "ix_payment_lines_sold" in plan[0], plan
    assert not any(" ALL " in line or line.split()[-2:-1] == ["SCAN"] for line in plan), plan

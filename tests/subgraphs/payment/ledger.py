"""What the payment database holds, read back."""

from collections.abc import Callable

from sqlalchemy import func, select

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import LedgerEntry, Outbox, Wallet


async def ledger(sql: Callable[[str], Database], user_id: str) -> list[tuple[str, int, int]]:
    """A user's ledger in order; its running balance and the wallet's are checked on the way."""
    async with sql("payment").reading() as session:
        query = select(LedgerEntry).where(LedgerEntry.user_id == user_id).order_by(LedgerEntry.id)
        entries = (await session.scalars(query)).all()
        wallet = await session.get(Wallet, user_id)
    balance = 0
    for entry in entries:
        balance += entry.amount
        assert entry.balance_after == balance >= 0
    assert wallet is not None
    assert wallet.balance == balance
    return [(entry.kind, entry.amount, entry.balance_after) for entry in entries]


async def applied(sql: Callable[[str], Database], payment_id: str) -> bool:
    """Whether every consumer has applied, and confirmed, all events of a payment."""
    async with sql("payment").reading() as session:
        events = select(func.count()).select_from(Outbox).where(Outbox.payload.contains(payment_id))
        return await session.scalar(events) == 0

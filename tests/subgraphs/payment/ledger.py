"""A user's ledger, read back."""

from collections.abc import Callable

from sqlalchemy import select

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import LedgerEntry, Wallet


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

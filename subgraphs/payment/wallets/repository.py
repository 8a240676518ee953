"""The SQL of wallets and their ledger."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from subgraphs.kit.database.database import insert_missing, upsert
from subgraphs.kit.database.repository import Repository, table_of
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.payment import models
from subgraphs.payment.wallets.domain import LedgerEntry, LedgerKind, Posted, TopUp

WALLET = table_of(models.Wallet)
LEDGER = table_of(models.LedgerEntry)

BALANCES = select(WALLET.c.user_id, WALLET.c.balance).where(WALLET.c.user_id.in_(bindparam("users", expanding=True)))
LOCK = BALANCES.order_by(WALLET.c.user_id).with_for_update()

NEWEST_FIRST = (SortKey(models.LedgerEntry.id.expression, lambda entry: int(entry.id), descending=True),)


class WalletRepository(Repository):
    """Wallets, their ledgers, and top-ups. For the lock order see models.py."""

    async def balances(self, user_ids: Collection[str]) -> dict[str, int]:
        """The balances in points, by user; a user without a wallet is left out."""
        rows = await self._session.execute(BALANCES, {"users": list(user_ids)})
        return {row.user_id: row.balance for row in rows}

    async def lock(self, user_ids: Iterable[str]) -> dict[str, int]:
        """The locked balances in points, by user; a user without a wallet gets an empty one."""
        users = sorted(set(user_ids))
        balances = await self._lock(users)
        missing = [{"user_id": user_id, "balance": 0} for user_id in users if user_id not in balances]
        if missing:
            await insert_missing(self._session, models.Wallet, missing)
            balances = await self._lock(users)
        return balances

    async def _lock(self, users: list[str]) -> dict[str, int]:
        return {row.user_id: row.balance for row in await self._session.execute(LOCK, {"users": users})}

    async def add_entries(self, posted: Sequence[Posted], now: datetime) -> None:
        """Adds ledger entries of locked wallets, and brings the balances up to date."""
        balances = {entry.posting.user_id: entry.balance_after for entry in posted}
        wallets = [{"user_id": user_id, "balance": balances[user_id]} for user_id in sorted(balances)]
        await upsert(self._session, models.Wallet, wallets, ["balance"])
        await self._session.execute(insert(LEDGER), [_entry_row(entry, now) for entry in posted])

    async def page(self, user_id: str, page_request: PageRequest) -> Page[LedgerEntry]:
        """A user's ledger, newest entry first."""
        query = select(LEDGER).where(models.LedgerEntry.user_id == user_id)
        rows = await self._session.execute(paginate(query, NEWEST_FIRST, page_request))
        return page_of([_entry(row) for row in rows], NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count()).select_from(models.LedgerEntry).where(models.LedgerEntry.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def add_top_up(self, top_up: TopUp) -> TopUp:
        """The stored top-up of this user and key: the given one, unless there was one before."""
        row = {"id": top_up.id, "user_id": top_up.user_id, "idempotency_key": top_up.key, "amount": top_up.amount}
        await insert_missing(self._session, models.TopUp, [row])
        query = select(models.TopUp.__table__).where(
            models.TopUp.user_id == top_up.user_id, models.TopUp.idempotency_key == top_up.key
        )
        stored = (await self._session.execute(query)).one()
        return TopUp(id=stored.id, user_id=stored.user_id, key=stored.idempotency_key, amount=stored.amount)


def _entry(row: Any) -> LedgerEntry:
    return LedgerEntry(
        id=row.id,
        kind=LedgerKind(row.kind),
        amount=row.amount,
        balance_after=row.balance_after,
        payment_id=row.payment_id,
        created_at=row.created_at,
    )


def _entry_row(entry: Posted, now: datetime) -> dict[str, Any]:
    return {
        "user_id": entry.posting.user_id,
        "kind": entry.posting.kind.value,
        "amount": entry.posting.amount,
        "balance_after": entry.balance_after,
        "payment_id": entry.posting.payment_id,
        "reference": entry.posting.reference,
        "created_at": now,
    }

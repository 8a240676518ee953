"""The payment subgraph's SQL on wallets and their ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select

from subgraphs.kit.database.database import insert_missing, upsert
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.graphql.paging import Page, PageRequest, SortKey, page_of, paginate
from subgraphs.payment.models import LedgerEntry, TopUp, Wallet


@dataclass(frozen=True)
class Posting:
    """Points that enter (positive) or leave (negative) a wallet, and their cause: `reference` is unique."""

    user_id: str
    kind: str
    amount: int
    reference: str
    payment_id: str | None = None


NEWEST_FIRST = (SortKey(LedgerEntry.id.expression, lambda entry: int(entry.id), descending=True),)


class WalletRepository(Repository):
    """Wallets and their ledgers. Lock order: see repository.py."""

    async def balances(self, user_ids: Sequence[str]) -> dict[str, int]:
        rows = await self._session.execute(select(Wallet.user_id, Wallet.balance).where(Wallet.user_id.in_(user_ids)))
        return {row.user_id: row.balance for row in rows}

    async def lock(self, user_ids: Iterable[str]) -> dict[str, int]:
        """The balances, locked; a user without a wallet gets an empty one."""
        wanted = sorted(set(user_ids))
        query = select(Wallet.user_id, Wallet.balance).where(Wallet.user_id.in_(wanted))
        query = query.order_by(Wallet.user_id).with_for_update()
        balances = {row.user_id: row.balance for row in await self._session.execute(query)}
        missing = [{"user_id": user_id, "balance": 0} for user_id in wanted if user_id not in balances]
        if missing:
            await insert_missing(self._session, Wallet, missing)
            balances = {row.user_id: row.balance for row in await self._session.execute(query)}
        return balances

    async def move(self, balances: dict[str, int], movements: Sequence[Posting]) -> None:
        """Writes movements of locked wallets, in order, and brings `balances` up to date."""
        if not movements:
            return
        now = await self.now()
        entries = []
        for movement in movements:
            balances[movement.user_id] += movement.amount
            entries.append(
                {
                    "user_id": movement.user_id,
                    "kind": movement.kind,
                    "amount": movement.amount,
                    "balance_after": balances[movement.user_id],
                    "payment_id": movement.payment_id,
                    "reference": movement.reference,
                    "created_at": now,
                }
            )
        touched = {movement.user_id for movement in movements}
        rows = [{"user_id": user_id, "balance": balances[user_id]} for user_id in sorted(touched)]
        await upsert(self._session, Wallet, rows, ["balance"])
        await self._session.execute(insert(LedgerEntry), entries)

    async def page(self, user_id: str, page_request: PageRequest) -> Page[LedgerEntry]:
        query = select(LedgerEntry).where(LedgerEntry.user_id == user_id)
        rows = (await self._session.scalars(paginate(query, NEWEST_FIRST, page_request))).all()
        return page_of(rows, NEWEST_FIRST, page_request)

    async def count(self, user_id: str) -> int:
        query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def remember_top_up(self, top_up: dict[str, str | int]) -> TopUp:
        """The top-up of this user and key: the given one, unless there was one before."""
        await insert_missing(self._session, TopUp, [top_up])
        found = await self._session.scalar(
            select(TopUp).where(TopUp.user_id == top_up["user_id"], TopUp.idempotency_key == top_up["idempotency_key"])
        )
        assert found is not None
        return found

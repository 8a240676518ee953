"""Wallets: balances, ledgers, and buying points."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import IdempotencyConflict, InvalidState
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.idempotency import checked_key
from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.wallets.domain import LedgerEntry, Posting, TopUp, check_room, checked_amount, post
from subgraphs.payment.wallets.repository import WalletRepository


class Wallets:
    """The points of users."""

    def __init__(self, runtime: Runtime, config: PaymentSettings) -> None:
        self._database = runtime.database
        self._config = config

    async def balances(self, user_ids: list[str]) -> list[int]:
        """The users' balances in points, in the order of `user_ids`; 0 for a user without a wallet."""
        async with self._database.reading() as session:
            found = await WalletRepository(session).balances(user_ids)
        return [found.get(user_id, 0) for user_id in user_ids]

    async def page(self, user_id: str, page_request: PageRequest) -> Page[LedgerEntry]:
        """A user's ledger, newest entry first."""
        async with self._database.reading() as session:
            return await WalletRepository(session).page(user_id, page_request)

    async def count(self, user_id: str) -> int:
        """The number of entries in a user's ledger."""
        async with self._database.reading() as session:
            return await WalletRepository(session).count(user_id)

    @retry_on_conflict
    async def top_up(self, viewer: Viewer, amount: int, key: str) -> None:
        """Buys points from the sandbox. The same key and amount buy once.

        Raises BadUserInput, IdempotencyConflict (same key, other amount), InvalidState (no sandbox) and
        LimitExceeded (the wallet would be too full).
        """
        if self._config.top_up_provider != "sandbox":
            raise InvalidState("Only the sandbox gives points at once: use startTopUp.")
        with InputCheck() as check:
            amount = check.value(checked_amount, amount)
            key_hash = check.value(checked_key, key)
        top_up = TopUp(id=new_id(), user_id=viewer.id, key=key_hash, amount=amount)
        async with self._database.transaction() as session:
            repository = WalletRepository(session)
            balances = await repository.lock([viewer.id])
            stored = await repository.add_top_up(top_up)
            if stored.amount != amount:
                raise IdempotencyConflict
            if stored.id != top_up.id:
                return  # this key has bought before
            check_room(balances[viewer.id], amount)
            await repository.add_entries(post(balances, [top_up.posting]), await repository.now())

    # ---- within the transactions of payments and refunds

    async def lock(self, session: AsyncSession, user_ids: Iterable[str]) -> dict[str, int]:
        """The locked balances in points, by user."""
        return await WalletRepository(session).lock(user_ids)

    async def post(
        self, session: AsyncSession, balances: Mapping[str, int], postings: Sequence[Posting], now: datetime
    ) -> None:
        """Posts to locked wallets, in order. `balances` are those that `lock` returned."""
        await WalletRepository(session).add_entries(post(balances, postings), now)

"""Wallets: a balance in points, its ledger, and buying points."""

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import BadUserInput, IdempotencyConflict, InvalidState, LimitExceeded
from subgraphs.kit.graphql.paging import Page, PageRequest
from subgraphs.kit.idempotency import checked_key
from subgraphs.kit.runtime import Runtime
from subgraphs.payment.models import LedgerEntry
from subgraphs.payment.settings import PaymentSettings
from subgraphs.payment.wallets.repository import Posting, WalletRepository

MAX_TOP_UP = 10_000_000
# GraphQL's Int has 32 bits.
MAX_BALANCE = 2_000_000_000


class Wallets:
    def __init__(self, runtime: Runtime, config: PaymentSettings) -> None:
        self._database = runtime.database
        self._config = config

    async def balances(self, user_ids: list[str]) -> list[int]:
        """The balances of these users, in their order; 0 where nothing was ever paid in."""
        async with self._database.reading() as session:
            found = await WalletRepository(session).balances(user_ids)
        return [found.get(user_id, 0) for user_id in user_ids]

    async def entries(self, user_id: str, page_request: PageRequest) -> Page[LedgerEntry]:
        """The ledger, the newest entry first."""
        async with self._database.reading() as session:
            return await WalletRepository(session).page(user_id, page_request)

    async def count_entries(self, user_id: str) -> int:
        async with self._database.reading() as session:
            return await WalletRepository(session).count(user_id)

    @retry_on_conflict
    async def top_up(self, user_id: str, amount: int, key: str) -> None:
        """Buys points. Raises BadUserInput, IdempotencyConflict, InvalidState, LimitExceeded."""
        if self._config.top_up_provider == "none":
            raise InvalidState("No provider that sells points is configured.")
        if not 1 <= amount <= MAX_TOP_UP:
            raise BadUserInput("amount", f"Between 1 and {MAX_TOP_UP} points can be bought at once.")
        wanted: dict[str, str | int] = {
            "user_id": user_id,
            "idempotency_key": checked_key(key),
            "id": new_id(),
            "amount": amount,
        }
        async with self._database.transaction() as session:
            repository = WalletRepository(session)
            balances = await repository.lock([user_id])
            top_up = await repository.remember_top_up(wanted)
            if top_up.amount != amount:
                raise IdempotencyConflict
            if top_up.id != wanted["id"]:
                return  # bought before, with this key
            if balances[user_id] + amount > MAX_BALANCE:
                raise LimitExceeded(f"A wallet holds at most {MAX_BALANCE} points.")
            await repository.move(balances, [Posting(user_id, "TOP_UP", amount, f"top-up:{top_up.id}")])

"""Seals accounts anew: those of an earlier release, and all of them when one data key replaces another.

It goes on where it was interrupted: each account says who has sealed it.
"""

from cryptography.exceptions import InvalidTag

from subgraphs.kit import telemetry
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.runtime import Runtime
from subgraphs.user.domain import SealedAccount
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.vault import Vault

TAKE_OVER_SECONDS = 10.0
BATCH = 200


class Resealing:
    """Seals accounts by the first data key, in transactions of 200. Other requests go on meanwhile."""

    def __init__(self, runtime: Runtime, vault: Vault, personal_data: PersonalData) -> None:
        self._database = runtime.database
        self._key_name = vault.key_name
        self._personal_data = personal_data

    async def take_over(self) -> None:
        """Seals the accounts that do not say who has sealed them."""
        await self._seal(None)

    async def seal_all(self) -> tuple[int, int]:
        """Seals every account that another key has sealed: how many it has sealed, and how many it cannot open."""
        return await self._seal(self._key_name)

    async def _seal(self, key_name: str | None) -> tuple[int, int]:
        sealed, closed, last = 0, 0, ""
        while True:
            accounts, opened = await self._batch(key_name, last)
            if not accounts:
                return sealed, closed
            sealed, closed, last = sealed + opened, closed + len(accounts) - opened, accounts[-1].id

    @retry_on_conflict
    async def _batch(self, key_name: str | None, after: str) -> tuple[list[SealedAccount], int]:
        """The next accounts, and how many of them could be opened and were sealed anew."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            accounts = await repository.lock_unsealed(key_name, after, BATCH)
            resealed = [one for account in accounts if (one := self._resealed(account))]
            if resealed:
                owners = await repository.owners_of([account.email_index for account in resealed])
                await repository.set_seals([self._with_free_index(account, owners) for account in resealed])
        return accounts, len(resealed)

    def _resealed(self, account: SealedAccount) -> SealedAccount | None:
        try:
            return self._personal_data.reseal(account)
        except InvalidTag:
            telemetry.logger().error("an account cannot be opened", user_id=account.id)
            return None

    def _with_free_index(self, account: SealedAccount, owners: dict[bytes, str]) -> SealedAccount:
        """Two accounts of an earlier release may look the same. Each is then found by its own spelling."""
        if owners.setdefault(account.email_index, account.id) == account.id:
            return account
        return self._personal_data.with_earlier_index(account)

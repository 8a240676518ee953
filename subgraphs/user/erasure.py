"""Erases a person, and keeps the books."""

from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user import validation
from subgraphs.user.confirmation import Confirmation
from subgraphs.user.domain import AccountErased, InvalidCredentials
from subgraphs.user.mail.repository import MailRepository
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.sign_outs import SignOuts


class Erasure:
    """Accounts end by it."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: Confirmation,
        personal_data: PersonalData,
        sign_outs: SignOuts,
    ) -> None:
        self._database = runtime.database
        self._confirmation = confirmation
        self._personal_data = personal_data
        self._sign_outs = sign_outs

    async def erase(self, viewer: Viewer, password: str, client: Client) -> AccountErased | InvalidCredentials:
        """Erases the person: address, number, name and password. The id stays, of which ledgers and orders speak.

        An account that is erased has no right password. Raises BadUserInput, RateLimited and Unavailable.
        """
        validation.password_length(password)
        account = await self._confirmation.account(viewer, password, client)
        if account is None:
            return InvalidCredentials()
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            locked = await repository.lock_existing(viewer.id)
            if locked.password_hash != account.password_hash:
                return InvalidCredentials()  # the password was changed meanwhile
            await repository.erase(self._personal_data.erased(locked))
            await MailRepository(session).remove_tokens(viewer.id)
            ended = await repository.end_sessions_of(viewer.id)
        await self._sign_outs.announce(ended)
        return AccountErased(viewer.id)

"""Erases a person, and keeps the books."""

from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user import validation
from subgraphs.user.confirmation import Confirmation
from subgraphs.user.domain import AccountErased, InvalidCredentials
from subgraphs.user.mail.post import Post
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.sessions import Sessions


class Erasure:
    """Ends an account for good."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: Confirmation,
        personal_data: PersonalData,
        sessions: Sessions,
        post: Post,
    ) -> None:
        self._database = runtime.database
        self._confirmation = confirmation
        self._personal_data = personal_data
        self._sessions = sessions
        self._post = post

    async def erase(self, viewer: Viewer, password: str, client: Client) -> AccountErased | InvalidCredentials:
        """Erases the person: address, number, name and password. The id stays: ledgers and orders refer to it.

        No password is right for an account that is erased. Raises BadUserInput, RateLimited and Unavailable.
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
            await self._post.remove_tokens(session, viewer.id)
            ended = await repository.end_sessions_of(viewer.id)
        await self._sessions.announce_ended(ended)
        return AccountErased(viewer.id)

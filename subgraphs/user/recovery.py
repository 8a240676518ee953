"""What a person can do who has access to an account's mailbox: confirm the address, and set a new password."""

from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.input_check import InputCheck
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user import validation
from subgraphs.user.domain import Account, InvalidToken, SignedIn
from subgraphs.user.limits import Limits
from subgraphs.user.mail.domain import Purpose
from subgraphs.user.mail.post import Post
from subgraphs.user.passwords import Passwords
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.sessions import Sessions


class Recovery:
    """All but `verify` and `reset` raise InvalidState where the store sends no mail, and RateLimited."""

    def __init__(
        self,
        runtime: Runtime,
        post: Post,
        limits: Limits,
        passwords: Passwords,
        personal_data: PersonalData,
        sessions: Sessions,
    ) -> None:
        self._database = runtime.database
        self._post = post
        self._limits = limits
        self._passwords = passwords
        self._personal_data = personal_data
        self._sessions = sessions

    async def request_verification(self, viewer: Viewer) -> None:
        """Mails the viewer a token that verifies the address. Nothing happens where it is verified."""
        self._post.require()
        await self._limits.mail(f"viewer:{viewer.id}")
        async with self._database.transaction() as session:
            sealed = await UserRepository(session).lock(viewer.id)
            if sealed is not None and sealed.email_verified_at is None:
                await self._post.send_token(session, self._personal_data.open(sealed), Purpose.VERIFY_EMAIL)

    async def verify(self, token: str) -> Account | InvalidToken:
        """Notes that the address is right."""
        async with self._database.transaction() as session:
            account = await self._owner(session, token, Purpose.VERIFY_EMAIL)
            if account is None:
                return InvalidToken()
            repository = UserRepository(session)
            now = await repository.now()
            await repository.set_email_verified(account.id, now)
            return replace(account, email_verified_at=account.email_verified_at or now)

    async def request_reset(self, email: str, client: Client) -> None:
        """Mails a token that sets a new password. Whether there is such an account is not told."""
        self._post.require()
        await self._limits.client(client)
        await self._limits.mail(self._personal_data.account_key(email))
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            found = await repository.by_email(self._personal_data.email_indexes(email))
            if found is not None:
                await self._post.send_token(session, self._personal_data.open(found), Purpose.RESET_PASSWORD)

    async def reset(self, token: str, new: str, client: Client) -> SignedIn | InvalidToken:
        """Sets a new password, ends all sessions, and signs in. Raises BadUserInput, RateLimited and Unavailable."""
        with InputCheck() as check:
            check.value(partial(validation.password, field="new"), new)
        await self._limits.client(client)
        async with self._database.reading() as session:
            user_id = await self._post.owner_of(session, token, Purpose.RESET_PASSWORD)
        if user_id is None:
            return InvalidToken()
        new_hash = await self._passwords.hash(new, f"viewer:{user_id}", client)
        async with self._database.transaction() as session:
            account = await self._owner(session, token, Purpose.RESET_PASSWORD)
            if account is None:
                return InvalidToken()  # a concurrent request came first
            repository = UserRepository(session)
            await repository.set_password_hash(account.id, new_hash)
            await repository.set_email_verified(account.id, await repository.now())
            await self._post.remove_tokens(session, account.id)
            ended = await repository.end_sessions_of(account.id)
            signed_in = await self._sessions.begin(repository, account)
        await self._sessions.announce_ended(ended)
        await self._limits.password_was_right(self._personal_data.account_key(account.email))
        return signed_in

    async def _owner(self, session: AsyncSession, token: str, purpose: Purpose) -> Account | None:
        """The locked account to which a valid token was mailed. The token is used up."""
        user_id = await self._post.owner_of(session, token, purpose)
        sealed = await UserRepository(session).lock(user_id) if user_id is not None else None
        if sealed is None or not await self._post.use_token(session, token):
            return None
        return self._personal_data.open(sealed)

"""Sessions, from the sign-in to the sign-out, and their tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import retry_on_conflict
from subgraphs.kit.errors import Unauthenticated
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.web.auth import Viewer
from subgraphs.kit.web.client import Client
from subgraphs.user.domain import Account, RefreshToken, Session, SignedIn, may_refresh
from subgraphs.user.keys import KeyRing
from subgraphs.user.limits import Limits
from subgraphs.user.personal_data import PersonalData
from subgraphs.user.repository import UserRepository
from subgraphs.user.settings import UserSettings
from subgraphs.user.sign_outs import SignOuts
from subgraphs.user.tokens import hash_of, new_secret


class Sessions:
    """Begins sessions, continues them with new tokens, and ends them."""

    def __init__(
        self, runtime: Runtime, config: UserSettings, keys: KeyRing, limits: Limits, personal_data: PersonalData
    ) -> None:
        self._database = runtime.database
        self._config = config
        self._keys = keys
        self._limits = limits
        self._personal_data = personal_data
        self.sign_outs = SignOuts(runtime, config.access_token_lifetime)

    async def begin(self, repository: UserRepository, account: Account) -> SignedIn:
        """A new session, in the transaction of a caller that has checked who this is."""
        now = await repository.now()
        session = Session(id=new_id(), user_id=account.id, created_at=now)
        await repository.add_session(session)
        return await self._issue_tokens(repository, account, session.id, now)

    async def refresh(self, refresh_token: str, client: Client) -> SignedIn:
        """Exchanges an unused refresh token for a new pair. Raises Unauthenticated.

        A token that is used twice may have been stolen: its session ends, and with it every token of the family.
        """
        await self._limits.client(client)
        token_hash = hash_of(refresh_token)
        async with self._database.reading() as session:
            session_id = await UserRepository(session).session_id_of(token_hash)
        if session_id is not None:
            await self._limits.refresh(session_id)
            signed_in = await self._exchange(token_hash)
            if signed_in is not None:
                return signed_in
            await self.announce_ended([session_id])
        raise Unauthenticated("The refresh token is not valid. Sign in again.")

    async def logout(self, viewer: Viewer) -> None:
        """Ends the session that the access token belongs to, and with it the token."""
        async with self._database.transaction() as session:
            await UserRepository(session).end_session(viewer.session)
        await self.announce_ended([viewer.session])

    async def announce_ended(self, session_ids: Collection[str]) -> None:
        """Makes the access tokens of these sessions worthless, after the commit that has ended them."""
        await self.sign_outs.announce(session_ids)

    @retry_on_conflict
    async def _exchange(self, token_hash: str) -> SignedIn | None:
        """The new pair; None for a token that may not be exchanged, whose session then ends."""
        async with self._database.transaction() as session:
            repository = UserRepository(session)
            family = await repository.lock_session_of(token_hash)
            token = await repository.lock_token(token_hash)
            if family is None or token is None:
                return None
            now = await repository.now()
            if not may_refresh(family, token, now):
                await repository.end_session(family.id)
                return None
            await repository.mark_used(token_hash, now)
            account = (await repository.by_ids([family.user_id]))[family.user_id]
            return await self._issue_tokens(repository, self._personal_data.open(account), family.id, now)

    async def _issue_tokens(
        self, repository: UserRepository, account: Account, session_id: str, now: datetime
    ) -> SignedIn:
        """The next pair of tokens of a session."""
        refresh_token = new_secret()
        await repository.add_token(
            RefreshToken(
                token_hash=hash_of(refresh_token),
                session_id=session_id,
                expires_at=now + timedelta(seconds=self._config.refresh_token_lifetime),
            )
        )
        expires_at = now + timedelta(seconds=self._config.access_token_lifetime)
        return SignedIn(
            access_token=self._keys.signer.access_token(account.id, account.roles, session_id, now, expires_at),
            refresh_token=refresh_token,
            expires_at=expires_at,
            account=account,
        )

"""Begins sessions and issues their tokens."""

from datetime import datetime, timedelta

from subgraphs.kit.database.columns import new_id
from subgraphs.user.domain import Account, RefreshToken, Session, SignedIn
from subgraphs.user.keys import KeyRing
from subgraphs.user.repository import UserRepository
from subgraphs.user.settings import UserSettings
from subgraphs.user.tokens import hash_of, new_secret


class SignIns:
    """Within the transactions of those who have found out who somebody is."""

    def __init__(self, config: UserSettings, keys: KeyRing) -> None:
        self._config = config
        self._keys = keys

    async def begin(self, repository: UserRepository, account: Account) -> SignedIn:
        """A new session."""
        now = await repository.now()
        session = Session(id=new_id(), user_id=account.id, created_at=now)
        await repository.add_session(session)
        return await self.issue_tokens(repository, account, session.id, now)

    async def issue_tokens(
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

"""The user subgraph's SQL."""

from collections.abc import Sequence

from sqlalchemy import select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.user.models import RefreshToken, Session, SigningKey, User


class UserRepository(Repository):
    """Users, their sessions and tokens, and the keys that sign these."""

    def add(self, row: User | Session | RefreshToken | SigningKey) -> None:
        self._session.add(row)

    async def flush(self) -> None:
        await self._session.flush()

    async def users(self, ids: Sequence[str]) -> dict[str, User]:
        rows = await self._session.scalars(select(User).where(User.id.in_(ids)))
        return {row.id: row for row in rows}

    async def lock_user(self, user_id: str) -> User | None:
        return await self._session.scalar(select(User).where(User.id == user_id).with_for_update())

    async def user_by_email(self, email_index: bytes) -> User | None:
        return await self._session.scalar(select(User).where(User.email_index == email_index))

    async def lock_session_of_token(self, token_hash: str) -> Session | None:
        """The session first, its token after: the order in which these rows are locked everywhere."""
        owner = select(RefreshToken.session_id).where(RefreshToken.token_hash == token_hash)
        return await self._session.scalar(
            select(Session).where(Session.id == owner.scalar_subquery()).with_for_update()
        )

    async def lock_token(self, token_hash: str) -> RefreshToken | None:
        return await self._session.scalar(
            select(RefreshToken).where(RefreshToken.token_hash == token_hash).with_for_update()
        )

    async def end_session(self, session_id: str) -> None:
        await self._session.execute(
            update(Session).where(Session.id == session_id, Session.ended_at.is_(None)).values(ended_at=utc_now())
        )

    async def end_sessions_of(self, user_id: str) -> None:
        await self._session.execute(
            update(Session).where(Session.user_id == user_id, Session.ended_at.is_(None)).values(ended_at=utc_now())
        )

    async def signing_keys(self) -> Sequence[SigningKey]:
        """All keys, the newest first."""
        return (await self._session.scalars(select(SigningKey).order_by(SigningKey.id.desc()))).all()

"""The user subgraph's SQL."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, false, insert, or_, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.kit.errors import NotFound
from subgraphs.kit.web.auth import Role
from subgraphs.user import models
from subgraphs.user.domain import RefreshToken, SealedAccount, SealedKey, Session


class UserRepository(Repository):
    """Accounts, their sessions and refresh tokens, and the signing keys.

    Lock order: a session, then its token.
    """

    # ---- accounts

    async def by_ids(self, ids: Collection[str]) -> dict[str, SealedAccount]:
        rows = await self._session.scalars(select(models.User).where(models.User.id.in_(ids)))
        return {row.id: _account(row) for row in rows}

    async def by_email(self, email_indexes: Sequence[bytes]) -> SealedAccount | None:
        """The account with the first of these indexes that any account has."""
        rows = await self._session.scalars(select(models.User).where(models.User.email_index.in_(email_indexes)))
        found = {row.email_index: row for row in rows}
        return next((_account(found[index]) for index in email_indexes if index in found), None)

    async def lock(self, user_id: str) -> SealedAccount | None:
        row = await self._session.scalar(select(models.User).where(models.User.id == user_id).with_for_update())
        return None if row is None else _account(row)

    async def lock_existing(self, user_id: str) -> SealedAccount:
        """Raises NotFound."""
        account = await self.lock(user_id)
        if account is None:
            raise NotFound("There is no such user.")
        return account

    async def add_account(self, account: SealedAccount) -> None:
        """Raises IntegrityError when the e-mail address is taken."""
        columns = asdict(account) | {"roles": _roles_text(account.roles)}
        await self._session.execute(insert(models.User).values(columns))

    async def set_phone_number(self, user_id: str, sealed: bytes) -> None:
        # While one data key replaces another, the other values may be sealed by another key than this one.
        await self._update_account(user_id, phone_number=sealed, sealed_by=None)

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        await self._update_account(user_id, password_hash=password_hash)

    async def set_roles(self, user_id: str, roles: Collection[Role]) -> None:
        await self._update_account(user_id, roles=_roles_text(roles))

    async def set_email_verified(self, user_id: str, now: datetime) -> None:
        """Notes the first time only."""
        table = models.User
        query = update(table).where(table.id == user_id, table.email_verified_at.is_(None))
        await self._session.execute(query.values(email_verified_at=now))

    async def erase(self, erased: SealedAccount) -> None:
        """Overwrites all columns of a locked account but its id and the time it was made."""
        columns = asdict(erased) | {"roles": _roles_text(erased.roles)}
        await self._update_account(erased.id, **columns)

    async def _update_account(self, user_id: str, **columns: Any) -> None:
        await self._session.execute(update(models.User).where(models.User.id == user_id).values(columns))

    # ---- accounts that are sealed anew

    async def lock_unsealed(self, key_name: str | None, after: str, limit: int) -> list[SealedAccount]:
        """Accounts that do not say who has sealed them and, given a key's name, those that another key has sealed.

        They have ids after `after`, and are in their order.
        """
        table = models.User
        is_other = table.sealed_by != key_name if key_name is not None else false()
        query = (
            select(table)
            .where(or_(table.sealed_by.is_(None), is_other), table.id > after)
            .order_by(table.id)
            .limit(limit)
        )
        rows = await self._session.scalars(query.with_for_update())
        return [_account(row) for row in rows]

    async def owners_of(self, email_indexes: Collection[bytes]) -> dict[bytes, str]:
        """The ids of the accounts that are found by these indexes."""
        table = models.User
        rows = await self._session.execute(
            select(table.email_index, table.id).where(table.email_index.in_(email_indexes))
        )
        return {row.email_index: row.id for row in rows}

    async def set_seals(self, accounts: Collection[SealedAccount]) -> None:
        """Stores the sealed values of locked accounts."""
        names = ("id", "email", "email_index", "phone_number", "sealed_by")
        rows = [{name: getattr(account, name) for name in names} for account in accounts]
        await self._session.execute(update(models.User), rows)

    # ---- sessions and refresh tokens

    async def add_session(self, session: Session) -> None:
        await self._session.execute(insert(models.Session).values(asdict(session)))

    async def add_token(self, token: RefreshToken) -> None:
        await self._session.execute(insert(models.RefreshToken).values(asdict(token)))

    async def session_id_of(self, token_hash: str) -> str | None:
        token = models.RefreshToken
        session_id: str | None = await self._session.scalar(
            select(token.session_id).where(token.token_hash == token_hash)
        )
        return session_id

    async def lock_session_of(self, token_hash: str) -> Session | None:
        """The session that a refresh token belongs to, locked."""
        session_id = select(models.RefreshToken.session_id).where(models.RefreshToken.token_hash == token_hash)
        row = await self._session.scalar(
            select(models.Session).where(models.Session.id == session_id.scalar_subquery()).with_for_update()
        )
        if row is None:
            return None
        return Session(id=row.id, user_id=row.user_id, created_at=row.created_at, ended_at=row.ended_at)

    async def lock_token(self, token_hash: str) -> RefreshToken | None:
        row = await self._session.scalar(
            select(models.RefreshToken).where(models.RefreshToken.token_hash == token_hash).with_for_update()
        )
        if row is None:
            return None
        return RefreshToken(
            token_hash=row.token_hash,
            session_id=row.session_id,
            expires_at=row.expires_at,
            used_at=row.used_at,
        )

    async def mark_used(self, token_hash: str, now: datetime) -> None:
        token = models.RefreshToken
        await self._session.execute(update(token).where(token.token_hash == token_hash).values(used_at=now))

    async def end_session(self, session_id: str) -> None:
        await self._end_sessions(models.Session.id == session_id)

    async def end_sessions_of(self, user_id: str) -> list[str]:
        """Ends the open sessions of a locked account; returns their ids."""
        table = models.Session
        which = table.user_id == user_id
        open_ids = list(await self._session.scalars(select(table.id).where(which, table.ended_at.is_(None))))
        await self._end_sessions(which)
        return open_ids

    async def ended_since(self, instant: datetime) -> list[tuple[str, datetime]]:
        """The sessions that have ended since an instant: their ids, and when."""
        table = models.Session
        rows = await self._session.execute(select(table.id, table.ended_at).where(table.ended_at > instant))
        return [(session_id, ended_at) for session_id, ended_at in rows if ended_at is not None]

    async def _end_sessions(self, which: Any) -> None:
        query = update(models.Session).where(which, models.Session.ended_at.is_(None))
        await self._session.execute(query.values(ended_at=utc_now()))

    # ---- signing keys

    async def signing_keys(self) -> list[SealedKey]:
        """All keys, the newest first."""
        rows = await self._session.scalars(select(models.SigningKey).order_by(models.SigningKey.id.desc()))
        return [SealedKey(id=row.id, private_key=row.private_key, created_at=row.created_at) for row in rows]

    async def add_signing_key(self, key: SealedKey) -> None:
        await self._session.execute(insert(models.SigningKey).values(asdict(key)))

    async def set_private_key(self, key_id: str, sealed: bytes) -> None:
        table = models.SigningKey
        await self._session.execute(update(table).where(table.id == key_id).values(private_key=sealed))

    async def delete_signing_keys(self, ids: Collection[str]) -> None:
        await self._session.execute(delete(models.SigningKey).where(models.SigningKey.id.in_(ids)))


def _account(row: models.User) -> SealedAccount:
    return SealedAccount(
        id=row.id,
        email=row.email,
        email_index=row.email_index,
        name=row.name,
        phone_number=row.phone_number,
        password_hash=row.password_hash,
        roles=frozenset(Role(role) for role in row.roles.split(",")),
        created_at=row.created_at,
        sealed_by=row.sealed_by,
        email_verified_at=row.email_verified_at,
    )


def _roles_text(roles: Collection[Role]) -> str:
    return ",".join(sorted(role.value for role in roles))

"""The SQL of mails that wait to be sent, and of the tokens in them."""

from dataclasses import asdict

from sqlalchemy import delete, exists, insert, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.repository import Repository
from subgraphs.user import models
from subgraphs.user.mail.domain import MailedToken, Purpose, SealedMail, pause

DUE = models.Mail.send_at <= utc_now()
SOME_ARE_DUE = exists().where(DUE)


class MailRepository(Repository):
    """Mails and mailed tokens."""

    async def add(self, mail: SealedMail) -> None:
        await self._session.execute(insert(models.Mail).values(**asdict(mail), send_at=utc_now()))

    async def take_due(self, limit: int) -> list[SealedMail]:
        """Mails to send now. Each is due again later, unless it is removed before."""
        query = select(models.Mail.__table__, utc_now().label("now")).where(DUE).order_by(models.Mail.id).limit(limit)
        rows = (await self._session.execute(query.with_for_update(skip_locked=True))).all()
        for row in rows:
            later = update(models.Mail).where(models.Mail.id == row.id)
            await self._session.execute(later.values(send_at=row.now + pause(row.attempts), attempts=row.attempts + 1))
        return [SealedMail(row.id, row.sealed, row.attempts, row.expires_at) for row in rows]

    async def remove(self, mail_id: str) -> None:
        await self._session.execute(delete(models.Mail).where(models.Mail.id == mail_id))

    async def replace_token(self, token: MailedToken) -> None:
        """Adds a token. Earlier ones of the same user and purpose stop working."""
        await self.remove_tokens(token.user_id, token.purpose)
        values = {**asdict(token), "purpose": token.purpose.value}
        await self._session.execute(insert(models.MailedToken).values(values))

    async def remove_tokens(self, user_id: str, purpose: Purpose | None = None) -> None:
        """Of one purpose, or all."""
        query = delete(models.MailedToken).where(models.MailedToken.user_id == user_id)
        if purpose is not None:
            query = query.where(models.MailedToken.purpose == purpose.value)
        await self._session.execute(query)

    async def owner_of(self, token_hash: str, purpose: Purpose) -> str | None:
        """The user whose valid token this is."""
        table = models.MailedToken
        query = select(table.user_id).where(
            table.token_hash == token_hash, table.purpose == purpose.value, table.expires_at > utc_now()
        )
        user_id: str | None = await self._session.scalar(query)
        return user_id

    async def use(self, token_hash: str) -> bool:
        """Whether the token was there. It is not afterwards."""
        query = delete(models.MailedToken).where(models.MailedToken.token_hash == token_hash)
        return bool((await self._session.execute(query)).rowcount)  # type: ignore[attr-defined]

"""The post: a mail is stored in the transaction that it is about, and sent afterwards until a server has taken it."""

import asyncio
import smtplib

import msgspec
from cryptography.exceptions import InvalidTag
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit import telemetry
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.due_work import DueWork, Work
from subgraphs.kit.errors import InvalidState
from subgraphs.kit.runtime import Runtime
from subgraphs.user.domain import Account
from subgraphs.user.mail.domain import LIFETIMES, Mail, MailedToken, Purpose, SealedMail, mail_with
from subgraphs.user.mail.repository import SOME_ARE_DUE, MailRepository
from subgraphs.user.mail.transport import transport
from subgraphs.user.settings import UserSettings
from subgraphs.user.tokens import hash_of, new_secret
from subgraphs.user.vault import Vault

BATCH = 20


class Post:
    """Sends mails with tokens. At least once: a process may die between the sending and its note of it."""

    def __init__(self, runtime: Runtime, config: UserSettings, vault: Vault) -> None:
        self._database = runtime.database
        self._config = config
        self._vault = vault
        self._transport = transport(config)
        self.due_work = DueWork(runtime.database, Work("send mails", SOME_ARE_DUE, self.send_due))

    @property
    def is_open(self) -> bool:
        """Whether mails can be sent at all."""
        return self._transport is not None

    def require(self) -> None:
        """Raises InvalidState where no mail can be sent."""
        if not self.is_open:
            raise InvalidState("This store sends no mail.")

    async def send_token(self, session: AsyncSession, account: Account, purpose: Purpose) -> None:
        """Stores a mail with a new token, in the caller's transaction. It is sent after the commit."""
        repository, token = MailRepository(session), new_secret()
        expires_at = await repository.now() + LIFETIMES[purpose]
        await repository.replace_token(MailedToken(hash_of(token), account.id, purpose, expires_at))
        mail = mail_with(purpose, account.email, account.name, token, self._config.mail_page)
        mail_id = new_id()
        sealed = self._vault.seal(msgspec.json.encode(mail), _purpose_of(mail_id))
        await repository.add(SealedMail(mail_id, sealed, 0, expires_at))

    async def owner_of(self, session: AsyncSession, token: str, purpose: Purpose) -> str | None:
        """The user to whom this token was mailed; None for one that is not valid."""
        return await MailRepository(session).owner_of(hash_of(token), purpose)

    async def use_token(self, session: AsyncSession, token: str) -> bool:
        """Whether the token was there. It is not afterwards."""
        return await MailRepository(session).use(hash_of(token))

    async def remove_tokens(self, session: AsyncSession, user_id: str) -> None:
        """Makes every token that was mailed to this user worthless."""
        await MailRepository(session).remove_tokens(user_id)

    async def send_due(self) -> None:
        """Sends what waits. What is not taken is tried again until its token has expired."""
        async with self._database.transaction() as session:
            repository = MailRepository(session)
            due, now = await repository.take_due(BATCH), await repository.now()
        await asyncio.gather(*[self._drop(mail) if mail.expires_at <= now else self._send(mail) for mail in due])

    async def _send(self, mail: SealedMail) -> None:
        assert self._transport is not None, "Without a transport no mail is written."
        try:
            opened = msgspec.json.decode(self._vault.open(mail.sealed, _purpose_of(mail.id)), type=Mail)
            await self._transport.send(mail.id, opened)
        except InvalidTag:
            await self._drop(mail)
        except (OSError, smtplib.SMTPException) as error:
            telemetry.failed("send mails", error)
        else:
            await self._remove(mail)

    async def _drop(self, mail: SealedMail) -> None:
        telemetry.logger().warning("a mail was never sent", mail=mail.id, attempts=mail.attempts)
        await self._remove(mail)

    async def _remove(self, mail: SealedMail) -> None:
        async with self._database.transaction() as session:
            await MailRepository(session).remove(mail.id)


def _purpose_of(mail_id: str) -> str:
    return f"mail:{mail_id}"

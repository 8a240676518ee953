"""How mails leave the store: through an SMTP server, or into a folder for developers to read."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Protocol

from subgraphs.user.mail.domain import Mail
from subgraphs.user.settings import UserSettings

TIMEOUT_SECONDS = 20


class Transport(Protocol):
    async def send(self, mail_id: str, mail: Mail) -> None:
        """Raises OSError and smtplib.SMTPException when the mail was not taken."""


class Smtp:
    """A server that takes mails (RFC 5321), encrypted by STARTTLS if `mail_tls` is set."""

    def __init__(self, config: UserSettings) -> None:
        self._config = config

    async def send(self, mail_id: str, mail: Mail) -> None:
        await asyncio.to_thread(self._send, message_of(mail_id, mail, self._config.mail_from))

    def _send(self, message: EmailMessage) -> None:
        host, _, port = self._config.mail_server.rpartition(":")
        with smtplib.SMTP(host, int(port), timeout=TIMEOUT_SECONDS) as server:
            if self._config.mail_tls:
                server.starttls(context=ssl.create_default_context())
            if self._config.mail_user:
                server.login(self._config.mail_user, self._config.mail_password.get_secret_value())
            server.send_message(message)


class Folder:
    """Writes each mail to a file that only its owner can read. For a store without a mail server, as by default."""

    def __init__(self, config: UserSettings) -> None:
        self._folder = Path(config.mail_folder)
        self._sender = config.mail_from

    async def send(self, mail_id: str, mail: Mail) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{mail_id}.eml"
        path.write_bytes(bytes(message_of(mail_id, mail, self._sender)))
        path.chmod(0o600)


def transport(config: UserSettings) -> Transport | None:
    """None where neither a server nor a folder is configured: the store sends no mail."""
    if config.mail_server:
        return Smtp(config)
    return Folder(config) if config.mail_folder else None


def message_of(mail_id: str, mail: Mail, sender: str) -> EmailMessage:
    """The same message id each time, by which a mail that is sent twice is shown once."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail_id}@{make_msgid(domain=sender.rpartition('@')[2].strip('> ')).partition('@')[2]}"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message

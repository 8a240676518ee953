"""What lies in the folder for mails."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from tests.clients import eventually

TOKEN = re.compile(r"^[\w-]{43}$", re.MULTILINE)


@dataclass(frozen=True)
class MailFolder:
    path: Path

    async def newest(self, email: str, subject: str, count: int = 1) -> Message:
        """The newest of `count` mails to an address with this subject, once they are there."""

        async def found() -> list[Message]:
            mails = self.to(email, subject)
            return mails if len(mails) >= count else []

        mails: list[Message] = await eventually(found, seconds=30)
        assert len(mails) == count
        return mails[-1]

    async def token(self, email: str, subject: str, count: int = 1) -> str:
        [token] = TOKEN.findall(text_of(await self.newest(email, subject, count)))
        return str(token)

    def to(self, email: str, subject: str) -> list[Message]:
        """The mails to an address with this subject, oldest first: their ids are in the order of time."""
        read = [message_from_bytes(path.read_bytes()) for path in sorted(self.path.glob("*.eml"))]
        return [mail for mail in read if (mail["To"], mail["Subject"]) == (email, subject)]


def text_of(mail: Message) -> str:
    content = mail.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()

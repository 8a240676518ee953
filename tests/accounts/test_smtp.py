"""Mails through a real conversation with an SMTP server, which at first takes none."""

import socketserver
import uuid
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from threading import Thread

import aiohttp
import pytest

from tests.accounts.conftest import PASSWORD, REGISTER
from tests.accounts.mailbox import TOKEN, text_of
from tests.clients import Client, eventually
from tests.own_store import QUICK, OwnStore, own_store

pytestmark = pytest.mark.engineless
REFUSALS = 1


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as takes a mail."""

    server: "Server"

    def handle(self) -> None:
        self._say("220 the tests' own")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self.server.take(self._content())
                self._say("250 taken")
            elif verb == b"MAIL" and self.server.refuses():
                self._say("451 not now")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[Message] = []
        self.refused = 0

    def take(self, content: bytes) -> None:
        self.mails.append(message_from_bytes(content))

    def refuses(self) -> bool:
        self.refused += 1
        return self.refused <= REFUSALS


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def mailing(engine: str, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    place = f"127.0.0.1:{server.server_address[1]}"
    sends = {
        "STEAMPUNK_MAIL_SERVER": place,
        "STEAMPUNK_MAIL_TLS": "false",
        "STEAMPUNK_MAIL_FROM": "Store <store@shop.example>",
        "STEAMPUNK_MAIL_PAGE": "https://shop.example/account",
    }
    with own_store(engine, tmp_path_factory.mktemp("mailing"), {**QUICK, **sends}) as store:
        yield store


async def test_a_mail_that_was_refused_is_sent_again_and_then_no_more(
    mailing: OwnStore, server: Server, http: aiohttp.ClientSession
) -> None:
    client = Client(http, mailing.store.settings.graphql_url, {})
    email = f"{uuid.uuid4()}@example.com"
    await client.data(REGISTER, {"input": {"email": email, "password": PASSWORD, "name": "Zoë"}})

    async def taken() -> list[Message]:
        return server.mails

    [mail] = await eventually(taken, seconds=60)
    assert (mail["From"], mail["To"]) == ("Store <store@shop.example>", email)
    assert "Hello Zoë," in text_of(mail)
    assert "https://shop.example/account?verify-email=" in text_of(mail)
    assert TOKEN.findall(text_of(mail)) == []
    assert server.refused == REFUSALS + 1
    assert not mailing.store.settings.mail_folder.exists()

"""Rotates keys and secrets by the operator's commands, and customers who sign in and read meanwhile."""

import asyncio
import base64
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from subgraphs.kit.database.database import Database
from subgraphs.user.models import User
from subgraphs.user.vault import Vault
from tests.clients import Account, Client, eventually
from tests.operator.commands import clean
from tests.own_store import OwnStore

SESSION = "accessToken refreshToken user { id email phoneNumber }"
REGISTER = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ ... on Session {{ {SESSION} }} }} }}"
LOGIN = (
    f'mutation($e: String!) {{ login(email: $e, password: "a long password") {{ ... on Session {{ {SESSION} }} }} }}'
)
REFRESH = f"mutation($t: String!) {{ refresh(refreshToken: $t) {{ {SESSION} }} }}"
PHONE = 'mutation { changePhoneNumber(phoneNumber: "+49301234567") { phoneNumber } }'
ME = "{ me { email phoneNumber wallet { balance } wishlist(first: 1) { totalCount } } }"
CUSTOMERS = 2


def command(store: OwnStore, *arguments: str) -> subprocess.Popen[str]:
    started = [sys.executable, "-m", "subgraphs", "rotate", *arguments]
    return subprocess.Popen(
        started, env=clean(store.command_settings()), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


async def rotate(store: OwnStore, *arguments: str) -> str:
    """What a command says that succeeds."""
    process = command(store, *arguments)
    said, _ = await asyncio.to_thread(process.communicate, timeout=120)
    assert process.returncode == 0, said
    return said


class Customers:
    """Customers who register, sign in, refresh, change their data and read it, over and over."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.rounds = 0

    async def shop(self) -> None:
        """Any error of any request fails."""
        email = f"{uuid.uuid4()}@example.com"
        given = {"email": email, "password": "a long password", "name": "Ada"}
        session = (await self.client.data(REGISTER, {"input": given}))["register"]
        while True:
            session = (await self.client.data(REFRESH, {"t": session["refreshToken"]}))["refresh"]
            viewer = Account(session["user"]["id"], session["accessToken"])
            await self.client.data(PHONE, viewer=viewer)
            me = (await self.client.data(ME, viewer=viewer))["me"]
            assert (me["email"], me["phoneNumber"]) == (email, "+49301234567")
            assert (await self.client.data(LOGIN, {"e": email}))["login"]["user"]["email"] == email
            self.rounds += 1

    async def some_rounds(self, count: int = 4) -> None:
        """Waits until so many rounds have ended from now on."""
        wanted = self.rounds + count

        async def done() -> bool:
            return self.rounds >= wanted

        await eventually(done, seconds=120)


@asynccontextmanager
async def shopping(client: Client) -> AsyncIterator[Customers]:
    """Customers who shop during the block, in which not one of their requests fails."""
    customers = Customers(client)
    tasks = [asyncio.create_task(customers.shop()) for _ in range(CUSTOMERS)]
    try:
        await customers.some_rounds()
        yield customers
        await customers.some_rounds()
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in outcomes if not isinstance(one, asyncio.CancelledError)] == []


async def sealed_by(database: Database, data_key: str) -> int:
    """How many accounts a data key has sealed."""
    query = select(func.count()).select_from(User).where(User.sealed_by == vault_of(data_key).key_name)
    async with database.reading() as session:
        return await session.scalar(query) or 0


def vault_of(data_key: str) -> Vault:
    return Vault(base64.b64decode(data_key))

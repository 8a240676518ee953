"""Keys and secrets are replaced by commands while customers go on, and no request of theirs fails."""

import asyncio
import base64
import itertools
import json
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jwt
import pytest
from sqlalchemy import func, insert, select

from router.choice import choose
from router.process import SUPERGRAPH
from router.process import running as running_router
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import load_secrets
from subgraphs.store.rotation import changed, second
from subgraphs.user.models import SigningKey, User
from subgraphs.user.vault import Vault
from tests.clients import Account, Client, eventually
from tests.operator.commands import clean
from tests.own_store import QUICK, OwnStore, own_store

SESSION = "accessToken refreshToken user { id email phoneNumber }"
REGISTER = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ ... on Session {{ {SESSION} }} }} }}"
LOGIN = (
    f'mutation($e: String!) {{ login(email: $e, password: "a long password") {{ ... on Session {{ {SESSION} }} }} }}'
)
REFRESH = f"mutation($t: String!) {{ refresh(refreshToken: $t) {{ {SESSION} }} }}"
PHONE = 'mutation { changePhoneNumber(phoneNumber: "+49301234567") { phoneNumber } }'
ME = "{ me { email phoneNumber wallet { balance } wishlist(first: 1) { totalCount } } }"
ROUTER, SERVICE, DATA = "STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"
ACCOUNTS = 3000
CUSTOMERS = 4


@pytest.fixture(scope="module")
def rotating(engine: str, tmp_path_factory: pytest.TempPathFactory, running: OwnStore) -> Iterator[OwnStore]:
    """A store whose subgraphs have started after each secret's first step, `add`: they accept two."""
    state = tmp_path_factory.mktemp("rotation")

    def add_second_secrets(database_url: str) -> None:
        known = load_secrets(state)
        for name in (ROUTER, SERVICE, DATA):
            known = changed(known, name, "add")
        (state / "secrets.json").write_text(json.dumps(known))

    lasting = {"STEAMPUNK_REFRESH_RATE": "1000"}
    with own_store(engine, state, {**QUICK, **lasting}, before=add_second_secrets) as store:
        yield store


@pytest.fixture
def known(rotating: OwnStore) -> dict[str, str]:
    """The secrets as the file has them now."""
    return load_secrets(rotating.store.settings.state)


@pytest.fixture
def client(rotating: OwnStore, http: aiohttp.ClientSession) -> Client:
    return Client(http, rotating.store.settings.graphql_url, {})


@pytest.fixture
async def database(rotating: OwnStore) -> AsyncIterator[Database]:
    opened = Database(rotating.settings.database_of("user"), 4)
    yield opened
    await opened.close()


def command(store: OwnStore, *arguments: str) -> subprocess.Popen[str]:
    local = store.store.settings
    own = {
        "STATE": str(local.state),
        "SECRETS_FILE": local.secrets_file,
        "DATABASE_URL": local.database_url,
        "REDIS_URL": local.any_redis_url,
    }
    environment = clean({f"STEAMPUNK_{name}": value for name, value in own.items()})
    started = [sys.executable, "-m", "subgraphs", "rotate", *arguments]
    return subprocess.Popen(started, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


async def rotate(store: OwnStore, *arguments: str) -> str:
    """What a command says that succeeds."""
    process = command(store, *arguments)
    said, _ = await asyncio.to_thread(process.communicate, timeout=120)
    assert process.returncode == 0, said
    return said


class Customers:
    """Customers who register, sign in, refresh, change their data and read it, over and over."""

    def __init__(self, *clients: Client) -> None:
        self.clients: Sequence[Client] = clients
        self.rounds = 0
        self._turn = itertools.count()

    async def shop(self) -> None:
        """Any error of any request fails."""
        email = f"{uuid.uuid4()}@example.com"
        given = {"email": email, "password": "a long password", "name": "Ada"}
        session = (await self._data(REGISTER, {"input": given}))["register"]
        while True:
            session = (await self._data(REFRESH, {"t": session["refreshToken"]}))["refresh"]
            viewer = Account(session["user"]["id"], session["accessToken"])
            await self._data(PHONE, viewer=viewer)
            me = (await self._data(ME, viewer=viewer))["me"]
            assert (me["email"], me["phoneNumber"]) == (email, "+49301234567")
            assert (await self._data(LOGIN, {"e": email}))["login"]["user"]["email"] == email
            self.rounds += 1

    async def _data(self, query: str, variables: Any = None, viewer: Account | None = None) -> dict[str, Any]:
        return await self.clients[next(self._turn) % len(self.clients)].data(query, variables, viewer)

    async def some_rounds(self, count: int = 4) -> None:
        """Waits until so many rounds have ended from now on."""
        wanted = self.rounds + count

        async def done() -> bool:
            return self.rounds >= wanted

        await eventually(done, seconds=120)


@asynccontextmanager
async def shopping(*clients: Client) -> AsyncIterator[Customers]:
    """Customers who shop during the block, in which not one of their requests fails."""
    customers = Customers(*clients)
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


async def signed_in(client: Client, email: str = "") -> Account:
    if email:
        session = (await client.data(LOGIN, {"e": email}))["login"]
    else:
        given = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}
        session = (await client.data(REGISTER, {"input": given}))["register"]
    return Account(session["user"]["id"], session["accessToken"])


def key_of(viewer: Account) -> str:
    return str(jwt.get_unverified_header(viewer.token)["kid"])


async def test_a_signing_key_is_replaced(rotating: OwnStore, client: Client, database: Database) -> None:
    before = await signed_in(client)
    async with shopping(client):
        said = await rotate(rotating, "signing-key")
        [new] = [word for word in said.split() if len(word) == 36]

        async def signs() -> bool:
            return key_of(await signed_in(client)) == new

        await eventually(signs, seconds=60)
    for viewer in (before, await signed_in(client)):
        assert (await client.data(ME, viewer=viewer))["me"]["wallet"] == {"balance": 0}
    assert key_of(before) != new
    async with database.reading() as session:
        assert set(await session.scalars(select(SigningKey.id))) == {key_of(before), new}, "its tokens are still valid"


async def test_the_routers_secret_is_replaced(
    rotating: OwnStore, client: Client, known: dict[str, str], http: aiohttp.ClientSession
) -> None:
    environment = {**rotating.store.settings.environment(), ROUTER: known[second(ROUTER)]}
    async with shopping(client) as customers:
        with running_router(choose(print), SUPERGRAPH, environment) as url:
            customers.clients = [client, Client(http, url, {})]
            await customers.some_rounds()
            customers.clients = customers.clients[1:]
            await customers.some_rounds()
            customers.clients = [client]
            await customers.some_rounds()


async def test_both_secrets_open_every_subgraph_and_no_third_one(
    rotating: OwnStore, known: dict[str, str], http: aiohttp.ClientSession
) -> None:
    for subgraph in SUBGRAPHS:
        url = rotating.settings.url_of(subgraph)
        for header, name in (("x-router-secret", ROUTER), ("x-service-secret", SERVICE)):
            for value, status in ((known[name], 200), (known[second(name)], 200), (f"{known[name]}x", 401), ("", 401)):
                async with http.post(url, json={"query": "{ __typename }"}, headers={header: value}) as response:
                    assert response.status == status


async def test_the_data_key_is_replaced_and_an_interrupted_encryption_is_resumed(
    rotating: OwnStore, client: Client, database: Database, known: dict[str, str]
) -> None:
    old, new = known[DATA], known[second(DATA)]
    email = f"{uuid.uuid4()}@example.com"
    made = await client.data(REGISTER, {"input": {"email": email, "password": "a long password", "name": "Ada"}})
    user_id = made["register"]["user"]["id"]
    await many_accounts(database, old)
    assert await sealed_by(database, new) == 0

    async with shopping(client):
        await rotate(rotating, "data-key", "switch")
        interrupted = command(rotating, "data-key", "reencrypt")

        async def begun() -> bool:
            return await sealed_by(database, new) > 0

        await eventually(begun, seconds=60)
        interrupted.kill()
        interrupted.communicate()
        assert 0 < await sealed_by(database, new) < ACCOUNTS
        await rotate(rotating, "data-key", "reencrypt")
        assert await sealed_by(database, new) >= ACCOUNTS
        assert (await signed_in(client, email)).id == user_id

    restart_user(rotating)  # it seals by the new key now
    async with shopping(client):
        await rotate(rotating, "data-key", "drop")
        assert await sealed_by(database, old) == 0
    restart_user(rotating)  # it has the new key only
    assert DATA in load_secrets(rotating.store.settings.state)
    assert second(DATA) not in load_secrets(rotating.store.settings.state)
    assert (await signed_in(client, email)).id == user_id


def restart_user(store: OwnStore) -> None:
    """Restarts the user subgraph with the secrets as the file has them now."""
    store.store.children["user"].stop()
    store.store.start_subgraph("user")
    store.store.wait_ready()


async def many_accounts(database: Database, data_key: str) -> None:
    vault, rows = vault_of(data_key), []
    for number in range(ACCOUNTS):
        user_id, email = new_id(), f"customer-{number}@example.com"
        sealed = {"email": vault.seal(email.encode(), f"email:{user_id}"), "email_index": vault.index(email)}
        plain = {"id": user_id, "name": "Ada", "password_hash": "none", "roles": "USER", "sealed_by": vault.key_name}
        rows.append({**sealed, **plain})
    async with database.transaction() as session:
        now = (await session.scalars(select(User.created_at).limit(1))).one()
        await session.execute(insert(User), [{**row, "created_at": now} for row in rows])


async def sealed_by(database: Database, data_key: str) -> int:
    """How many accounts a data key has sealed."""
    query = select(func.count()).select_from(User).where(User.sealed_by == vault_of(data_key).key_name)
    async with database.reading() as session:
        return await session.scalar(query) or 0


def vault_of(data_key: str) -> Vault:
    return Vault(base64.b64decode(data_key))

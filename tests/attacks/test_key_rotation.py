"""Keys and secrets are replaced by commands while customers go on, and no request of theirs fails."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import jwt
import pytest
from sqlalchemy import insert, select

from subgraphs.kit.database.columns import new_id
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import load_secrets
from subgraphs.store.rotation import changed, second
from subgraphs.user.models import SigningKey, User
from tests.clients import Account, Client, eventually
from tests.own_store import QUICK, OwnStore, own_store
from tests.rotation import LOGIN, ME, REGISTER, command, rotate, sealed_by, shopping, vault_of

ROUTER, SERVICE, DATA = "STEAMPUNK_ROUTER_SECRET", "STEAMPUNK_SERVICE_SECRET", "STEAMPUNK_DATA_KEY"
ACCOUNTS = 3000


@pytest.fixture(scope="module")
def rotating(
    engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory, running: OwnStore
) -> Iterator[OwnStore]:
    """A store whose subgraphs have started after each secret's first step, `add`: they accept two."""
    state = tmp_path_factory.mktemp("rotation")

    def add_second_secrets(database_url: str) -> None:
        known = load_secrets(state)
        for name in (ROUTER, SERVICE, DATA):
            known = changed(known, name, "add")
        (state / "secrets.json").write_text(json.dumps(known))

    lasting = {"STEAMPUNK_REFRESH_RATE": "1000"}
    url = mariadb_url and f"{mariadb_url}_rotating"
    with own_store(engine, state, {**QUICK, **lasting}, url, before=add_second_secrets) as store:
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

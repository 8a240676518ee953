"""Secrets in logs: what an error inside writes, and who may read what the store writes."""

import json
import stat
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import Checkout
from subgraphs.user.models import Session, User
from tests.clients import Account, SubgraphClient
from tests.own_store import OwnStore
from tests.shop import CHECKOUT, Shop

REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
    __typename ... on Session { accessToken refreshToken user { id } } } }"""
LOGIN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { __typename } }"
REFRESH = "mutation($t: String!) { refresh(refreshToken: $t) { accessToken } }"


class Logs:
    """The lines that the store's processes have written since this was made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = {path: path.stat().st_size for path in folder.iterdir()}

    def text(self) -> str:
        return "".join(path.read_bytes()[self._before.get(path, 0) :].decode() for path in self._folder.iterdir())

    def lines(self, event: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines() if f'"event": "{event}"' in line]


@pytest.fixture
def logs(running: OwnStore) -> Logs:
    return Logs(running.store.logs)


@pytest.fixture
def failure(engine: str) -> tuple[str, str]:
    """What a client sees of a missing table, and what is logged: SQLite takes it for an outage."""
    if engine == "embedded":
        return "UNAVAILABLE", "infrastructure does not answer"
    return "INTERNAL", "unexpected error"


@asynccontextmanager
async def without(database: Database, table: str) -> AsyncIterator[None]:
    """The table has another name within the block, so that every statement on it fails."""
    await _run(database, f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        await _run(database, f"ALTER TABLE {table}_away RENAME TO {table}")


async def _run(database: Database, statement: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(statement))


async def count(database: Database, table: type[Any], *where: Any) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def new_account() -> dict[str, str]:
    password = f"pass phrase {uuid.uuid4()}"
    return {"email": f"{uuid.uuid4()}@example.com", "password": password, "name": "Ada", "phoneNumber": "+4930765432"}


class TestAnErrorInside:
    async def test_login_and_refresh_log_neither_password_nor_token(
        self, user: SubgraphClient, sql: Callable[[str], Database], logs: Logs
    ) -> None:
        given = new_account()
        session = (await user.data(REGISTER, {"input": given}))["register"]
        user_id = session["user"]["id"]
        sealed = await self._replace_email(sql("user"), user_id, b"not what the vault has sealed")
        attempts = [(LOGIN, {"e": given["email"], "p": given["password"]}), (REFRESH, {"t": session["refreshToken"]})]
        for operation, variables in attempts:
            answer = await user.run(operation, variables)
            assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
        await self._replace_email(sql("user"), user_id, sealed)

        assert len(logs.lines("unexpected error")) == 2
        assert_silent(
            logs,
            given["email"],
            given["password"],
            given["phoneNumber"],
            session["refreshToken"],
            session["accessToken"],
        )
        assert await count(sql("user"), Session, Session.user_id == user_id) == 1
        assert "errors" not in await user.run(REFRESH, {"t": session["refreshToken"]}), "the token is still unused"

    async def test_register_logs_neither_password_nor_address_nor_phone_number(
        self, user: SubgraphClient, sql: Callable[[str], Database], logs: Logs, failure: tuple[str, str]
    ) -> None:
        given, (code, event) = new_account(), failure
        before = await count(sql("user"), User)
        async with without(sql("user"), "sessions"):
            assert await user.code(REGISTER, {"input": given}) == code
        assert len(logs.lines(event)) == 1
        assert_silent(logs, given["email"], given["password"], given["phoneNumber"])
        assert await count(sql("user"), User) == before

    async def test_checkout_logs_no_token(
        self, shop: Shop, sql: Callable[[str], Database], logs: Logs, failure: tuple[str, str]
    ) -> None:
        code, event = failure
        customer, game = await shop.customer(), await shop.games.new()
        key = f"{uuid.uuid4()}"
        async with without(sql("payment"), "checkouts"):
            wanted = {"idempotencyKey": key, "productIds": [game]}
            assert await shop.client.code(CHECKOUT, {"input": wanted}, customer) == code
        assert logs.lines(event)
        assert_silent(logs, customer.token)
        assert await count(sql("payment"), Checkout, Checkout.user_id == customer.id) == 0
        assert await shop.balance(customer) == 1_000_000

    async def _replace_email(self, database: Database, user_id: str, sealed: bytes) -> bytes:
        async with database.transaction() as session:
            row = await session.get_one(User, user_id)
            before, row.email = row.email, sealed
        return before


class TestARefusedOperation:
    async def test_a_password_in_an_invalid_document_is_not_logged(self, user: SubgraphClient, logs: Logs) -> None:
        given = new_account()
        document = f'mutation {{ login(email: "{given["email"]}", password: "{given["password"]}") {{ nothing }} }}'
        assert await user.code(document) == "BAD_USER_INPUT"
        assert_silent(logs, given["email"], given["password"])

    async def test_a_token_that_is_not_valid_is_not_logged(
        self, user: SubgraphClient, viewers: Any, logs: Logs
    ) -> None:
        token = f"{(await viewers.user()).token}x"
        assert await user.code("{ me { id } }", viewer=Account("", token)) == "UNAUTHENTICATED"
        assert_silent(logs, token)


class TestFiles:
    def test_what_the_store_writes_is_for_its_owner_only(self, running: OwnStore, engine: str) -> None:
        state = running.store.settings.state
        own = ["logs"] if engine == "servers" else ["logs", "data", "valkey"]
        for folder in own:
            assert mode(state / folder) == 0o700
            files = [path for path in (state / folder).rglob("*") if not path.is_dir()]
            assert files
            for path in files:
                assert mode(path) == 0o600, path
        assert mode(state) == 0o700
        assert mode(state / "secrets.json") == 0o600


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def assert_silent(logs: Logs, *secrets: str) -> None:
    written = logs.text()
    for secret in secrets:
        assert secret not in written

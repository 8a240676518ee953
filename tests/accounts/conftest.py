"""People with accounts, and their mail."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.accounts.mailbox import MailFolder
from tests.clients import Account, Client
from tests.own_store import OwnStore

PASSWORD = "a long password"
REGISTER = """
mutation($input: RegisterInput!) { register(input: $input) { ... on Session { accessToken refreshToken user { id } } } }
"""
LOGIN = "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { __typename } }"


@dataclass(frozen=True)
class Person:
    email: str
    account: Account
    refresh_token: str


@pytest.fixture(scope="session")
def mails(running: OwnStore) -> MailFolder:
    return MailFolder(running.store.settings.mail_folder)


@pytest.fixture
def registered(store_client: Client) -> Callable[[], Awaitable[Person]]:
    async def register() -> Person:
        given = {
            "email": f"{uuid.uuid4()}@example.com",
            "password": PASSWORD,
            "name": "Ada",
            "phoneNumber": "5551234567",
        }
        session = (await store_client.data(REGISTER, {"input": given}))["register"]
        account = Account(session["user"]["id"], session["accessToken"])
        return Person(given["email"], account, session["refreshToken"])

    return register


@pytest.fixture
def signs_in(store_client: Client) -> Callable[[Person, str], Awaitable[bool]]:
    async def login(person: Person, password: str) -> bool:
        answer = await store_client.data(LOGIN, {"e": person.email, "p": password})
        return bool(answer["login"]["__typename"] == "Session")

    return login

"""Accounts that are erased, and roles that are taken back."""

from collections.abc import Awaitable, Callable

from sqlalchemy import select

from subgraphs.kit.database.database import Database
from subgraphs.payment.models import LedgerEntry
from subgraphs.user.models import User
from tests.accounts.conftest import PASSWORD, REGISTER, Person
from tests.clients import Client, Viewers, eventually

ERASE = "mutation($p: String!) { out: eraseAccount(password: $p) { __typename ... on AccountErased { id } } }"
TOP_UP = 'mutation { topUp(amount: 100, idempotencyKey: "k") { balance } }'
ME = "{ me { id email phoneNumber roles wallet { balance } } }"
GRANT = "mutation($id: ID!, $role: Role!) { grantRole(userId: $id, role: $role) { roles } }"
REVOKE = "mutation($id: ID!, $role: Role!) { revokeRole(userId: $id, role: $role) { roles } }"

Registered = Callable[[], Awaitable[Person]]
SignsIn = Callable[[Person, str], Awaitable[bool]]


async def is_signed_out(client: Client, person: Person) -> None:
    async def refused() -> bool:
        return "errors" in await client.run(ME, None, person.account)

    await eventually(refused)


async def test_nothing_is_left_of_the_person_and_the_books_are_right(
    store_client: Client, registered: Registered, signs_in: SignsIn, sql: Callable[[str], Database]
) -> None:
    person = await registered()
    await store_client.data(TOP_UP, None, person.account)
    assert await store_client.data(ERASE, {"p": "a wrong password"}, person.account) == {
        "out": {"__typename": "InvalidCredentials"}
    }
    erased = await store_client.data(ERASE, {"p": PASSWORD}, person.account)
    assert erased == {"out": {"__typename": "AccountErased", "id": person.account.id}}

    await is_signed_out(store_client, person)
    assert not await signs_in(person, PASSWORD)
    async with sql("user").reading() as session:
        row = (await session.scalars(select(User).where(User.id == person.account.id))).one()
    assert (row.name, row.phone_number, row.password_hash, row.email_verified_at) == ("Erased", None, "", None)
    async with sql("payment").reading() as session:
        entries = await session.scalars(select(LedgerEntry.amount).where(LedgerEntry.user_id == person.account.id))
    assert list(entries) == [100]


async def test_the_address_is_free_again(store_client: Client, registered: Registered, signs_in: SignsIn) -> None:
    person = await registered()
    await store_client.data(ERASE, {"p": PASSWORD}, person.account)
    given = {"email": person.email, "password": "a new life begins", "name": "Ben"}
    again = (await store_client.data(REGISTER, {"input": given}))["register"]
    assert again["user"]["id"] != person.account.id
    assert await signs_in(person, "a new life begins")


async def test_a_role_that_is_taken_back_is_worth_nothing_at_once(
    store_client: Client, registered: Registered, signs_in: SignsIn, viewers: Viewers
) -> None:
    person, admin = await registered(), await viewers.admin()
    await store_client.data(GRANT, {"id": person.account.id, "role": "DEVELOPER"}, admin)
    answer = await store_client.data(REVOKE, {"id": person.account.id, "role": "DEVELOPER"}, admin)
    assert answer == {"revokeRole": {"roles": ["USER"]}}
    await is_signed_out(store_client, person)
    assert await signs_in(person, PASSWORD)


async def test_what_nobody_has_cannot_be_taken(store_client: Client, registered: Registered, viewers: Viewers) -> None:
    person, admin = await registered(), await viewers.admin()
    answer = await store_client.data(REVOKE, {"id": person.account.id, "role": "ADMIN"}, admin)
    assert answer == {"revokeRole": {"roles": ["USER"]}}
    assert await store_client.data(ME, None, person.account) is not None, "the session goes on"
    code = store_client.code
    assert await code(REVOKE, {"id": person.account.id, "role": "USER"}, admin) == "INVALID_STATE"
    assert await code(REVOKE, {"id": "nobody", "role": "ADMIN"}, admin) == "NOT_FOUND"
    assert await code(REVOKE, {"id": person.account.id, "role": "ADMIN"}, person.account) == "FORBIDDEN"

"""Verified addresses and new passwords, by tokens that come by mail."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update

from subgraphs.kit.database.columns import utc_now
from subgraphs.kit.database.database import Database
from subgraphs.user.models import Mail, MailedToken
from tests.accounts.conftest import PASSWORD, Person
from tests.accounts.mailbox import MailFolder, text_of
from tests.clients import Client, eventually

VERIFIED = "{ me { emailVerified } }"
VERIFY = "mutation($t: String!) { out: verifyEmail(token: $t) { __typename ... on User { emailVerified } } }"
ASK_VERIFY = "mutation { requestEmailVerification }"
ASK_RESET = "mutation($e: String!) { requestPasswordReset(email: $e) }"
RESET = "mutation($t: String!, $p: String!) { out: resetPassword(token: $t, new: $p) { __typename } }"
REFRESH = "mutation($t: String!) { refresh(refreshToken: $t) { expiresAt } }"
ADDRESS, NEW = "Your e-mail address", "A new password"

Registered = Callable[[], Awaitable[Person]]
SignsIn = Callable[[Person, str], Awaitable[bool]]


async def test_a_new_account_verifies_its_address_by_mail(
    store_client: Client, registered: Registered, mails: MailFolder
) -> None:
    person = await registered()
    assert await store_client.data(VERIFIED, None, person.account) == {"me": {"emailVerified": False}}
    mail = await mails.newest(person.email, ADDRESS)
    assert text_of(mail).startswith("Hello Ada,")
    token = await mails.token(person.email, ADDRESS)
    outcome = await store_client.data(VERIFY, {"t": token})
    assert outcome == {"out": {"__typename": "User", "emailVerified": True}}
    assert await store_client.data(VERIFIED, None, person.account) == {"me": {"emailVerified": True}}
    assert await store_client.data(VERIFY, {"t": token}) == {"out": {"__typename": "InvalidToken"}}
    assert await store_client.data(ASK_VERIFY, None, person.account) == {"requestEmailVerification": True}
    assert len(mails.to(person.email, ADDRESS)) == 1, "there is nothing left to verify"


async def test_a_newer_mail_replaces_the_one_before(
    store_client: Client, registered: Registered, mails: MailFolder
) -> None:
    person = await registered()
    old = await mails.token(person.email, ADDRESS)
    await store_client.data(ASK_VERIFY, None, person.account)
    new = await mails.token(person.email, ADDRESS, count=2)
    kinds = [(await store_client.data(VERIFY, {"t": token}))["out"]["__typename"] for token in (old, new)]
    assert kinds == ["InvalidToken", "User"]


async def test_a_mailed_token_sets_a_new_password_and_ends_all_sessions(
    store_client: Client, registered: Registered, mails: MailFolder, signs_in: SignsIn
) -> None:
    person = await registered()
    assert await store_client.data(ASK_RESET, {"e": f" {person.email.upper()}"}) == {"requestPasswordReset": True}
    token = await mails.token(person.email, NEW)
    assert await store_client.code(RESET, {"t": token, "p": "short"}) == "BAD_USER_INPUT"
    assert await store_client.data(RESET, {"t": token, "p": "another password"}) == {"out": {"__typename": "Session"}}
    assert not await signs_in(person, PASSWORD)
    assert await signs_in(person, "another password")
    assert await store_client.code(REFRESH, {"t": person.refresh_token}) == "UNAUTHENTICATED"

    async def is_refused() -> bool:
        return "errors" in await store_client.run(VERIFIED, None, person.account)

    await eventually(is_refused)
    assert await store_client.data(RESET, {"t": token, "p": "a third password"}) == {
        "out": {"__typename": "InvalidToken"}
    }
    assert await signs_in(person, "another password")


async def test_of_many_who_use_one_token_at_once_one_sets_the_password(
    store_client: Client, registered: Registered, mails: MailFolder, signs_in: SignsIn
) -> None:
    person = await registered()
    await store_client.data(ASK_RESET, {"e": person.email})
    token = await mails.token(person.email, NEW)
    passwords = [f"password number {number}" for number in range(6)]
    answers = await asyncio.gather(*[store_client.data(RESET, {"t": token, "p": one}) for one in passwords])
    kinds = [answer["out"]["__typename"] for answer in answers]
    assert Counter(kinds) == {"Session": 1, "InvalidToken": 5}
    assert await signs_in(person, passwords[kinds.index("Session")])


async def test_a_token_expires(
    store_client: Client, registered: Registered, mails: MailFolder, sql: Callable[[str], Database]
) -> None:
    person = await registered()
    await store_client.data(ASK_RESET, {"e": person.email})
    token = await mails.token(person.email, NEW)
    async with sql("user").transaction() as session:
        which = update(MailedToken).where(MailedToken.user_id == person.account.id)
        await session.execute(which.values(expires_at=utc_now()))
    assert await store_client.data(RESET, {"t": token, "p": "another password"}) == {
        "out": {"__typename": "InvalidToken"}
    }


async def test_a_token_for_one_purpose_serves_no_other(
    store_client: Client, registered: Registered, mails: MailFolder
) -> None:
    token = await mails.token((await registered()).email, ADDRESS)
    assert (await store_client.data(RESET, {"t": token, "p": "another password"}))["out"][
        "__typename"
    ] == "InvalidToken"
    assert (await store_client.data(VERIFY, {"t": token}))["out"]["__typename"] == "User"


@pytest.mark.parametrize("token", ["", "x", "é" * 10, "a" * 43])
async def test_made_up_tokens_are_not_valid(store_client: Client, token: str) -> None:
    assert (await store_client.data(VERIFY, {"t": token}))["out"]["__typename"] == "InvalidToken"
    outcome = await store_client.data(RESET, {"t": token, "p": "another password"})
    assert outcome["out"]["__typename"] == "InvalidToken"


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    store_client: Client, mails: MailFolder, sql: Callable[[str], Database]
) -> None:
    assert await store_client.data(ASK_RESET, {"e": "nobody@example.com"}) == {"requestPasswordReset": True}
    assert mails.to("nobody@example.com", NEW) == []


async def test_an_account_is_not_flooded_with_mails(store_client: Client, registered: Registered) -> None:
    person = await registered()
    answers = [await store_client.run(ASK_RESET, {"e": person.email}) for _ in range(6)]
    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert codes == ["RATE_LIMITED"] * 3


async def test_neither_token_nor_address_is_stored_in_the_clear(
    store_client: Client, registered: Registered, mails: MailFolder, sql: Callable[[str], Database]
) -> None:
    person = await registered()
    token = await mails.token(person.email, ADDRESS)
    async with sql("user").reading() as session:
        stored = (await session.scalars(select(MailedToken.token_hash))).all()
        waiting = await session.scalar(select(func.count()).select_from(Mail).where(Mail.send_at <= utc_now()))
    assert token not in stored
    assert waiting == 0
    assert {path.stat().st_mode & 0o077 for path in [mails.path, *mails.path.iterdir()]} == {0}

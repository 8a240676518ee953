"""Accounts and sign-ins: what is stored, what is shown, and what ends a session."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from subgraphs.kit.database.database import Database
from subgraphs.user.models import RefreshToken, Session, SigningKey, User
from tests.clients import Account, SubgraphClient, Viewers, bad_fields
from tests.own_store import OwnStore

REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
    __typename ... on Session { accessToken refreshToken expiresAt user { id email phoneNumber } } } }"""
LOGIN = """mutation($e: String!, $p: String!) { login(email: $e, password: $p) {
    __typename ... on Session { accessToken refreshToken } } }"""
REFRESH = "mutation($t: String!) { refresh(refreshToken: $t) { accessToken refreshToken } }"
PASSWORD = "a long password"


async def registered(user: SubgraphClient, **changes: Any) -> dict[str, Any]:
    """A new account's session, with its e-mail address."""
    email = changes.pop("email", f"{uuid.uuid4()}@example.com")
    given = {"email": email, "password": PASSWORD, "name": "Ada", **changes}
    session: dict[str, Any] = (await user.data(REGISTER, {"input": given}))["register"]
    return {**session, "email": email}


def account(session: dict[str, Any]) -> Account:
    return Account(session["user"]["id"], session["accessToken"])


class TestAtRest:
    async def test_personal_data_is_encrypted_and_the_password_hashed(
        self, user: SubgraphClient, sql: Callable[[str], Database]
    ) -> None:
        session = await registered(user, phoneNumber="+49 30 1234567")
        assert session["user"]["phoneNumber"] == "+49301234567"
        async with sql("user").reading() as database:
            row = await database.get(User, session["user"]["id"])
        assert row is not None
        assert row.phone_number is not None
        assert session["email"].encode() not in row.email
        assert b"49301234567" not in row.phone_number
        assert row.password_hash.startswith("$argon2id$")

    async def test_refresh_tokens_are_hashed_and_private_keys_are_encrypted(
        self, user: SubgraphClient, sql: Callable[[str], Database]
    ) -> None:
        session = await registered(user)
        async with sql("user").reading() as database:
            assert await database.get(RefreshToken, session["refreshToken"]) is None
            key = (await database.scalars(select(SigningKey))).first()
        assert key is not None
        assert len(key.private_key) == 32 + 12 + 16, "nonce, Ed25519 key and tag of AES-GCM"

    async def test_a_sealed_value_cannot_be_moved_to_another_account(
        self, user: SubgraphClient, sql: Callable[[str], Database]
    ) -> None:
        victim, thief = await registered(user), await registered(user)
        async with sql("user").transaction() as database:
            rows = {row.id: row for row in await database.scalars(select(User))}
            own = rows[thief["user"]["id"]].email
            rows[thief["user"]["id"]].email = rows[victim["user"]["id"]].email
        assert await user.code("{ me { email } }", viewer=account(thief)) == "INTERNAL"
        async with sql("user").transaction() as database:
            row = await database.get(User, thief["user"]["id"])
            assert row is not None
            row.email = own


class TestTokens:
    async def test_access_tokens_are_eddsa_for_fifteen_minutes_and_verify_against_the_published_keys(
        self, user: SubgraphClient, running: OwnStore
    ) -> None:
        session = await registered(user)
        url = f"{running.store.settings.base_url_of('user')}/.well-known/jwks.json"
        async with user.http.get(url) as response:
            keys = jwt.PyJWKSet.from_dict(await response.json())
        header = jwt.get_unverified_header(session["accessToken"])
        assert header["alg"] == "EdDSA"
        claims = jwt.decode(session["accessToken"], keys[header["kid"]], ["EdDSA"], audience="steampunk")
        assert claims["exp"] - claims["iat"] == 15 * 60
        assert claims["sub"] == session["user"]["id"]

    async def test_of_many_uses_of_a_refresh_token_one_wins_and_the_family_ends(
        self, user: SubgraphClient, sql: Callable[[str], Database]
    ) -> None:
        session = await registered(user)
        answers = await asyncio.gather(*[user.run(REFRESH, {"t": session["refreshToken"]}) for _ in range(10)])
        won = [answer["data"]["refresh"] for answer in answers if "errors" not in answer]
        assert len(won) == 1
        assert await user.code(REFRESH, {"t": won[0]["refreshToken"]}) == "UNAUTHENTICATED"
        async with sql("user").reading() as database:
            query = select(func.count()).select_from(Session)
            query = query.where(Session.user_id == session["user"]["id"], Session.ended_at.is_(None))
            assert await database.scalar(query) == 0

    async def test_logout_ends_only_its_own_session(self, user: SubgraphClient) -> None:
        first = await registered(user)
        second = (await user.data(LOGIN, {"e": first["email"], "p": PASSWORD}))["login"]
        assert (await user.data("mutation { logout }", viewer=account(first)))["logout"] is True
        assert await user.code(REFRESH, {"t": first["refreshToken"]}) == "UNAUTHENTICATED"
        assert await user.data(REFRESH, {"t": second["refreshToken"]})

    async def test_a_new_password_ends_every_session(self, user: SubgraphClient) -> None:
        session = await registered(user)
        change = """mutation($n: String!) { changePassword(current: "a long password", new: $n) {
            ... on Session { refreshToken } } }"""
        changed = await user.data(change, {"n": "another password"}, account(session))
        assert await user.code(REFRESH, {"t": session["refreshToken"]}) == "UNAUTHENTICATED"
        assert await user.data(REFRESH, {"t": changed["changePassword"]["refreshToken"]})
        login = await user.data(LOGIN, {"e": session["email"], "p": PASSWORD})
        assert login["login"]["__typename"] == "InvalidCredentials"


class TestAccounts:
    async def test_of_many_registrations_of_one_address_one_wins(self, user: SubgraphClient) -> None:
        email = f"{uuid.uuid4()}@example.com"
        sessions = await asyncio.gather(*[registered(user, email=email) for _ in range(5)])
        assert sorted(one["__typename"] for one in sessions) == ["EmailTaken"] * 4 + ["Session"]

    async def test_admins_grant_roles_which_the_next_token_carries(
        self, user: SubgraphClient, viewers: Viewers
    ) -> None:
        session = await registered(user)
        grant = "mutation($id: ID!) { grantRole(userId: $id, role: DEVELOPER) { roles } }"
        ids = {"id": session["user"]["id"]}
        assert await user.code(grant, ids, account(session)) == "FORBIDDEN"
        granted = await user.data(grant, ids, await viewers.admin())
        assert granted["grantRole"]["roles"] == ["DEVELOPER", "USER"]
        token = (await user.data(REFRESH, {"t": session["refreshToken"]}))["refresh"]["accessToken"]
        assert jwt.decode(token, options={"verify_signature": False})["roles"] == ["DEVELOPER", "USER"]
        assert await user.code(grant, {"id": "nobody"}, await viewers.admin()) == "NOT_FOUND"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "a@b"),
            ("email", "a b@example.com"),
            ("email", "a@" + "b" * 250 + ".com"),
            ("password", "seven77"),
            ("password", "x" * 129),
            ("name", "   "),
            ("name", "n" * 61),
            ("phoneNumber", "call me"),
        ],
    )
    async def test_bad_input_is_named_and_creates_no_account(
        self, user: SubgraphClient, sql: Callable[[str], Database], field: str, value: str
    ) -> None:
        async def count() -> int:
            async with sql("user").reading() as database:
                return await database.scalar(select(func.count()).select_from(User)) or 0

        before = await count()
        given = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD, "name": "Ada", field: value}
        answer = await user.run(REGISTER, {"input": given})
        assert bad_fields(answer) == [field]
        assert await count() == before

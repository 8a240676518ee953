"""Accounts that look alike: one address in many spellings is one account, and nothing unseen gets into a text."""

import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from subgraphs.kit.database.database import Database
from subgraphs.product.models import Product
from subgraphs.store.config import load_secrets
from subgraphs.user.models import User
from subgraphs.user.settings import UserSettings
from subgraphs.user.validation import earlier_form
from subgraphs.user.vault import Vault
from tests.clients import Client, SubgraphClient, bad_fields, eventually, game_input
from tests.own_store import OwnStore

REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
    __typename ... on Session { accessToken user { id email } } } }"""
LOGIN = """mutation($e: String!) { login(email: $e, password: "a long password") {
    __typename ... on Session { user { id } } } }"""
UNSEEN = {
    "NUL": "\0",
    "escape": "\x1b",
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "soft hyphen": "\u00ad",
    "right-to-left override": "\u202e",
    "byte order mark": "\ufeff",
}


def unique(local: str) -> str:
    return f"{local}-{uuid.uuid4()}@example.com"


async def register(user: Client, email: str, **changes: str) -> dict[str, Any]:
    given = {"email": email, "password": "a long password", "name": "Ada", **changes}
    return await user.run(REGISTER, {"input": given})


async def count(database: Database, table: type[Any]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


class TestAddresses:
    @pytest.mark.parametrize(
        "spelt",
        [
            str.upper,
            lambda email: unicodedata.normalize("NFD", email),
            lambda email: email.translate({ord(c): ord(c) + 0xFEE0 for c in "abcdefghijklmnopqrstuvwxyz"}),
            lambda email: email.replace("ss", "\u00df"),
            lambda email: email.replace("fi", "\ufb01"),
            lambda email: f" {email}\n",
        ],
        ids=["upper case", "NFD", "full-width", "sharp s", "ligature", "spaces"],
    )
    async def test_an_address_in_another_spelling_is_the_same(
        self, user: SubgraphClient, sql: Callable[[str], Database], spelt: Callable[[str], str]
    ) -> None:
        email = unique("ren\u00e9.fischer-strasse")
        other = spelt(email)
        assert other != email
        made = (await register(user, email))["data"]["register"]
        before = await count(sql("user"), User)
        assert (await register(user, other))["data"]["register"] == {"__typename": "EmailTaken"}
        assert await count(sql("user"), User) == before
        login = (await user.data(LOGIN, {"e": other}))["login"]
        assert login == {"__typename": "Session", "user": {"id": made["user"]["id"]}}

    async def test_a_domain_in_punycode_is_the_same_as_in_unicode(self, user: SubgraphClient) -> None:
        name = f"ada-{uuid.uuid4()}"
        made = (await register(user, f"{name}@b\u00fccher.example"))["data"]["register"]
        assert made["__typename"] == "Session"
        other = await register(user, f"{name}@xn--bcher-kva.example")
        assert other["data"]["register"] == {"__typename": "EmailTaken"}

    @pytest.mark.parametrize(
        "email",
        ["ada@", "@example.com", "a da@example.com", "ada@example", "ada@@example.com", "ada.@example.com", "a@-b.com"],
    )
    async def test_what_is_no_address_is_refused(
        self, user: SubgraphClient, sql: Callable[[str], Database], email: str
    ) -> None:
        before = await count(sql("user"), User)
        answer = await register(user, email)
        assert bad_fields(answer) == ["email"]
        assert await count(sql("user"), User) == before


class TestUnseenCharacters:
    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    async def test_no_account_has_one(
        self, store_client: Client, sql: Callable[[str], Database], character: str
    ) -> None:
        before = await count(sql("user"), User)
        with_it = {
            "email": unique(f"a{character}da"),
            "name": f"Ada{character}Player",
            "password": f"a long{character} password",
            "phoneNumber": f"+4930{character}7654321",
        }
        for field, value in with_it.items():
            answer = await register(store_client, **{"email": unique("ada"), field: value})
            assert bad_fields(answer) == [field]
        assert await count(sql("user"), User) == before

    @pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
    async def test_no_product_has_one_and_no_search(
        self, product: SubgraphClient, games: Any, sql: Callable[[str], Database], character: str
    ) -> None:
        before = await count(sql("product"), Product)
        publish = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
        text = f"un{character}seen"
        for field, value in {"title": text, "description": text, "genres": [text], "headerImage": text}.items():
            answer = await product.run(publish, {"input": game_input("A Game", "1") | {field: value}}, games.developer)
            assert bad_fields(answer) == [field]
        assert await count(sql("product"), Product) == before
        answer = await product.run("query($s: String) { products(search: $s) { totalCount } }", {"s": text})
        assert bad_fields(answer) == ["search"]

    async def test_no_idempotency_key_has_one(self, payment: SubgraphClient, viewers: Any) -> None:
        viewer = await viewers.user()
        for character in UNSEEN.values():
            top_up = "mutation($key: String!) { topUp(amount: 1, idempotencyKey: $key) { balance } }"
            answer = await payment.run(top_up, {"key": f"k{character}ey"}, viewer)
            assert bad_fields(answer) == ["idempotencyKey"]
        assert await payment.data("{ me { wallet { balance } } }", viewer=viewer) == {"me": {"wallet": {"balance": 0}}}

    async def test_a_lone_surrogate_gets_into_no_text(
        self, user: SubgraphClient, sql: Callable[[str], Database]
    ) -> None:
        before = await count(sql("user"), User)
        literal = (
            r'mutation { register(input: {email: "%s", password: "a long password", name: "A\uD800"}) { __typename } }'
        )
        assert await user.code(literal % unique("ada")) == "BAD_USER_INPUT"
        body = r'{"query": "mutation($n: String!) { login(email: $n, password: $n) { __typename } }", "variables": {"n": "\ud800"}}'
        async with user.http.post(
            user.url, data=body, headers={**user._headers, "content-type": "application/json"}
        ) as response:
            assert response.status >= 400
        assert await count(sql("user"), User) == before

    async def test_a_description_has_lines(self, product: SubgraphClient, games: Any) -> None:
        publish = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { description } }"
        given = game_input("A Game", "1") | {"description": "One line.\r\n\tAnother."}
        made = await product.data(publish, {"input": given}, games.developer)
        assert made["publishProduct"]["description"] == given["description"]


class TestAccountsOfAnEarlierRelease:
    """An earlier release took two spellings for two addresses, and zero-width characters for letters."""

    @pytest.fixture
    def earlier(self, running: OwnStore, sql: Callable[[str], Database]) -> Callable[[str, str], Any]:
        """Gives an account the address and the index that the earlier release would have stored."""
        data_key = load_secrets(running.store.settings.state)["STEAMPUNK_DATA_KEY"]
        vault = Vault(*UserSettings.model_validate({"data_key": data_key}).data_keys())

        async def become(user_id: str, email: str) -> None:
            stored = earlier_form(email)
            values = {"email": vault.seal(stored.encode(), f"email:{user_id}"), "email_index": vault.index(stored)}
            async with sql("user").transaction() as session:
                await session.execute(update(User).where(User.id == user_id).values(**values, sealed_by=None))

        return become

    @staticmethod
    async def _taken_over(database: Database, *user_ids: str) -> None:
        async def done() -> bool:
            async with database.reading() as session:
                rows = await session.scalars(select(User.sealed_by).where(User.id.in_(user_ids)))
                return None not in list(rows)

        await eventually(done, seconds=60)

    async def test_one_signs_in_before_and_after_it_is_taken_over_and_no_other_takes_its_address(
        self, user: SubgraphClient, sql: Callable[[str], Database], earlier: Callable[[str, str], Any]
    ) -> None:
        email = unique("rene\u0301")
        user_id = (await register(user, unique("ada")))["data"]["register"]["user"]["id"]
        await earlier(user_id, email)
        signed_in = {"login": {"__typename": "Session", "user": {"id": user_id}}}
        assert await user.data(LOGIN, {"e": email}) == signed_in
        await self._taken_over(sql("user"), user_id)
        for spelling in (email, unicodedata.normalize("NFC", email), email.upper()):
            assert await user.data(LOGIN, {"e": spelling}) == signed_in
            assert (await register(user, spelling))["data"]["register"] == {"__typename": "EmailTaken"}

    async def test_two_that_look_alike_sign_in_each_by_its_own_spelling(
        self, user: SubgraphClient, sql: Callable[[str], Database], earlier: Callable[[str, str], Any]
    ) -> None:
        composed = unique("ren\u00e9")
        decomposed = unicodedata.normalize("NFD", composed)
        ids = []
        for email in (composed, decomposed):
            ids.append((await register(user, unique("ada")))["data"]["register"]["user"]["id"])
            await earlier(ids[-1], email)
        await self._taken_over(sql("user"), *ids)
        for email, user_id in zip((composed, decomposed), ids, strict=True):
            assert (await user.data(LOGIN, {"e": email}))["login"]["user"]["id"] == user_id

    async def test_one_with_an_unseen_character_still_signs_in(
        self, user: SubgraphClient, sql: Callable[[str], Database], earlier: Callable[[str, str], Any]
    ) -> None:
        email = unique("a\u200bda")
        user_id = (await register(user, unique("ada")))["data"]["register"]["user"]["id"]
        await earlier(user_id, email)
        await self._taken_over(sql("user"), user_id)
        assert (await user.data(LOGIN, {"e": email}))["login"]["user"]["id"] == user_id

"""The `export` command writes all that the store keeps of a person, and nothing about anybody else."""

import json
from pathlib import Path
from typing import Any

from subgraphs.kit.database.columns import new_id
from tests.clients import Account, Client, sale_input
from tests.operator.commands import run
from tests.operator.test_grant import settings_of
from tests.own_store import OwnStore
from tests.shop import CLAIM, FLASH_SALE, Shop

REGISTER = """mutation($input: RegisterInput!) { register(input: $input) { ... on Session {
    accessToken refreshToken user { id } } } }"""


async def registered(client: Client, email: str) -> tuple[Account, list[str]]:
    """A new account, and what nobody may read in an export."""
    password = "a long password"
    given = {"email": email, "password": password, "name": "Ada", "phoneNumber": "+4915112345678"}
    made = (await client.data(REGISTER, {"input": given}))["register"]
    return Account(made["user"]["id"], made["accessToken"]), [password, made["accessToken"], made["refreshToken"]]


async def test_all_of_a_person_is_exported(running: OwnStore, store_client: Client, shop: Shop, tmp_path: Path) -> None:
    email, other = f"{new_id()}@example.com", await shop.customer()
    person, secrets = await registered(store_client, email)
    bought, wished, limited, claimed = [await shop.games.new(usd="1.00") for _ in range(2)] + [
        await shop.limited(5),
        await shop.games.new(),
    ]
    await shop.top_up(person, 100_000)
    await shop.bought(person, bought, limited)
    await shop.bought(other, bought)
    play = "mutation($id: ID!) { play(productId: $id) { __typename } }"
    await store_client.data(play, {"id": bought}, person)
    await shop.wish(person, wished)
    sale = {"input": sale_input(claimed, points=70, units=1)}
    sale_id = (await store_client.data(FLASH_SALE, sale, shop.games.developer))["createFlashSale"]["id"]
    await store_client.data(CLAIM, {"id": sale_id}, person)

    written = run(settings_of(running), "subgraphs", "export", email, "--to", str(tmp_path / "ada.json"))

    assert written.returncode == 0, written.stderr
    text = (tmp_path / "ada.json").read_text()
    assert (tmp_path / "ada.json").stat().st_mode & 0o777 == 0o600
    assert not any(secret in text for secret in secrets)
    assert other.id not in text
    check(json.loads(text), person, email, bought, wished, limited)
    printed = run(settings_of(running), "subgraphs", "export", person.id)
    again = json.loads(printed.stdout)
    assert again | {"exportedAt": None} == json.loads(text) | {"exportedAt": None}


def check(found: dict[str, Any], person: Account, email: str, bought: str, wished: str, limited: str) -> None:
    assert (found["format"], found["version"]) == ("steampunk.account", 1)
    account = found["account"]
    assert (account["id"], account["email"], account["phoneNumber"]) == (person.id, email, "+4915112345678")
    (session,) = found["user"]["sessions"]
    assert [token["usedAt"] for token in session["refreshTokens"]] == [None]
    (order,) = found["order"]["orders"]
    assert {line["productId"] for line in order["lines"]} == {bought, limited}
    assert [wish["productId"] for wish in found["order"]["wishlist"]] == [wished]
    ledger = found["payment"]["ledger"]
    assert [entry["kind"] for entry in ledger] == ["TOP_UP", "PURCHASE"]
    assert found["payment"]["wallet"][0]["balance"] == sum(entry["amount"] for entry in ledger)
    assert [top_up["amount"] for top_up in found["payment"]["topUps"]] == [100_000]
    (payment,) = found["payment"]["payments"]
    assert {line["productId"] for line in payment["lines"]} == {bought, limited}
    assert [claim["state"] for claim in found["stock"]["claims"]] == ["HELD"]
    (hold,) = found["stock"]["holds"]
    assert [line["productId"] for line in hold["lines"]] == [limited]
    games = {game["productId"]: game for game in found["library"]["games"]}
    assert games.keys() == {bought, limited}
    assert (games[bought]["playCount"], len(games[bought]["plays"])) == (1, 1)


def test_an_unknown_person_and_a_file_that_exists_are_errors(running: OwnStore, tmp_path: Path) -> None:
    answer = run(settings_of(running), "subgraphs", "export", "nobody@example.com")
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", "There is no account nobody@example.com.\n")

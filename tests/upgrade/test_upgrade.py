"""The current code takes over the store of an earlier release that was killed in the middle of its work.

A sample's instants are in the past, so its short lifetimes have ended whenever this runs.
"""

from typing import Any

import pytest

from tests.clients import Account, Client, eventually
from tests.own_store import OwnStore
from tests.upgrade import operating
from tests.upgrade.sample import Expectation
from tests.upgrade.snapshots import snapshot

PAY = "mutation($id: ID!) { out: pay(paymentId: $id) { __typename ... on Payment { id state } } }"
CHECKOUT = "mutation($input: CheckoutInput!) { out: checkout(input: $input) { __typename ... on Payment { state } } }"
CLAIM = "mutation($id: ID!) { out: claim(saleId: $id) { __typename ... on Claim { state } } }"
LIBRARY = "{ me { library(first: 100) { edges { node { product { id } } } } } }"


@pytest.fixture(scope="module")
async def answers(finished: OwnStore, client: Client, expectation: Expectation) -> tuple[Any, dict[str, Any]]:
    """A snapshot of the store before any other request."""
    return await snapshot(client, expectation)


async def test_dead_letters_are_listed_and_replayed(
    dead_letters: str, finished: OwnStore, expectation: Expectation
) -> None:
    assert expectation.dead_letter in dead_letters
    assert expectation.dead_letter not in operating.dead_letters(finished.settings)


async def test_the_catalogue_and_flash_sales_are_unchanged(
    answers: tuple[Any, dict[str, Any]], expectation: Expectation
) -> None:
    assert answers[0] == expectation.shop


async def test_accounts_keep_their_data(answers: tuple[Any, dict[str, Any]], expectation: Expectation) -> None:
    assert answers[1] == expectation.me


async def test_unfinished_requests_get_the_same_answer_as_before(
    finished: OwnStore, client: Client, accounts: dict[str, Account], expectation: Expectation
) -> None:
    for one in expectation.unfinished:
        answer = await client.data(one.document, one.variables, accounts[one.account])
        assert answer == one.answer, f"{one.account}, interrupted at {one.caught}"


async def test_customers_can_go_on_shopping(
    answers: tuple[Any, dict[str, Any]],
    finished: OwnStore,
    client: Client,
    accounts: dict[str, Account],
    expectation: Expectation,
) -> None:
    patient, claimant, ada = accounts["patient"], accounts["claimant"], accounts["ada"]
    paid = await client.data(PAY, {"id": expectation.ready_payment}, patient)
    assert paid["out"]["state"] == "PAID"

    product = expectation.held_claim["product"]
    wanted = {"productIds": [product], "claimIds": [expectation.held_claim["id"]], "idempotencyKey": "bought since"}
    bought = await client.data(CHECKOUT, {"input": wanted}, claimant)
    assert bought["out"] == {"__typename": "Payment", "state": "PAID"}

    [sale, *_] = [sale["id"] for sale in expectation.shop["flashSales"] if sale["state"] == "OPEN"]
    claimed = await client.data(CLAIM, {"id": sale}, ada)
    assert claimed["out"] == {"__typename": "Claim", "state": "HELD"}

    async def owns() -> bool:
        library = (await client.data(LIBRARY, viewer=claimant))["me"]["library"]
        return [edge["node"]["product"]["id"] for edge in library["edges"]] == [product]

    await eventually(owns, 30)
    operating.audit(finished.settings)

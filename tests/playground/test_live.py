"""The live numbers of a flash sale: by server-sent events, and by asking where these are not served."""

from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.clients import Account, Client, game_input, sale_input
from tests.playground.playground import Playground

DEVELOPER, PLAYER = ("developer@example.com", "ship-it-friday"), ("player@example.com", "press-any-key")
LOGIN = """mutation($email: String!, $password: String!) {
  login(email: $email, password: $password) { ... on Session { accessToken } } }"""
PUBLISH = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
CREATE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
CLAIM = "mutation($sale: ID!) { claim(saleId: $sale) { ... on Claim { id } } }"


async def signed_in(api: Client, email: str, password: str) -> Account:
    data = await api.data(LOGIN, {"email": email, "password": password})
    return Account("", data["login"]["accessToken"])


@pytest.fixture(params=["Server-sent events", "Asked by saleStatus"])
async def way(request: pytest.FixtureRequest, context: Any) -> str:
    """How the page learns of changes."""

    async def without_events(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(json={**await answer.json(), "live": ""})

    if request.param == "Asked by saleStatus":
        await context.route("**/config.json", without_events)
    return str(request.param)


async def test_a_sale_is_seen_to_sell_out(way: str, playground: Playground, api: Client) -> None:
    developer = await signed_in(api, *DEVELOPER)
    made = await api.data(PUBLISH, {"input": game_input(f"Sold Out, {way}", "9.99")}, developer)
    created = await api.data(CREATE, {"input": sale_input(made["publishProduct"]["id"], 9, 1)}, developer)
    panel = await playground.show("Live")
    await panel.get_by_role("button", name=f"Sold Out, {way}").click()
    await expect(panel.get_by_role("status")).to_have_text("OPEN: 1 of 1 left")
    await expect(panel).to_contain_text(f"{way}: shown 1 time.")
    claimed = await api.data(CLAIM, {"sale": created["createFlashSale"]["id"]}, await signed_in(api, *PLAYER))
    assert claimed["claim"]["id"]
    await expect(panel.get_by_role("status")).to_have_text("SOLD_OUT: 0 of 1 left")
    await expect(panel).to_contain_text(f"{way}: shown 2 times.")

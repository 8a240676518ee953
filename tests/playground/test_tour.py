"""The tour: the story's operations, run by clicking."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import expect

from tests.clients import Account, Client
from tests.playground.playground import PLAYER, Playground

STEPS = {
    "Search the catalogue": '"totalCount"',
    "Wish for a game": "WishlistItem",
    "Order it": "READY",
    "Start the payment": "READY",
    "Pay": "PAID",
    "Read everything about me": PLAYER,
    "Play it": "playedAt",
    "Ask for a part later": '"library"',
    "Buy another at once": "PAID",
    "Refund it": "IN_PROGRESS",
}
SALE = {
    "Look for flash sales": '"remaining"',
    "Claim a unit": "HELD",
    "Buy the claimed unit": "PAID",
}
OWNED = "{ me { library(first: 1) { edges { node { played product { id } } } } payments(first: 2) { edges { node { state } } } } }"
LOGIN = """mutation { login(email: "developer@example.com", password: "ship-it-friday") {
    ... on Session { accessToken user { id } } } }"""
PUBLISH = "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }"
ANNOUNCE = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"


async def test_a_customers_story_is_told_by_clicking(playground: Playground, api: Client) -> None:
    panel = await playground.show("Tour")
    sign_in = panel.get_by_role("button", name=f"Sign in as {PLAYER}")
    await sign_in.click()
    await expect(sign_in).to_be_hidden()
    for title, answer in STEPS.items():
        await click_and_run(playground, title, answer)
    viewer = Account("", await shown_token(playground))
    me = (await api.data(OWNED, viewer=viewer))["me"]
    assert [edge["node"]["played"] for edge in me["library"]["edges"]] == [True]
    assert [edge["node"]["state"] for edge in me["payments"]["edges"]] == ["REFUNDED", "PAID"]


async def test_a_flash_sale_is_claimed_and_bought_by_clicking(playground: Playground, api: Client) -> None:
    await announce_a_sale(api)
    await playground.sign_in()
    await playground.show("Tour")
    for title, answer in SALE.items():
        await click_and_run(playground, title, answer)
    viewer = Account("", await shown_token(playground))
    claims = await api.data("{ me { claims(first: 1) { edges { node { state } } } } }", viewer=viewer)
    assert claims["me"]["claims"]["edges"][0]["node"]["state"] == "SOLD"


async def test_a_step_waits_for_the_answer_that_it_needs(playground: Playground) -> None:
    panel = await playground.show("Tour")
    wish = panel.get_by_role("button", name="Wish for a game")
    await expect(wish).to_be_disabled()
    await click_and_run(playground, "Search the catalogue", '"totalCount"')
    await expect(wish).to_be_enabled()
    await panel.get_by_role("button", name="Start again").click()
    await expect(wish).to_be_disabled()


async def click_and_run(playground: Playground, title: str, answer: str) -> None:
    """Opens a step of the tour, runs it, and waits for its answer."""
    step = playground.page.get_by_role("button", name=re.compile(f"^{title} "))
    await step.click()
    await playground.run()
    await expect(playground.result).to_contain_text(answer)
    await expect(step).to_contain_text("answered")


async def shown_token(playground: Playground) -> str:
    await playground.show("Sign in")
    return await playground.token()


async def announce_a_sale(api: Client) -> None:
    """Puts a new game on sale, so that there is one whatever the sample data has."""
    session = (await api.data(LOGIN))["login"]
    developer = Account(session["user"]["id"], session["accessToken"])
    game = {"title": "Flash in the Pan", "description": "For the tour.", "usd": "9.99", "genres": ["Indie"]}
    product = await api.data(PUBLISH, {"input": {**game, "platforms": ["LINUX"]}}, developer)
    now = datetime.now(UTC)
    times = {"startsAt": (now - timedelta(seconds=1)).isoformat(), "endsAt": (now + timedelta(hours=1)).isoformat()}
    sale = {"productId": product["publishProduct"]["id"], "points": 1299, "units": 2, **times}
    await api.data(ANNOUNCE, {"input": sale}, developer)

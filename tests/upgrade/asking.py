"""What a store tells by its API: to everybody, and to each account of itself."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.clients import Account, Client
from tests.upgrade.sample import Expectation

SHOP = """{
    products(first: 100, sort: TITLE) { edges { node {
        id title description headerImage releasedOn platforms positiveReviews negativeReviews
        developers publishers genres { name } categories screenshots movies
        tags { name votes } languages { name fullAudio }
        price { usd regularPoints discountPercent points }
        state stock { total remaining held sold } flashSale { id } } } }
    lighthouses: products(search: "lighthouse keep") { edges { node { id title } } }
    genres { name }
    flashSales(first: 100) { edges { node {
        id product { id } points units remaining state startsAt endsAt } } } }"""

ME = """{ me {
    id email name phoneNumber roles createdAt
    wallet { balance entries(first: 100) { edges { node {
        kind amount balanceAfter createdAt payment { id } } } } }
    wishlist(first: 100) { edges { node { product { id } addedAt } } }
    orders(first: 100) { edges { node {
        id state totalPoints placedAt payment { id }
        lines { product { id } points discountPercent claim { id } } } } }
    payments(first: 100) { edges { node {
        id state amount createdAt paidAt expiresAt order { id }
        refunds { id state amount requestedAt completedAt products { id } } } } }
    claims(first: 100) { edges { node { id state expiresAt createdAt sale { id } } } }
    library(first: 100) { edges { node { product { id } acquiredAt played lastPlayedAt } } }
    playHistory(first: 100) { edges { node { id product { id } playedAt } } } } }"""

LOGIN = """mutation($email: String!, $password: String!) { login(email: $email, password: $password) {
    __typename ... on Session { accessToken user { id } } } }"""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


async def sign_in(client: Client, email: str, password: str) -> Account:
    session = (await client.data(LOGIN, {"email": email, "password": password}))["login"]
    assert session["__typename"] == "Session", f"{email}: {session}"
    return Account(session["user"]["id"], session["accessToken"])


async def everybody(client: Client, expectation: Expectation) -> dict[str, Account]:
    """All accounts of a sample, signed in."""
    return {name: await sign_in(client, one.email, one.password) for name, one in expectation.accounts.items()}


async def told(client: Client, expectation: Expectation) -> tuple[Any, dict[str, Any]]:
    """What everybody sees, and what each account sees of itself."""
    accounts = await everybody(client, expectation)
    shop = await client.data(expectation.shop_document)
    me = {name: (await client.data(expectation.me_document, {}, one))["me"] for name, one in accounts.items()}
    return lasting(shop, expectation.packed_at), lasting(me, expectation.packed_at)


def lasting(answer: Any, packed_at: str) -> Any:
    """An answer in which each instant between the sample's making and tomorrow reads `later`, and pages are lists.

    What was finished after the sample was made carries the time at which that was done.
    """
    if isinstance(answer, dict):
        if "edges" in answer:
            return [lasting(edge["node"], packed_at) for edge in answer["edges"]]
        return {name: lasting(value, packed_at) for name, value in answer.items()}
    if isinstance(answer, list):
        return [lasting(value, packed_at) for value in answer]
    if isinstance(answer, str) and INSTANT.match(answer):
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        return "later" if datetime.fromisoformat(packed_at) < datetime.fromisoformat(answer) < tomorrow else answer
    return answer

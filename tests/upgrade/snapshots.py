"""Snapshots of a store, taken through its API: the public data, and each account's own."""

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


async def sign_in_all(client: Client, expectation: Expectation) -> dict[str, Account]:
    """Signs in all accounts of a sample."""
    return {name: await sign_in(client, one.email, one.password) for name, one in expectation.accounts.items()}


async def snapshot(client: Client, expectation: Expectation) -> tuple[Any, dict[str, Any]]:
    """Returns the public data and each account's own data, normalized."""
    accounts = await sign_in_all(client, expectation)
    shop = await client.data(expectation.shop_document)
    me = {name: (await client.data(expectation.me_document, {}, one))["me"] for name, one in accounts.items()}
    return normalized(shop, expectation.packed_at), normalized(me, expectation.packed_at)


def normalized(answer: Any, packed_at: str) -> Any:
    """Replaces connections with lists of nodes, and instants between `packed_at` and tomorrow with `later`.

    Work that finishes after the upgrade gets such an instant, which differs in every run.
    """
    if isinstance(answer, dict):
        if "edges" in answer:
            return [normalized(edge["node"], packed_at) for edge in answer["edges"]]
        return {name: normalized(value, packed_at) for name, value in answer.items()}
    if isinstance(answer, list):
        return [normalized(value, packed_at) for value in answer]
    if isinstance(answer, str) and INSTANT.match(answer):
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        return "later" if datetime.fromisoformat(packed_at) < datetime.fromisoformat(answer) < tomorrow else answer
    return answer

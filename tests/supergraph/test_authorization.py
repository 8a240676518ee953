"""A user's data is hidden from other users, on every path to it."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.kit.web.auth import Role
from tests.clients import Account, Client, SubgraphClient
from tests.shop import Shop

ENTITY = "query($r: [_Any!]!) { _entities(representations: $r) { __typename ... on %s { %s } } }"


@pytest.fixture(scope="module")
async def owner(shop: Shop) -> Account:
    return await shop.registered(100_000)


@pytest.fixture(scope="module")
async def payment_id(shop: Shop, owner: Account) -> str:
    return await shop.bought(owner, await shop.games.new(usd="1.00"))


async def test_another_users_order_and_payment_are_null(shop: Shop, owner: Account, payment_id: str) -> None:
    mine = await shop.client.data("query($id: ID!) { payment(id: $id) { order { id } } }", {"id": payment_id}, owner)
    order_id = mine["payment"]["order"]["id"]
    stranger = await shop.customer(0)
    query = "query($p: ID!, $o: ID!) { payment(id: $p) { id } order(id: $o) { id } }"
    ids = {"p": payment_id, "o": order_id}
    assert await shop.client.data(query, ids, stranger) == {"payment": None, "order": None}
    admin = await shop.viewers.admin()
    assert (await shop.client.data(query, ids, admin))["payment"] == {"id": payment_id}


@pytest.mark.parametrize(
    "mutation",
    [
        "mutation($id: ID!) { pay(paymentId: $id) { __typename } }",
        "mutation($id: ID!) { cancelPayment(id: $id) { id } }",
        'mutation($id: ID!) { refund(paymentId: $id, idempotencyKey: "k") { __typename } }',
    ],
)
async def test_another_users_payment_cannot_be_changed(shop: Shop, payment_id: str, mutation: str) -> None:
    assert await shop.client.code(mutation, {"id": payment_id}, await shop.customer(0)) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("subgraph", "field"),
    [
        ("payment", "wallet { balance }"),
        ("payment", "payments { totalCount }"),
        ("order", "orders { totalCount }"),
        ("order", "wishlist { totalCount }"),
        ("stock", "claims { totalCount }"),
        ("library", "library { totalCount }"),
        ("library", "playHistory { totalCount }"),
    ],
)
async def test_entities_do_not_leak_another_users_data(
    subgraph: str, field: str, shop: Shop, owner: Account, request: pytest.FixtureRequest
) -> None:
    client: SubgraphClient = request.getfixturevalue(subgraph)
    query, user = ENTITY % ("User", field), {"r": [{"__typename": "User", "id": owner.id}]}
    assert await client.code(query, user, await shop.customer(0)) == "FORBIDDEN"
    assert await client.code(query, user) == "UNAUTHENTICATED"
    data = await client.data(query, user, owner)
    assert data["_entities"][0]["__typename"] == "User"


async def test_entities_of_another_users_payment_and_order_are_null(
    shop: Shop, payment: SubgraphClient, order: SubgraphClient, owner: Account, payment_id: str
) -> None:
    stranger = await shop.customer(0)
    entity: dict[str, Any] = {"r": [{"__typename": "Payment", "id": payment_id}]}
    assert (await payment.data(ENTITY % ("Payment", "amount"), entity, stranger))["_entities"] == [None]
    mine = await payment.data(ENTITY % ("Payment", "order { id }"), entity, owner)
    order_id = mine["_entities"][0]["order"]["id"]
    entity = {"r": [{"__typename": "Order", "id": order_id}]}
    assert (await order.data(ENTITY % ("Order", "totalPoints"), entity, stranger))["_entities"] == [None]
    contributed = await payment.data(ENTITY % ("Order", "payment { id }"), entity, stranger)
    assert contributed["_entities"][0]["payment"] is None


async def test_private_fields_of_a_user_are_null_for_others(user: SubgraphClient, shop: Shop, owner: Account) -> None:
    query, entity = (
        ENTITY % ("User", "name email phoneNumber"),
        {"r": [{"__typename": "User", "id": owner.id}]},
    )
    seen = (await user.data(query, entity, await shop.customer(0)))["_entities"][0]
    assert seen["name"]
    assert seen["email"] is None
    assert seen["phoneNumber"] is None


async def test_commands_are_neither_in_the_supergraph_nor_open_to_the_router(
    shop: Shop, payment: SubgraphClient, stock: SubgraphClient
) -> None:
    command = "mutation { releaseUnits(requests: []) }"
    assert await shop.client.code(command) == "BAD_USER_INPUT"
    assert await stock.code(command) == "FORBIDDEN"
    schema = await shop.client.data("{ __schema { types { name } mutationType { fields { name } } } }")
    names = {one["name"] for one in schema["__schema"]["types"]}
    fields = {one["name"] for one in schema["__schema"]["mutationType"]["fields"]}
    assert "CommandMessage" not in names
    assert not fields & {"releaseUnits", "holdUnits", "placeCheckoutOrders", "revokeGames"}


async def test_a_client_cannot_pass_service_headers_through_the_router(shop: Shop) -> None:
    headers = {"x-service-secret": "anything", "x-router-secret": "anything"}
    client = Client(shop.client.http, shop.client.url, headers)
    assert await client.data("{ genres { name } }")


@pytest.mark.parametrize(
    "mutation",
    [
        'mutation { grantRole(userId: "x", role: ADMIN) { id } }',
        'mutation { limitStock(productId: "10000000001", units: 5) { id } }',
        """mutation { publishProduct(input: {title: "x", description: "x", usd: "1", genres: ["x"], platforms: []}) { id } }""",
        'mutation { setDiscount(productId: "10000000001", percent: 10) { id } }',
    ],
)
async def test_mutations_require_their_role(shop: Shop, mutation: str) -> None:
    assert await shop.client.code(mutation, viewer=await shop.customer(0)) == "FORBIDDEN"
    assert await shop.client.code(mutation) == "UNAUTHENTICATED"


async def test_a_forged_or_expired_token_is_refused(shop: Shop) -> None:
    expired = shop.viewers.make(Role.USER, lifetime=timedelta(seconds=-1))
    assert await shop.client.code("{ me { id } }", viewer=expired) == "UNAUTHENTICATED"
    header, claims, signature = expired.token.split(".")
    forged = Account(expired.id, f"{header}.{claims}x.{signature}")
    assert await shop.client.code("{ me { id } }", viewer=forged) == "UNAUTHENTICATED"
    assert await shop.client.code("{ me { id } }", viewer=Account("", "not.a.token")) == "UNAUTHENTICATED"

"""Operations that would become large are refused; the largest of the others are small."""

import asyncio
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from graphql import build_schema

from etl import sample
from etl.load import load
from router.process import SUPERGRAPH
from subgraphs.kit.graphql.limits import BUDGET
from subgraphs.store.config import load_secrets
from tests.attacks.costly_operations import PAGES, Operation, largest
from tests.clients import Account, Client, Games, SubgraphClient, Viewers, sale_input
from tests.own_store import OwnStore, own_store
from tests.shop import Shop

MEGABYTES = 1_000_000
ORDERS, LINES = 40, 50
THE_BOMB = """{ products(first: 100) { edges { node { genres { products(first: 100) { edges { node {
    genres { products(first: 100) { edges { node { title } } } } } } } } } } } }"""
ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { title } } }"
EVERYTHING = """query($after: String) { products(first: 100, after: $after) {
    pageInfo { endCursor hasNextPage } edges { node {
    id title description headerImage releasedOn platforms positiveReviews negativeReviews developers publishers
    genres { name } categories screenshots movies tags { name votes } languages { name fullAudio }
    price { usd regularPoints discountPercent points } owned state stock { total } flashSale { id } } } } }"""
OTHERS_TAGS = "{ me { orders(first: 100) { edges { node { lines { product { tags { name votes } } } } } } } }"
EVERY_TYPENAME = """{ __typename me { __typename payments(first: 2) { __typename pageInfo { __typename hasNextPage }
    edges { __typename node { __typename order { __typename lines { __typename points product {
    __typename title headerImage description negativeReviews } } } } } } } }"""
MANY_TITLES = "{ me { orders(first: 100) { edges { node { lines { product { title } } } } } } }"


@dataclass
class Crowded:
    """A store with full lists, and a customer who owns everything in it."""

    own: OwnStore
    client: Client
    product: SubgraphClient
    customer: Account

    async def answer(self, operation: Operation, page: int) -> bytes:
        """The answer with pages of this length."""
        headers = {"authorization": f"Bearer {self.customer.token}"}
        body = {"query": operation.text, "variables": {"page": page}}
        async with self.client.http.post(self.client.url, json=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            return await response.read()

    async def largest_answer(self, operation: Operation) -> tuple[int, float]:
        """The bytes and seconds of the answer with the longest pages that are not refused; 0 if all are."""
        for page in PAGES[PAGES.index(operation.page) :]:
            started = time.monotonic()
            answer = await self.answer(operation, page)
            if b"QUERY_TOO_COMPLEX" not in answer:
                return len(answer), time.monotonic() - started
        return 0, 0.0

    async def browse(self) -> None:
        """Reads the whole catalogue, page by page, as customers do."""
        after, more = None, True
        while more:
            page = (await self.client.data(EVERYTHING, {"after": after}, self.customer))["products"]["pageInfo"]
            after, more = page["endCursor"], page["hasNextPage"]

    def memory(self) -> dict[str, int]:
        """The resident memory of each process, in bytes."""
        found = {}
        for name, child in self.own.store.children.items():
            status = Path(f"/proc/{child.pid}/status").read_text()
            found[name] = int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024
        return found


@pytest.fixture(scope="module")
def own(engine: str, mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    state = tmp_path_factory.mktemp("crowded")
    with own_store(engine, state, database_url=f"{mariadb_url}_crowded" if mariadb_url else "") as own:
        yield own


@pytest.fixture(scope="module")
async def store(own: OwnStore, http: aiohttp.ClientSession) -> Crowded:
    """With a catalogue, a flash sale on each product of the first page, and full orders of the same products."""
    games_file = own.store.settings.state / "games.json"
    sample.write(games_file, 1000, 1)
    await asyncio.to_thread(load, games_file, own.settings.database_of("product"))
    viewers, client = Viewers(await own.signer()), Client(http, own.store.settings.graphql_url, {})
    product = SubgraphClient(http, own.settings.url_of("product"), load_secrets(own.store.settings.state))
    admin = await viewers.admin()
    shop = Shop(client, viewers, Games(product, admin))
    page = await client.data("{ products(first: 100) { edges { node { id } } } }")
    games = [edge["node"]["id"] for edge in page["products"]["edges"]]
    sale = "mutation($input: FlashSaleInput!) { createFlashSale(input: $input) { id } }"
    await asyncio.gather(*[client.data(sale, {"input": sale_input(game, 5, 10)}, admin) for game in games])
    customer = await shop.registered(1_000_000)
    await shop.wish(customer, *games[:LINES])
    place = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ... on Order { id } } }"
    for _ in range(ORDERS):
        wanted = {"productIds": games[:LINES], "idempotencyKey": str(uuid.uuid4())}
        order = await client.data(place, {"input": wanted}, customer)
        await shop.started(customer, order["placeOrder"]["id"])
    return Crowded(own, client, product, customer)


def too_complex(answer: dict[str, Any]) -> dict[str, Any]:
    """The extensions of the only error."""
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert error["message"] == "The operation would cost too much: ask for smaller pages or for less of each item."
    found: dict[str, Any] = error["extensions"]
    return found


class TestRefusals:
    @pytest.mark.parametrize("through", ["client", "product"])
    async def test_pages_within_pages_within_pages_are_refused(self, store: Crowded, through: str) -> None:
        client: Client = getattr(store, through)
        answer = await client.run(THE_BOMB)
        extensions = too_complex(answer)
        assert (extensions["cost"], extensions["budget"]) == (
            1 + 100 * (2 + 20 * (2 + 100 * (2 + 20 * (2 + 100 * 3)))),
            BUDGET,
        )
        assert answer.get("data") is None

    async def test_a_variable_does_not_hide_the_size(self, store: Crowded) -> None:
        query = "query($n: Int) " + THE_BOMB.replace("100", "$n")
        assert too_complex(await store.client.run(query, {"n": 50}))["cost"] > BUDGET
        assert "errors" not in await store.client.run(query, {"n": 2})

    async def test_representations_count_by_what_they_cost(self, store: Crowded) -> None:
        representations = [{"__typename": "Product", "id": str(number)} for number in range(20_000)]
        assert too_complex(await store.product.run(ENTITIES, {"r": representations}))["cost"] == 80_000
        found = await store.product.data(ENTITIES, {"r": representations[:5000]})
        assert len(found["_entities"]) == 5000

    async def test_an_entity_counts_at_each_place_where_it_stands(self, store: Crowded) -> None:
        answer = await store.client.run(OTHERS_TAGS, viewer=store.customer)
        assert too_complex(answer)["cost"] > ORDERS * LINES * 60
        lines = answer["data"]
        assert lines is None or "tags" not in str(lines)

    async def test_the_aliases_of_one_operation_share_a_budget(self, store: Crowded) -> None:
        wishes = "me { wishlist(first: 50) { edges { node { product { tags { name votes } } } } } }"
        many = "{ " + " ".join(f"a{number}: {wishes}" for number in range(30)) + " }"
        answer = await store.client.run(many, viewer=store.customer)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"QUERY_TOO_COMPLEX"}
        assert "errors" not in await store.client.run(f"{{ {wishes} }}", viewer=store.customer)

    @pytest.mark.parametrize("levels", [60, 300, 800])
    async def test_fragments_that_double_are_refused(self, store: Crowded, levels: int) -> None:
        doubling = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
        query = f"{{ ...f0 }} {doubling} fragment f{levels} on Query {{ genres {{ name }} }}"
        assert await store.product.code(query) == "QUERY_TOO_COMPLEX"
        assert await store.client.code(query) in ("QUERY_TOO_COMPLEX", "BAD_USER_INPUT")

    async def test_braces_without_end_are_refused(self, store: Crowded) -> None:
        assert await store.product.code("{ a " * 1500 + "}" * 1500) == "QUERY_TOO_COMPLEX"


class TestLegalOperations:
    @pytest.mark.parametrize(
        "query",
        [EVERYTHING, MANY_TITLES, EVERY_TYPENAME],
        ids=["all of 100 products", "2,000 lines", "__typename everywhere, as Apollo Client asks"],
    )
    async def test_large_pages_are_answered(self, store: Crowded, query: str) -> None:
        data = await store.client.data(query, viewer=store.customer)
        assert "title" in str(data)


class TestManyErrors:
    async def test_a_fetch_that_fails_as_a_whole_is_one_error(self, store: Crowded) -> None:
        assert len((await store.client.run(OTHERS_TAGS, viewer=store.customer))["errors"]) == 1


@dataclass
class Round:
    """The results of sending each of the largest operations once."""

    sizes: dict[str, int]
    """The bytes of each answer; 0 where even short pages are refused."""
    seconds: float
    """What the slowest took."""
    memory: dict[str, int]
    """What each process holds afterwards, in bytes."""


@pytest.fixture(scope="module")
def operations() -> list[Operation]:
    return largest(build_schema(SUPERGRAPH.read_text(), assume_valid=True), values=BUDGET)


async def send_each(store: Crowded, operations: list[Operation]) -> Round:
    answers = {one.text: await store.largest_answer(one) for one in operations}
    sizes = {text: size for text, (size, _) in answers.items()}
    return Round(sizes, max(seconds for _, seconds in answers.values()), store.memory())


@pytest.fixture(scope="module")
async def first(store: Crowded, operations: list[Operation]) -> Round:
    """The first round, on a store that has served its whole catalogue."""
    await store.browse()
    return await send_each(store, operations)


class TestTheLargest:
    def test_their_answers_are_small(self, first: Round, record_property: Any) -> None:
        record_property("seconds of the slowest operation", round(first.seconds, 3))
        record_property("bytes of the largest answer", max(first.sizes.values()))
        record_property("operations answered", sum(map(bool, first.sizes.values())))
        assert max(first.sizes.values()) < 2 * MEGABYTES, max(first.sizes, key=first.sizes.__getitem__)

    @pytest.mark.engineless
    async def test_asked_again_and_again_they_take_no_more_memory(
        self, store: Crowded, first: Round, operations: list[Operation], record_property: Any
    ) -> None:
        again = [(await send_each(store, operations)).memory for _ in range(2)]
        *earlier, last = first.memory, *again
        record_property("memory after each time", [*earlier, last])
        assert {name: used for name, used in last.items() if used > 1.2 * max(one[name] for one in earlier)} == {}

"""Access tokens end with their session, in every process of every subgraph."""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.process import free_ports
from subgraphs.kit.redis.ended_sessions import KEY
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.config import load_secrets
from tests.clients import Account, Client, SubgraphClient, eventually
from tests.own_store import QUICK, OwnStore, own_store

SESSION = "__typename ... on Session { accessToken refreshToken user { id } }"
REGISTER = f"mutation($input: RegisterInput!) {{ register(input: $input) {{ {SESSION} }} }}"
LOGIN = f'mutation($e: String!) {{ login(email: $e, password: "a long password") {{ {SESSION} }} }}'
CHANGE = f'mutation {{ changePassword(current: "a long password", new: "another password") {{ {SESSION} }} }}'
REFRESH = "mutation($t: String!) { refresh(refreshToken: $t) { accessToken refreshToken } }"
LOGOUT = "mutation { logout }"
TOP_UP = "mutation($key: String!) { topUp(amount: 1000, idempotencyKey: $key) { balance } }"
BALANCE = "{ me { wallet { balance } } }"
# Product has no `me`. Whose token it accepts is told that a customer may not do this.
NEEDS_A_VIEWER = dict.fromkeys(SUBGRAPHS, "{ me { id } }") | {
    "product": 'mutation { setDiscount(productId: "none", percent: 5) { id } }'
}
WORKERS = 2
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells which process has a connection")
REFUSED = {"UNAUTHENTICATED"}
ACCEPTED = {"FORBIDDEN", "accepted"}


@pytest.fixture(scope="module")
def processes(engine: str, tmp_path_factory: pytest.TempPathFactory, running: OwnStore) -> Iterator[OwnStore]:
    """A store with two processes of each subgraph, and a Redis of its own."""
    state, workers = tmp_path_factory.mktemp("revocation"), {"STEAMPUNK_WORKERS": str(WORKERS)}
    with own_store(engine, state, {**QUICK, **workers}) as store:
        yield store


Processes = dict[str, list[SubgraphClient]]


class Store:
    """The store's clients: one at the router, and one at each process of each subgraph."""

    def __init__(self, own: OwnStore, http: aiohttp.ClientSession) -> None:
        self.own = own
        self.router = Client(http, own.store.settings.graphql_url, {})
        self._secrets = load_secrets(own.store.settings.state)

    async def registered(self) -> tuple[str, dict[str, Any]]:
        """A new account: its address and its first session."""
        email = f"{uuid.uuid4()}@example.com"
        given = {"email": email, "password": "a long password", "name": "Ada"}
        return email, (await self.router.data(REGISTER, {"input": given}))["register"]

    async def answers(self, account: Account) -> set[str]:
        """What all processes say to a token: codes of errors, or `accepted`."""
        async with self.everywhere() as processes:
            return await answers_of(processes, account)

    @asynccontextmanager
    async def everywhere(self) -> AsyncIterator[Processes]:
        """A client with a connection of its own to each process of each subgraph."""
        async with AsyncExitStack() as stack:
            yield {name: await stack.enter_async_context(self._each_process_of(name)) for name in SUBGRAPHS}

    @asynccontextmanager
    async def _each_process_of(self, subgraph: str) -> AsyncIterator[list[SubgraphClient]]:
        """A client with a connection of its own to each process: opens more until every process has one."""
        supervisor = self.own.store.children[subgraph].pid
        health = f"{self.own.store.settings.base_url_of(subgraph)}/health"
        found: dict[int, aiohttp.ClientSession] = {}

        async def all_found() -> bool:
            (client,) = free_ports(1)
            one = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1, local_addr=("127.0.0.1", client)))
            try:
                async with one.get(health):
                    process = serving(supervisor, self.own.store.settings.port_of(subgraph), client)
            except aiohttp.ClientConnectorError:  # somebody else has taken the port meanwhile
                await one.close()
                return False
            if found.setdefault(process, one) is not one:
                await one.close()
            return len(found) == WORKERS

        try:
            await eventually(all_found, seconds=60)
            url = self.own.settings.url_of(subgraph)
            yield [SubgraphClient(http, url, self._secrets) for http in found.values()]
        finally:
            for http in found.values():
                await http.close()


async def answers_of(processes: Processes, account: Account) -> set[str]:
    """What processes say to a token: codes of errors, or `accepted`."""
    asked = [
        client.run(NEEDS_A_VIEWER[name], viewer=account) for name, clients in processes.items() for client in clients
    ]
    answers = await asyncio.gather(*asked)
    return {one["errors"][0]["extensions"]["code"] if "errors" in one else "accepted" for one in answers}


def serving(supervisor: int, port: int, client: int) -> int:
    """Which child of a process holds the connection between two ports of 127.0.0.1."""
    ends = [f":{number:04X}" for number in (port, client)]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])}
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return next(int(child) for child in children if sockets & open_files(child))


def open_files(process: str) -> set[str]:
    return {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir() if os.path.lexists(file)}


def account(session: dict[str, Any]) -> Account:
    return Account(session["user"]["id"], session["accessToken"])


@pytest.fixture
def store(processes: OwnStore, http: aiohttp.ClientSession) -> Store:
    return Store(processes, http)


@pytest.fixture
async def own_redis(processes: OwnStore) -> AsyncIterator[Redis]:
    client = Redis.from_url(processes.settings.redis_url, decode_responses=True, protocol=2)
    yield client
    await client.aclose()


async def refused_everywhere(store: Store, viewer: Account) -> None:
    async def refused() -> bool:
        return await store.answers(viewer) == REFUSED

    await eventually(refused, seconds=30)


async def test_logout_ends_the_token_and_no_other(store: Store, record_property: Any) -> None:
    email, first = await store.registered()
    second = (await store.router.data(LOGIN, {"e": email}))["login"]
    assert await store.answers(account(first)) == ACCEPTED
    async with store.everywhere() as processes:
        assert await store.router.data(LOGOUT, viewer=account(first)) == {"logout": True}
        answered = time.monotonic()

        async def refused() -> bool:
            return await answers_of(processes, account(first)) == REFUSED

        # Within a second is promised; the machine that runs the tests may have other work.
        await eventually(refused, seconds=15)
        record_property("seconds until all processes refused", round(time.monotonic() - answered, 3))
        assert await answers_of(processes, account(second)) == ACCEPTED


async def test_an_ended_token_moves_no_money(store: Store) -> None:
    email, stolen = await store.registered()
    await store.router.data(TOP_UP, {"key": "before"}, account(stolen))
    await store.router.data(LOGOUT, viewer=account(stolen))
    await refused_everywhere(store, account(stolen))
    assert await store.router.code(TOP_UP, {"key": "after"}, account(stolen)) == "UNAUTHENTICATED"
    owner = account((await store.router.data(LOGIN, {"e": email}))["login"])
    assert (await store.router.data(BALANCE, viewer=owner))["me"]["wallet"] == {"balance": 1000}


async def test_a_new_password_ends_the_tokens_of_all_sessions_but_the_new_one(store: Store) -> None:
    email, first = await store.registered()
    second = (await store.router.data(LOGIN, {"e": email}))["login"]
    new = (await store.router.data(CHANGE, viewer=account(first)))["changePassword"]
    for session in (first, second):
        await refused_everywhere(store, account(session))
    assert await store.answers(account(new)) == ACCEPTED


async def test_a_refresh_token_in_two_hands_ends_the_tokens_of_both(store: Store) -> None:
    _, owner = await store.registered()
    thief = (await store.router.data(REFRESH, {"t": owner["refreshToken"]}))["refresh"]
    assert await store.router.code(REFRESH, {"t": owner["refreshToken"]}) == "UNAUTHENTICATED"
    for token in (owner["accessToken"], thief["accessToken"]):
        await refused_everywhere(store, Account("", token))


async def test_a_process_that_starts_later_knows_it(store: Store) -> None:
    _, session = await store.registered()
    await store.router.data(LOGOUT, viewer=account(session))
    await refused_everywhere(store, account(session))
    for subgraph in ("user", "payment"):
        restarted = store.own.store.children[subgraph]
        restarted.kill()
        restarted.restart()
    store.own.store.wait_ready()
    assert await store.answers(account(session)) == REFUSED


async def test_a_redis_that_has_lost_it_gets_it_again(store: Store, own_redis: Redis) -> None:
    _, session = await store.registered()
    await store.router.data(LOGOUT, viewer=account(session))
    await refused_everywhere(store, account(session))
    await own_redis.flushall()

    async def told_again() -> bool:
        return await own_redis.zcard(KEY) > 0

    await eventually(told_again, seconds=30)
    store.own.store.children["payment"].kill()
    store.own.store.children["payment"].restart()
    store.own.store.wait_ready()
    assert await store.answers(account(session)) == REFUSED


async def test_without_redis_the_token_holds_and_ends_when_redis_is_back(store: Store, own_redis: Redis) -> None:
    _, session = await store.registered()
    server = store.own.servers["redis"]
    server.kill()
    assert await store.router.data(LOGOUT, viewer=account(session)) == {"logout": True}
    assert await store.router.code(REFRESH, {"t": session["refreshToken"]}) == "UNAUTHENTICATED", (
        "the session has ended"
    )
    assert await store.answers(account(session)) == ACCEPTED, "its token holds"
    server.restart()

    async def answers() -> bool:
        try:
            return bool(await own_redis.ping())
        except RedisError:
            return False

    await eventually(answers, seconds=30)
    await refused_everywhere(store, account(session))

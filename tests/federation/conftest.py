"""The reference, the gateways and the people of the comparison."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from graphql import build_schema

from router.node import install
from router.process import SUPERGRAPH, NodeGateway
from router.process import running as gateway_running
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.kit.web.auth import Role
from subgraphs.store.config import load_secrets
from tests.accounts.mailbox import MailFolder
from tests.clients import Account, Client, Games
from tests.federation.cases import Cases
from tests.federation.comparison import Comparison
from tests.federation.ownership import Ownership
from tests.federation.people import expired, shelf, somebody, withdraw, world_of
from tests.federation.reference import Reference
from tests.federation.trials import Trials
from tests.options import option
from tests.own_store import OwnStore
from tests.shop import Shop

OPERATIONS = 0
"""None by default: the comparison takes long, and is a session of its own."""
SEED = 1
API = Path(__file__).parents[2] / "schema" / "api.graphql"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operations", type=int, default=OPERATIONS, help="how many queries are compared")
    parser.addoption("--merge-seed", type=int, default=SEED, help="the seed of all operations")
    parser.addoption("--write-plans", action="store_true", help="write plans/plans.txt instead of comparing it")
    parser.addoption("--only", default="", help="one operation, as a difference names it: 'query SEED/NUMBER'")


operations, merge_seed = option("operations", OPERATIONS), option("merge_seed", SEED)
only = option("only", "")


@pytest.fixture(scope="session")
async def patient_http() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=300)
    connector = aiohttp.TCPConnector(limit=32)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield session


@pytest.fixture(scope="session")
def subgraph_clients(running: OwnStore, patient_http: aiohttp.ClientSession) -> dict[str, Client]:
    """Each subgraph as the router sees it."""
    secret = {"x-router-secret": load_secrets(running.store.settings.state)["STEAMPUNK_ROUTER_SECRET"]}
    return {name: Client(patient_http, running.settings.url_of(name), secret) for name in SUBGRAPHS}


@pytest.fixture(scope="session")
def reference(subgraph_clients: dict[str, Client]) -> Reference:
    async def ask(subgraph: str, document: str, variables: dict[str, Any], viewer: Account | None) -> dict[str, Any]:
        return await subgraph_clients[subgraph].run(document, variables, viewer)

    return Reference(build_schema(API.read_text()), Ownership(SUPERGRAPH.read_text()), ask)


@pytest.fixture(scope="session")
def gateway_settings(running: OwnStore) -> dict[str, str]:
    """What a gateway of the tests' own needs, to serve the store's subgraphs."""
    settings = running.store.settings.environment()
    return {name: value for name, value in settings.items() if name.startswith("STEAMPUNK_")}


@pytest.fixture(scope="session")
def gateways(running: OwnStore, gateway_settings: dict[str, str]) -> Iterator[dict[str, str]]:
    """The addresses of Apollo Router, where it is installed, and of the Node gateway."""
    own = running.store.settings.graphql_url
    if isinstance(running.store.gateway, NodeGateway):
        yield {"node": own}
        return
    with gateway_running(install(print), SUPERGRAPH, gateway_settings) as node:
        yield {"router": own, "node": node}


@pytest.fixture
def comparison(reference: Reference, gateways: dict[str, str], patient_http: aiohttp.ClientSession) -> Comparison:
    return Comparison(reference, gateways, patient_http)


@pytest.fixture(scope="session")
async def trials(
    shop: Shop,
    sql: Callable[[str], Database],
    reference: Reference,
    running: OwnStore,
    subgraph_clients: dict[str, Client],
) -> Trials:
    async def made(role: Role) -> Account:
        return shop.viewers.make(Role.USER, role, user_id=(await shop.registered(1)).id)

    developer, admin, another_developer = await made(Role.DEVELOPER), await made(Role.ADMIN), await made(Role.DEVELOPER)
    own, others = [
        Shop(shop.client, shop.viewers, Games(subgraph_clients["product"], one))
        for one in (developer, another_developer)
    ]
    games = await shelf(own, sql)
    people = {
        "a customer": await somebody(own, games),
        "another customer": await somebody(own, games),
        "a developer": developer,
        "an admin": admin,
        "anybody": None,
        "somebody expired": expired(own),
    }
    await withdraw(own, games[2])
    world, actors = await world_of(people, reference, own, sql)
    # What mutations publish is another's: the developer's newest games stay those that have been sold.
    cases = Cases(others, MailFolder(running.store.settings.mail_folder))
    return Trials(reference.schema, people, world, actors, cases)

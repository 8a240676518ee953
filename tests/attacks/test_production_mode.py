"""STEAMPUNK_MODE=production: what a store then tells nobody, and with what it does not start."""

import asyncio
import json
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pymysql
import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from yarl import URL

from router.binary import locate_or_download
from subgraphs.kit.database.database import Database
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.product.models import Product
from subgraphs.store import seed
from subgraphs.store.config import load_secrets
from subgraphs.store.processes import answers
from subgraphs.user.models import User
from tests.clients import Account, Client, SubgraphClient
from tests.operator.commands import clean, run
from tests.own_store import QUICK, OwnStore, own_store

SCHEMA = Path(__file__).parents[2] / "schema"
PRODUCTION = {"STEAMPUNK_MODE": "production", "STEAMPUNK_GATEWAY": "router"}
INTROSPECTION = ["{ __schema { types { name } } }", '{ __type(name: "User") { name } }']
REGISTER = """mutation($input: RegisterInput!) { register(input: $input) {
    ... on Session { accessToken user { id } } } }"""
TOP_UP = 'mutation { topUp(amount: 1000, idempotencyKey: "free points") { balance } }'


@pytest.fixture(scope="module")
def production(
    engine: str,
    mariadb_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    running: OwnStore,  # started first: its environment is without the setting
) -> Iterator[OwnStore]:
    if locate_or_download(print) is None:
        pytest.skip("the Node gateway refuses production, and Apollo Router is not installed")
    url = with_password(mariadb_url) if mariadb_url else ""
    with own_store(engine, tmp_path_factory.mktemp("production"), {**QUICK, **PRODUCTION}, url) as store:
        yield store


def with_password(url: str) -> str:
    """The URL of a user of the server who has a password, with databases of its own."""
    server, password = make_url(url), secrets.token_hex(16)
    with pymysql.connect(host=server.host, port=server.port or 0, user=server.username, autocommit=True) as connection:
        connection.cursor().execute(f"CREATE USER shop@'127.0.0.1' IDENTIFIED BY '{password}'")
        connection.cursor().execute("GRANT ALL ON `production\\_%`.* TO shop@'127.0.0.1'")
    own = server.set(username="shop", password=password, database="production")
    return own.render_as_string(hide_password=False)


@pytest.fixture
def client(production: OwnStore, http: aiohttp.ClientSession) -> Client:
    return Client(http, production.store.settings.graphql_url, {})


@pytest.fixture
def subgraph(production: OwnStore, http: aiohttp.ClientSession) -> Any:
    known = load_secrets(production.store.settings.state)
    return lambda name: SubgraphClient(http, production.settings.url_of(name), known)


async def refusal(client: Client, query: str, viewer: Account | None = None) -> str:
    """The code of an answer without data."""
    answer = await client.run(query, viewer=viewer)
    assert answer.get("data") is None
    return str(answer["errors"][0]["extensions"]["code"])


class TestTheSchema:
    @pytest.mark.parametrize("query", INTROSPECTION)
    async def test_the_router_does_not_show_it(self, client: Client, store_client: Client, query: str) -> None:
        assert await refusal(client, query) == "FORBIDDEN"
        assert "errors" not in await store_client.run(query), "a store of developers does"

    @pytest.mark.parametrize("query", [*INTROSPECTION, "{ _service { sdl } }"])
    async def test_no_subgraph_shows_it_even_to_its_peers(self, subgraph: Any, query: str) -> None:
        for name in SUBGRAPHS:
            assert await refusal(subgraph(name), query) == "FORBIDDEN"
            assert await refusal(subgraph(name)._peer, query) == "FORBIDDEN"

    @pytest.mark.parametrize(
        ("query", "name"),
        [
            ("{ prodcts { totalCount } }", "products"),
            ("{ products(frist: 1) { totalCount } }", "first"),
            ("{ products(sort: NEWESTT) { totalCount } }", "NEWEST\\"),
            ("query($id: IDD!) { product(id: $id) { id } }", "ID\\"),
            ("{ products { totalCuont } }", "totalCount"),
        ],
    )
    async def test_no_name_is_suggested(self, client: Client, subgraph: Any, query: str, name: str) -> None:
        for one in (client, subgraph("product")):
            answer = await one.run(query)
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
            assert name not in json.dumps([error["message"] for error in answer["errors"]])

    async def test_developers_are_helped(self, product: Client) -> None:
        assert "Did you mean" in json.dumps(await product.run("{ prodcts { id } }"))

    async def test_no_query_plan_is_shown_and_a_dry_run_is_a_run(self, production: OwnStore, client: Client) -> None:
        for wanted in ("true", "dry-run"):
            asking = Client(client.http, client.url, {"Apollo-Expose-Query-Plan": wanted})
            answer = await asking.run("{ products(first: 1) { totalCount } }")
            assert "extensions" not in answer
            assert answer["data"] == {"products": {"totalCount": 0}}


class TestTheStart:
    async def test_nothing_is_seeded(self, production: OwnStore) -> None:
        for name, table in (("user", User), ("product", Product)):
            database = Database(production.settings.database_of(name), 1)
            async with database.reading() as session:
                assert await session.scalar(select(func.count()).select_from(table)) == 0
            await database.close()

    async def test_there_is_no_playground_but_the_clients_schema(
        self, production: OwnStore, http: aiohttp.ClientSession
    ) -> None:
        settings = production.store.settings
        assert "playground" not in production.store.children
        await asyncio.to_thread(
            production.store.children["schema_file"].wait_until, lambda: answers(settings.schema_url), 60
        )
        async with http.get(settings.schema_url) as response:
            assert response.status == 200
            assert await response.read() == (SCHEMA / "api.graphql").read_bytes()
        for path in ("/", "/config.json", "/plan", "/supergraph.graphql", "/..%2fsupergraph.graphql"):
            async with http.get(URL(settings.playground_url + path, encoded=True)) as response:
                assert response.status == 404

    def test_everything_insecure_is_told_at_once_and_nothing_starts(self, tmp_path: Path) -> None:
        insecure = {
            "STEAMPUNK_MODE": "production",
            "STEAMPUNK_ROUTER_SECRET": "changeme-changeme-changeme-changeme",
            "STEAMPUNK_SERVICE_SECRET": "too short",
            "STEAMPUNK_DATA_KEY": json.loads(committed_secrets().read_text())["STEAMPUNK_DATA_KEY"],
            "STEAMPUNK_DATABASE_URL": "mysql+aiomysql://root@127.0.0.1/steampunk",
            "STEAMPUNK_TOP_UP_PROVIDER": "sandbox",
            "STEAMPUNK_STATE": str(tmp_path / "state"),
            "STEAMPUNK_FAILPOINTS": str(tmp_path),
            "ROUTER_CORS_ANY_ORIGIN": "true",
        }
        both = ["ROUTER_SECRET", "SERVICE_SECRET", "DATABASE_URL", "FAILPOINTS", "CORS_ANY_ORIGIN"]
        named = {
            ("serve", "user", "--port", "1"): [*both, "DATA_KEY"],
            ("serve", "payment", "--port", "1"): [*both, "TOP_UP_PROVIDER"],
        }
        for command, names in named.items():
            answer = run(insecure, "subgraphs", *command)
            assert answer.returncode == 2
            _, *lines = answer.stderr.strip().splitlines()
            assert len(lines) == len(names)
            for name in names:
                assert name in answer.stderr
            assert "changeme-changeme" not in answer.stderr

    def test_a_start_without_any_secret_names_each(self) -> None:
        answer = run({"STEAMPUNK_MODE": "production"}, "subgraphs", "serve", "user", "--port", "1")
        assert answer.returncode == 2
        for name in ("ROUTER_SECRET", "SERVICE_SECRET", "DATA_KEY"):
            assert f"STEAMPUNK_{name} is missing." in answer.stderr

    def test_demo_accounts_are_refused_to_whoever_asks_for_them(self, tmp_path: Path) -> None:
        code = "from subgraphs.kit import command_line; from subgraphs.store import seed; "
        code += "command_line.run(lambda: seed.seed('http://127.0.0.1:4080'))"
        environment = clean({"STEAMPUNK_MODE": "production", "STEAMPUNK_STATE": str(tmp_path)})
        answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
        assert "there are none in production" in answer.stderr
        assert list(tmp_path.iterdir()) == []


def committed_secrets() -> Path:
    return next(Path(__file__).parents[1].glob("upgrade/*/*/secrets.json"))


async def test_the_sandbox_gives_no_points(client: Client) -> None:
    given = {"email": f"{uuid.uuid4()}@example.com", "password": "a long password", "name": "Ada"}
    session = (await client.data(REGISTER, {"input": given}))["register"]
    viewer = Account(session["user"]["id"], session["accessToken"])
    assert await refusal(client, TOP_UP, viewer) == "INVALID_STATE"
    assert await client.data("{ me { wallet { balance } } }", viewer=viewer) == {"me": {"wallet": {"balance": 0}}}


async def test_no_demo_account_signs_in(client: Client) -> None:
    for account in seed.DEMO_ACCOUNTS:
        answer = await client.data(
            "mutation($e: String!, $p: String!) { login(email: $e, password: $p) { __typename } }",
            {"e": account.email, "p": account.password},
        )
        assert answer == {"login": {"__typename": "InvalidCredentials"}}


@pytest.mark.parametrize("origin", ["https://shop.example", "http://127.0.0.1:4080", "null"])
async def test_no_page_of_another_origin_reads_answers(client: Client, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with client.http.options(client.url, headers=preflight) as response:
        assert "access-control-allow-origin" not in response.headers
    body = {"query": "{ products(first: 1) { totalCount } }"}
    async with client.http.post(client.url, json=body, headers={"Origin": origin}) as response:
        assert response.status == 200
        assert "access-control-allow-origin" not in response.headers

"""What tests talk to the store with: GraphQL clients, accounts, and the databases behind."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import msgspec
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from subgraphs.contracts.command import Command, OutcomeT, RequestT
from subgraphs.kit.database.columns import new_id
from subgraphs.kit.web.auth import Role
from subgraphs.store.config import StoreSettings
from subgraphs.user.tokens import Signer


@dataclass(frozen=True)
class Account:
    """A user as tests have them: an id and an access token."""

    id: str
    token: str


class Client:
    """Sends GraphQL to one endpoint."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
        self.url = url
        self.http = http
        self._headers = headers

    async def run(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        viewer: Account | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """The whole response: `data` and `errors`."""
        sent = dict(self._headers)
        if viewer is not None:
            sent["authorization"] = f"Bearer {viewer.token}"
        body = {"query": query, "variables": variables or {}}
        async with self.http.post(self.url, json=body, headers=sent) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
        return answer

    async def data(
        self, query: str, variables: dict[str, Any] | None = None, viewer: Account | None = None
    ) -> dict[str, Any]:
        """The data of a response without errors."""
        answer = await self.run(query, variables, viewer)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def code(self, query: str, variables: dict[str, Any] | None = None, viewer: Account | None = None) -> str:
        """The code of the first error of a response."""
        answer = await self.run(query, variables, viewer)
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


class SubgraphClient(Client):
    """Speaks to one subgraph as the router does, and sends commands as a peer does."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secrets: Mapping[str, str]) -> None:
        super().__init__(http, url, {"x-router-secret": secrets["STEAMPUNK_ROUTER_SECRET"]})
        self._peer = Client(http, url, {"x-service-secret": secrets["STEAMPUNK_SERVICE_SECRET"]})

    async def command(self, command: Command[RequestT, OutcomeT], requests: Sequence[RequestT]) -> list[OutcomeT]:
        """The outcomes of an internal command."""
        data = await self._peer.data(command.document, {"r": msgspec.to_builtins(requests)})
        outcomes: list[OutcomeT] = msgspec.convert(data[command.field], list[command.outcome])  # type: ignore[name-defined]
        return outcomes


class Viewers:
    """Makes users without asking the user subgraph: tokens signed with its own key."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    async def user(self) -> Account:
        return self.make(Role.USER)

    async def developer(self) -> Account:
        return self.make(Role.USER, Role.DEVELOPER)

    async def admin(self) -> Account:
        return self.make(Role.USER, Role.ADMIN)

    def make(self, *roles: Role, lifetime: timedelta = timedelta(hours=3), user_id: str = "") -> Account:
        """A user with these roles: a new one without an account, or the one with this id."""
        user_id, now = user_id or new_id(), datetime.now(UTC)
        token = self._signer.access_token(user_id, frozenset(roles), new_id(), now, now + lifetime)
        return Account(user_id, token)


@dataclass
class Statements:
    """How many SQL statements requests have caused."""

    count: int = 0


class Metrics:
    """Reads the metrics of subgraphs."""

    def __init__(self, http: aiohttp.ClientSession, settings: StoreSettings) -> None:
        self._http = http
        self._settings = settings

    async def value(self, subgraph: str, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        samples = await self.samples(subgraph)
        return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())

    async def samples(self, subgraph: str) -> list[Sample]:
        """All that a subgraph shows."""
        url, headers = f"{self._settings.base_url_of(subgraph)}/metrics", self._settings.router_headers()
        async with self._http.get(url, headers=headers) as response:
            text = await response.text()
        return [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    @asynccontextmanager
    async def statements(self, subgraph: str) -> AsyncIterator[Statements]:
        """Counts the statements that a subgraph executes for requests within the block."""
        name, counted = "steampunk_sql_statements_total", Statements()
        before = await self.value(subgraph, name, work="request")
        yield counted
        counted.count = int(await self.value(subgraph, name, work="request") - before)


def bad_fields(answer: dict[str, Any]) -> list[str]:
    """The fields that an answer's only error, BAD_USER_INPUT, names: the first one also in the older form."""
    (error,) = answer["errors"]
    extensions = error["extensions"]
    assert extensions.keys() == {"code", "field", "fields"}
    assert extensions["code"] == "BAD_USER_INPUT"
    fields: list[dict[str, str]] = extensions["fields"]
    assert (extensions["field"], error["message"]) == (fields[0]["field"], fields[0]["message"])
    assert all(one["message"] for one in fields)
    return [one["field"] for one in fields]


async def eventually(check: Any, seconds: float = 10) -> Any:
    """The first truthy answer of `check`, which is asked again and again for a while."""
    until = time.monotonic() + seconds
    while True:
        answer = await check()
        if answer:
            return answer
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(0.02)


def game_input(title: str, usd: str) -> dict[str, Any]:
    """The input of publishProduct for a game at this price."""
    kind = {"genres": ["Indie"], "platforms": ["LINUX"]}
    return {"title": title, "description": "Made for a test.", "usd": usd, **kind}


def sale_input(product_id: str, points: int, units: int) -> dict[str, Any]:
    """The input of createFlashSale for a sale that is open for the next two hours."""
    starts = datetime.now(UTC) - timedelta(seconds=5)
    times = {"startsAt": starts.isoformat(), "endsAt": (starts + timedelta(hours=2)).isoformat()}
    return {"productId": product_id, "points": points, "units": units, **times}


class Games:
    """Publishes games to shop with."""

    def __init__(self, product: Client, developer: Account) -> None:
        self.developer = developer
        self._product = product

    async def new(self, usd: str = "9.99", discount: int = 0, title: str = "A Game") -> str:
        """The id of a new product."""
        made = await self._product.data(
            "mutation($input: PublishProductInput!) { publishProduct(input: $input) { id } }",
            {"input": game_input(title, usd)},
            self.developer,
        )
        product_id: str = made["publishProduct"]["id"]
        if discount:
            await self._product.data(
                "mutation($id: ID!, $by: Int!) { setDiscount(productId: $id, percent: $by) { id } }",
                {"id": product_id, "by": discount},
                self.developer,
            )
        return product_id

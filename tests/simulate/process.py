"""A process of a subgraph: the real service with its real background work, which dies when the world says so."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aiohttp

from subgraphs.kit.database.database import Database
from subgraphs.kit.jobs import Every, Loop
from subgraphs.kit.messaging.confirmations import Confirmations
from subgraphs.kit.messaging.relay import Relay
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import Settings
from subgraphs.kit.web.app import CONFIRM_SECONDS, Subgraph, assemble
from subgraphs.kit.web.auth import Callers, Tokens
from subgraphs.kit.web.endpoint import Endpoint
from tests.simulate.place import close
from tests.simulate.valkey import InlineRedis

if TYPE_CHECKING:
    from tests.simulate.world import World


class Process:
    """Answers calls once it has started. A process that is dead stays dead: another one is started in its place."""

    def __init__(self, subgraph: Subgraph[Any], name: str, world: World) -> None:
        self.subgraph = subgraph
        self.name = name
        self.world = world
        self.is_dead = False
        self.opened: list[Any] = []
        self.unanswered: set[asyncio.Future[Any]] = set()

    # ---- its life

    def start(self, database: Database, settings: Settings, redis_path: str) -> None:
        """Does what `create_app` does, as far as it matters here."""
        http: Any = self.world.network.client(self)
        runtime, self.service = assemble(self.subgraph, settings, database, InlineRedis(self, redis_path), http)
        self.endpoint = Endpoint(self.subgraph.schema, self.service, Callers(settings), Tokens(settings, http, ()))
        self.state = SimpleNamespace(outbox=runtime.declared_outbox, inbox=runtime.declared_inbox)
        for work in [*self._messaging(runtime), *[job.loop() for job in self._jobs()]]:
            self.world.loop.spawn(self, work)

    def _jobs(self) -> list[Every]:
        # What product does by itself is for pages and for discounts that end, of which there are none.
        return [] if self.subgraph.name == "product" else list(self.subgraph.jobs(self.service))

    def _messaging(self, runtime: Runtime) -> list[Loop]:
        """Without trimming, so that the whole stream can be looked at in the end."""
        loops: list[Loop] = []
        if self.subgraph.publishes is not None:
            publishes, database = self.subgraph.publishes, runtime.database
            confirmations = Confirmations(publishes, runtime.outbox, database, runtime.peers)
            loops.append(Every(CONFIRM_SECONDS, "confirm", confirmations.confirm).loop())
            loops.append(Relay(self.subgraph.name, runtime.outbox, publishes.outbox, database, runtime.redis).run())
        if self.subgraph.consumes is not None:
            loops.append(runtime.inbox.run())
        return loops

    def die(self) -> None:
        """At once, as by SIGKILL. Its callers find their connections closed, and its transactions are rolled back."""
        self.is_dead = True
        close(self.opened)
        for future in self.unanswered:
            if not future.done():
                future.set_exception(aiohttp.ServerDisconnectedError())

    # ---- calls to it

    async def answer(self, body: bytes, headers: dict[str, str]) -> bytes:
        """Its answer to a peer."""
        sent: list[Any] = []
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "app": SimpleNamespace(state=self.state),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.endpoint(scope, receive, send)
        answer: bytes = sent[1]["body"]
        return answer

    async def carry_out(self, work: Any) -> Any:
        """The result of something that this process does for somebody else. Raises ClientError if it dies meanwhile."""
        future: asyncio.Future[Any] = self.world.loop.create_future()
        self.unanswered.add(future)

        async def do() -> None:
            try:
                result = await work
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.world.loop.spawn(self, do())
        try:
            return await future
        finally:
            self.unanswered.discard(future)

    # ---- a place where connections are opened

    def lateness(self, what: str) -> float:
        return self.world.pause(self.name, what)

    def sent(self) -> None:
        self.world.sent()

    async def something_sent(self, patience: float) -> None:
        await self.world.something_sent(patience)

    def takes_over(self) -> bool:
        return bool(self.world.choices.pick("take over", 2))

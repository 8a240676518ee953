"""The application factory: every subgraph is made of the same parts."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

import aiohttp
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from subgraphs.kit import telemetry, tracing
from subgraphs.kit.build import show_build
from subgraphs.kit.database import pools
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.jobs import Every, Loop, background
from subgraphs.kit.memory import give_back_free_memory
from subgraphs.kit.messaging.confirmations import Confirmations
from subgraphs.kit.messaging.dead_letters import count_dead_letters
from subgraphs.kit.messaging.inbox import Consumes, Inbox
from subgraphs.kit.messaging.outbox import Outbox, Publishes
from subgraphs.kit.messaging.pruning import Pruning
from subgraphs.kit.messaging.relay import Relay
from subgraphs.kit.messaging.streams import trim
from subgraphs.kit.peers import Peers
from subgraphs.kit.redis.client import connect
from subgraphs.kit.redis.ended_sessions import EndedSessions
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import Settings, settings
from subgraphs.kit.signals import end_with_parent
from subgraphs.kit.trace_export import TraceExport
from subgraphs.kit.web.auth import Callers, Tokens
from subgraphs.kit.web.context import ServiceT
from subgraphs.kit.web.draining import CloseWhileDraining, Draining
from subgraphs.kit.web.endpoint import Endpoint
from subgraphs.kit.web.operating import health, inside, metrics

CONFIRM_SECONDS = 1.0
TRIM_SECONDS = 10.0
COUNT_SECONDS = 10.0
TRACES_SECONDS = 1.0
LAST_TRACES_SECONDS = 2.0
PING_SECONDS = 1.0
PRUNE_SECONDS = 600.0


@dataclass(frozen=True)
class Subgraph(Generic[ServiceT]):
    """What a subgraph is made of: its schema, its service, and what it does besides answering requests."""

    name: str
    schema: Schema
    service: Callable[[Runtime], ServiceT]
    publishes: Publishes | None = None
    consumes: Consumes[ServiceT] | None = None
    start: Callable[[ServiceT], Awaitable[None]] | None = None
    """Runs once before the first request is answered."""
    jobs: Callable[[ServiceT], Sequence[Every]] = lambda service: ()
    routes: Callable[[ServiceT], Sequence[Route]] = lambda service: ()


def create_app(subgraph: Subgraph[ServiceT]) -> Starlette:
    """The ASGI application of a subgraph."""
    give_back_free_memory()
    end_with_parent()  # else a worker could outlive its supervisor, and keep the port
    config = settings()
    telemetry.configure_logging(subgraph.name, config.log_level, config.log_format)
    if config.traces:
        tracing.start_tracing()
    guarded, draining = partial(inside, Callers(config)), Draining()
    return Starlette(
        lifespan=_lifespan(subgraph, config, draining),
        middleware=[Middleware(CloseWhileDraining, draining)],
        routes=[
            Route("/health", health),
            Route("/ready", guarded(_ready)),
            Route("/metrics", guarded(metrics)),
        ],
    )


def _lifespan(subgraph: Subgraph[ServiceT], config: Settings, draining: Draining) -> Any:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(config.database_of(subgraph.name), config.database_pool)
        redis = connect(config.redis_url)
        timeout = aiohttp.ClientTimeout(total=config.peer_timeout)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            runtime, service = assemble(subgraph, config, database, redis, http)
            _show(database, config)
            app.state.database, app.state.redis = database, redis
            app.state.outbox, app.state.inbox = runtime.declared_outbox, runtime.declared_inbox
            ended_sessions = EndedSessions(config.redis_url)
            tokens = Tokens(config, http, ended_sessions)
            endpoint = Endpoint(subgraph.schema, service, Callers(config), tokens)
            app.router.routes[:0] = [Route("/graphql", endpoint, methods=["POST"]), *subgraph.routes(service)]
            if subgraph.start is not None:
                await subgraph.start(service)
            export = TraceExport(http, config.traces_url, subgraph.name)
            loops = [*_publishing(subgraph, runtime), *_consuming(subgraph, runtime), ended_sessions.follow()]
            if config.traces:
                loops.append(Every(TRACES_SECONDS, "send traces", export.send).loop())
            async with background([*loops, *[job.loop() for job in subgraph.jobs(service)]]):
                await ended_sessions.loaded()
                _freeze_loaded_objects()
                app.state.draining = draining
                draining.begin_at_sigterm(config.drain_time)
                yield
            with suppress(aiohttp.ClientError, TimeoutError):
                await asyncio.wait_for(export.send(), LAST_TRACES_SECONDS)
        await redis.aclose()
        await database.close()

    return lifespan


def assemble(
    subgraph: Subgraph[ServiceT], config: Settings, database: Database, redis: Redis, http: aiohttp.ClientSession
) -> tuple[Runtime, ServiceT]:
    """Builds the runtime of one process of a subgraph, and the service that uses it."""
    peers = Peers(config, http)
    outbox = Outbox(subgraph.publishes.outbox, database) if subgraph.publishes else None
    inbox = None
    if subgraph.consumes is not None:
        inbox = Inbox(subgraph.name, subgraph.consumes, database, redis, peers, config.batch_size)
    runtime = Runtime(config, database, redis, peers, http, outbox, inbox)
    service = subgraph.service(runtime)
    if inbox is not None:
        inbox.bind(service)
    return runtime, service


def _show(database: Database, config: Settings) -> None:
    """Shows this process's build and pools in the metrics."""
    show_build(config.revision)
    pools.show(database.reader)
    pools.show(database.writer)


def _publishing(subgraph: Subgraph[ServiceT], runtime: Runtime) -> list[Loop]:
    """The loops of a subgraph that publishes events."""
    if subgraph.publishes is None:
        return []
    relay = Relay(subgraph.name, runtime.outbox, subgraph.publishes.outbox, runtime.database, runtime.redis)
    confirmations = Confirmations(subgraph.publishes, runtime.outbox, runtime.database, runtime.peers)
    return [
        relay.run(),
        Every(CONFIRM_SECONDS, "confirm", confirmations.confirm).loop(),
        Every(TRIM_SECONDS, "trim", partial(trim, runtime.redis, subgraph.name)).loop(),
    ]


def _consuming(subgraph: Subgraph[ServiceT], runtime: Runtime) -> list[Loop]:
    """The loops of a subgraph that consumes events."""
    if subgraph.consumes is None:
        return []
    inbox = runtime.inbox
    pruning = Pruning(subgraph.name, inbox.table, inbox.producers, runtime.database, runtime.redis, runtime.peers)
    count = partial(count_dead_letters, runtime.database, subgraph.consumes.dead_letters)
    return [
        inbox.run(),
        Every(PRUNE_SECONDS, "prune the inbox", pruning.prune).loop(),
        Every(COUNT_SECONDS, "count dead letters", count).loop(),
    ]


def _freeze_loaded_objects() -> None:
    """Takes what is loaded by now out of garbage collection: looking through it took a tenth of a request's time."""
    gc.collect()
    gc.freeze()


async def _ready(request: Request) -> Response:
    """200 if the database and Redis answer. 503 if one does not, which the body names, and while the process drains."""
    if request.app.state.draining.has_begun:
        return JSONResponse({"status": "draining"}, status_code=503)
    telemetry.begin_request("ready")  # proxies ask each second: that is no work in the background
    checks = {"database": request.app.state.database.ping, "redis": request.app.state.redis.ping}
    answers = {}
    for name, check in checks.items():
        try:
            await asyncio.wait_for(check(), PING_SECONDS)
            answers[name] = "ok"
        except (SQLAlchemyError, RedisError, OSError) as error:
            answers[name] = type(error).__name__
    ready = all(answer == "ok" for answer in answers.values())
    return JSONResponse(answers, status_code=200 if ready else 503)

"""The application factory: every subgraph is made of the same parts."""

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic

import aiohttp
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from subgraphs.kit import telemetry
from subgraphs.kit.database.database import Database
from subgraphs.kit.graphql.schema import Schema
from subgraphs.kit.jobs import Every, background
from subgraphs.kit.messaging.inbox import DeadLetterColumns, Handlers, Inbox, InboxColumns
from subgraphs.kit.messaging.outbox import Outbox, OutboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.runtime import Runtime
from subgraphs.kit.settings import Settings, settings
from subgraphs.kit.web.auth import Callers, Tokens
from subgraphs.kit.web.context import ServiceT
from subgraphs.kit.web.endpoint import Endpoint

CONFIRM_SECONDS = 1.0
TRIM_SECONDS = 10.0


@dataclass(frozen=True)
class Subgraph(Generic[ServiceT]):
    """What makes a subgraph: its schema, its tables, its service, and what it does beside answering."""

    name: str
    schema: Schema
    outbox: type[OutboxColumns]
    inbox: type[InboxColumns]
    parked: type[DeadLetterColumns]
    service: Callable[[Runtime], ServiceT]
    start: Callable[[ServiceT], Awaitable[None]] | None = None
    """Runs once before the first request is answered."""
    handlers: Callable[[ServiceT], Handlers] = lambda service: {}
    jobs: Callable[[ServiceT], Sequence[Every]] = lambda service: ()
    routes: Callable[[ServiceT], Sequence[Route]] = lambda service: ()


def create_app(subgraph: Subgraph[ServiceT]) -> Starlette:
    """The ASGI application of a subgraph."""
    config = settings()
    telemetry.configure_logging(subgraph.name, config.log_level, config.log_format)
    return Starlette(
        lifespan=_lifespan(subgraph, config),
        routes=[
            Route("/graphql", _graphql, methods=["POST"]),
            Route("/health", _health),
            Route("/ready", _ready),
            Route("/metrics", _metrics),
        ],
    )


def _lifespan(subgraph: Subgraph[ServiceT], config: Settings) -> Any:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        database = Database(config.database_of(subgraph.name), config.database_pool)
        redis = Redis.from_url(config.redis_url, decode_responses=True, protocol=2)
        timeout = aiohttp.ClientTimeout(total=config.peer_timeout)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            peers = Peers(config, http)
            outbox = Outbox(subgraph.name, subgraph.outbox, database, redis, peers)
            service = subgraph.service(Runtime(config, database, redis, peers, outbox))
            inbox = Inbox(subgraph.name, subgraph.inbox, subgraph.parked, subgraph.handlers(service), database, redis)
            app.state.database, app.state.redis, app.state.inbox = database, redis, inbox
            app.state.endpoint = Endpoint(subgraph.schema, service, Callers(config), Tokens(config, http))
            app.router.routes.extend(subgraph.routes(service))
            if subgraph.start is not None:
                await subgraph.start(service)
            async with background(_loops(subgraph, service, outbox, inbox)):
                _spare_the_collector()
                yield
        await redis.aclose()
        await database.close()

    return lifespan


def _spare_the_collector() -> None:
    """What has been loaded by now lives as long as the process: looking for garbage in it again and again, while
    requests make some, took a tenth of their time."""
    gc.collect()
    gc.freeze()


def _loops(subgraph: Subgraph[ServiceT], service: ServiceT, outbox: Outbox, inbox: Inbox) -> list[Any]:
    jobs = [
        Every(CONFIRM_SECONDS, "confirm", outbox.confirm),
        Every(TRIM_SECONDS, "trim", outbox.trim),
        *subgraph.jobs(service),
    ]
    loops = [outbox.run_relay(), *[job.loop() for job in jobs]]
    return [*loops, inbox.run()] if subgraph.handlers(service) else loops


async def _graphql(request: Request) -> Response:
    endpoint: Endpoint[Any] = request.app.state.endpoint
    return await endpoint.handle(request)


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    """200 when the database and Redis answer, else 503 with the one that does not."""
    checks = {"database": request.app.state.database.ping, "redis": request.app.state.redis.ping}
    answers = {}
    for name, check in checks.items():
        try:
            await check()
            answers[name] = "ok"
        except (SQLAlchemyError, RedisError, OSError) as error:
            answers[name] = type(error).__name__
    ready = all(answer == "ok" for answer in answers.values())
    return JSONResponse(answers, status_code=200 if ready else 503)


async def _metrics(request: Request) -> Response:
    return PlainTextResponse(generate_latest(), media_type=CONTENT_TYPE_LATEST)

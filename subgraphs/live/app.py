"""The live numbers as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from subgraphs.kit import telemetry
from subgraphs.kit.jobs import Every, background
from subgraphs.kit.peers import Peers
from subgraphs.kit.settings import Settings, settings
from subgraphs.kit.web.auth import Callers
from subgraphs.kit.web.operating import health, inside, metrics
from subgraphs.live.endpoint import LiveEndpoint
from subgraphs.live.sales import LiveSales
from subgraphs.live.settings import LiveSettings

REFRESH_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0


def create() -> Starlette:
    config, own = settings(), LiveSettings()
    telemetry.configure_logging("live", config.log_level, config.log_format)
    guarded = partial(inside, Callers(config))
    return Starlette(
        lifespan=partial(_lifespan, config, own),
        routes=[Route("/health", health), Route("/metrics", guarded(metrics))],
        middleware=[Middleware(CORSMiddleware, allow_origins=own.origins)],
    )


@asynccontextmanager
async def _lifespan(config: Settings, own: LiveSettings, app: Starlette) -> AsyncIterator[None]:
    timeout = aiohttp.ClientTimeout(total=config.peer_timeout)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        sales = LiveSales(Peers(config, http), config.redis_url, own.live_listeners)
        app.router.routes.append(Route("/sales/{id}/live", LiveEndpoint(sales)))
        regularly = [
            Every(REFRESH_SECONDS, "refresh the sales", sales.refresh_all),
            Every(HEARTBEAT_SECONDS, "heartbeat", sales.beat),
        ]
        async with background([sales.follow_news(), sales.show_changes(), *[job.loop() for job in regularly]]):
            yield

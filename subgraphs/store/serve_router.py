"""Runs Apollo Router behind a proxy: at SIGTERM it is unready first, and stops when the proxy has noticed.

By itself the router closes its port at once, so that clients who are just connecting are refused.
"""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from router.choice import choose
from router.process import Gateway, GatewayMissing
from router.process import environment as router_environment
from subgraphs.kit.settings import settings
from subgraphs.kit.web.draining import Draining
from subgraphs.store.processes import LaunchFailed, begin_child

HEALTH_SECONDS = 2
DEFAULT_HEALTH_LISTENER = "127.0.0.1:8088"  # router.yaml's


def serve_router(port: int) -> None:
    """Runs the router until the process is told to stop or the router has ended.

    `/ready` of `port` says whether the router is to be sent requests. Raises LaunchFailed if there is no router.
    """
    try:
        gateway = choose(print)
    except GatewayMissing as error:
        raise LaunchFailed(str(error)) from error
    listener = os.environ.get("ROUTER_HEALTH_LISTEN", DEFAULT_HEALTH_LISTENER)
    app = create_app(gateway, f"http://{listener}/health")
    uvicorn.run(app, host=settings().host, port=port, log_level="warning", access_log=False)


def create_app(gateway: Gateway, health_url: str) -> Starlette:
    """The router's readiness, and with its lifespan the router itself."""
    draining = Draining()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        router = await asyncio.create_subprocess_exec(
            *gateway.command(), env=router_environment({}), preexec_fn=begin_child
        )
        draining.begin_at_sigterm(settings().drain_time)
        watching = asyncio.create_task(_stop_after(router))
        yield
        watching.cancel()
        if router.returncode is None:
            router.terminate()
        await router.wait()

    async def ready(request: Request) -> JSONResponse:
        if draining.has_begun:
            return JSONResponse({"status": "draining"}, 503)
        is_up = await _is_up(health_url)
        return JSONResponse({"router": "ok" if is_up else "down"}, 200 if is_up else 503)

    return Starlette(lifespan=lifespan, routes=[Route("/ready", ready)])


async def _stop_after(router: Process) -> None:
    """Stops this process at once when the router has ended by itself."""
    await router.wait()
    signal.raise_signal(signal.SIGINT)


async def _is_up(health_url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=HEALTH_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(health_url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False

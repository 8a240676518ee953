"""Subgraphs with several workers: one that is killed is replaced, and all end with their supervisor."""

import asyncio
import os
import signal
from collections.abc import Iterator

import aiohttp
import psutil
import pytest

from subgraphs.store.processes import Child, check_ports
from tests.clients import Client, Viewers, eventually
from tests.own_store import QUICK, OwnStore, own_store

pytestmark = pytest.mark.engineless
ME = "{ me { wallet { balance } library { totalCount } orders { totalCount } } }"


@pytest.fixture(scope="module")
def crowd(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStore]:
    workers = {**QUICK, "STEAMPUNK_WORKERS": "2"}
    with own_store(engine, tmp_path_factory.mktemp("crowd"), workers) as store:
        yield store


@pytest.fixture
async def client(crowd: OwnStore, http: aiohttp.ClientSession) -> Client:
    return Client(http, crowd.store.settings.graphql_url, {})


def workers_of(child: Child) -> list[psutil.Process]:
    return [process for process in psutil.Process(child.pid).children() if is_worker(process)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return False


async def test_a_worker_that_is_killed_is_replaced(crowd: OwnStore, client: Client) -> None:
    account = await Viewers(await crowd.signer()).user()
    child = crowd.store.children["payment"]
    before = {process.pid for process in workers_of(child)}
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)

    async def replaced() -> bool:
        now = {process.pid for process in workers_of(child)}
        return len(now) == 2 and now != before

    await eventually(replaced, seconds=60)
    await asyncio.to_thread(crowd.store.wait_ready)
    asked = [client.run(ME, None, account) for _ in range(20)]
    assert not [answer for answer in await asyncio.gather(*asked) if "errors" in answer]


async def test_workers_end_with_their_supervisor_and_free_the_port(crowd: OwnStore, client: Client) -> None:
    account = await Viewers(await crowd.signer()).user()
    child = crowd.store.children["library"]
    workers = workers_of(child)
    os.kill(child.pid, signal.SIGKILL)

    async def all_ended() -> bool:
        return not any(process.is_running() for process in workers)

    await eventually(all_ended, seconds=60)
    check_ports({"library": crowd.store.settings.port_of("library")})
    child.restart()
    await asyncio.to_thread(crowd.store.wait_ready)
    assert "errors" not in await client.run(ME, None, account)

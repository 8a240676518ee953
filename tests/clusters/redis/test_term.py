"""A server's term ends with its run, and also when it has been a replica in between."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from subgraphs.kit.redis.term import TERM
from tests.clients import eventually
from tests.clusters.redis.nodes import Node, start_node
from tests.ports import reserved_ports

NOBODY = 1
"""A port at which no server listens."""


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed (apt install redis-server)")
    with reserved_ports() as ports:
        started = start_node(tmp_path, ports[0])
        await eventually(started.primary_port, 30)
        yield started
        started.process.stop()


async def term_of(node: Node) -> str:
    async with node.client() as redis:
        term: Any = await redis.eval(TERM + "return term()", 0)
        return str(term)


async def test_a_term_lasts_until_the_server_restarts(node: Node) -> None:
    before = await term_of(node)
    assert await term_of(node) == before
    node.process.kill()
    node.process.restart()
    await eventually(node.primary_port, 30)
    assert await term_of(node) != before


async def test_who_was_a_replica_in_between_has_another_term_in_the_same_run(node: Node) -> None:
    before = await term_of(node)
    async with node.client() as redis:
        run = (await redis.info("server"))["run_id"]
        await redis.replicaof("127.0.0.1", NOBODY)
        await redis.replicaof("NO", "ONE")
        assert (await redis.info("server"))["run_id"] == run
    assert await term_of(node) != before

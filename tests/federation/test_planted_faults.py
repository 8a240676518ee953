"""The comparison finds what is wrong, and shows it with the smallest operation: three faults, planted on the way."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from router.process import SUPERGRAPH
from router.process import running as gateway_running
from tests.clients import Client
from tests.federation.comparison import Comparison
from tests.federation.reference import Reference
from tests.federation.trials import Trials
from tests.own_store import OwnStore

MOST = 60
"""So many operations are tried until one finds the fault."""
REQUIRES = ', requires: "price { discountPercent }"'

MOST_FIELDS = 6
"""The smallest operation with a fault has no more fields: a path to an entity, and the field that is wrong."""

Change = Callable[[dict[str, Any]], Any]


class Tampering:
    """Stands between a gateway and the subgraphs, and changes answers."""

    def __init__(self, subgraphs: dict[str, Client]) -> None:
        self._changes: dict[str, Change] = {}
        self._subgraphs = subgraphs
        self.app = web.Application()
        self.app.router.add_post("/{subgraph}", self._forward)

    def plant(self, subgraph: str, change: Change) -> None:
        """Changes all answers of one subgraph from now on."""
        self._changes = {subgraph: change}

    async def _forward(self, request: web.Request) -> web.Response:
        name = request.match_info["subgraph"]
        subgraph = self._subgraphs[name]
        headers = {
            one: value for one, value in request.headers.items() if one.lower() not in ("host", "content-length")
        }
        async with subgraph.http.post(subgraph.url, data=await request.read(), headers=headers) as response:
            answer = await response.json(content_type=None)
            status = response.status
        if name in self._changes:
            self._changes[name](answer)
        return web.json_response(answer, status=status)


@pytest.fixture(scope="module")
async def tampering(subgraph_clients: dict[str, Client]) -> AsyncIterator[tuple[Tampering, str]]:
    """It, and its address."""
    tampering = Tampering(subgraph_clients)
    runner = web.AppRunner(tampering.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield tampering, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def compare(
    running: OwnStore, gateway_settings: dict[str, str], reference: Reference, patient_http: aiohttp.ClientSession
) -> Callable[..., Any]:
    @contextmanager
    def comparison(supergraph: Path = SUPERGRAPH, **settings: str) -> Iterator[Comparison]:
        """With a gateway of the same kind as the store's, on this supergraph and these settings."""
        with gateway_running(running.store.gateway, supergraph, gateway_settings | settings) as url:
            yield Comparison(reference, {"router": url}, patient_http)

    return comparison


async def first_difference(comparison: Comparison, trials: Trials, target: str, sender: str = "") -> str:
    """The first difference in the answers to operations that ask for the target. Fails if there is none."""
    for number in range(MOST):
        for found in await comparison.differences(trials.query(f"planted/{number}", target, sender)):
            return found
    raise AssertionError(f"None of {MOST} operations that ask for {target} found the fault.")


def fields_of(difference: str) -> set[str]:
    """The fields of the operation that shows a difference, without aliases and arguments."""
    document = difference.partition("\n")[2].partition("\nvariables:")[0]
    lines = [re.sub(r"^\w+: ", "", line.strip()) for line in document.splitlines()]
    return {match[0] for line in lines if (match := re.match(r"(?!query|fragment)[a-z]\w*", line))}


async def test_a_dropped_requires_is_found(compare: Callable[..., Any], trials: Trials, tmp_path: Path) -> None:
    text = SUPERGRAPH.read_text()
    assert text.count(REQUIRES) == 1
    supergraph = tmp_path / "supergraph.graphql"
    supergraph.write_text(text.replace(REQUIRES, ""))
    with compare(supergraph) as comparison:
        found = await first_difference(comparison, trials, "Product.state")
    assert "BAD_USER_INPUT" in found
    assert "state" in fields_of(found)
    assert len(fields_of(found)) <= MOST_FIELDS, found


async def test_two_swapped_entities_are_found(
    compare: Callable[..., Any], trials: Trials, tampering: tuple[Tampering, str]
) -> None:
    tampering[0].plant("product", swap_entities)
    with compare(STEAMPUNK_PRODUCT_URL=f"{tampering[1]}/product") as comparison:
        found = await first_difference(comparison, trials, "LibraryGame.product")
    assert len(fields_of(found)) <= MOST_FIELDS, found


async def test_a_null_that_should_be_an_error_is_found(
    compare: Callable[..., Any], trials: Trials, tampering: tuple[Tampering, str]
) -> None:
    tampering[0].plant("library", lambda answer: answer.pop("errors", None))
    with compare(STEAMPUNK_LIBRARY_URL=f"{tampering[1]}/library") as comparison:
        found = await first_difference(comparison, trials, "Product.owned", sender="somebody expired")
    assert "errors [" in found
    assert len(fields_of(found)) <= MOST_FIELDS, found


async def test_without_a_fault_nothing_is_found(
    compare: Callable[..., Any], trials: Trials, tampering: tuple[Tampering, str]
) -> None:
    tampering[0].plant("library", lambda answer: None)
    with compare(STEAMPUNK_LIBRARY_URL=f"{tampering[1]}/library") as comparison:
        for number in range(5):
            assert await comparison.differences(trials.query(f"planted/{number}", "Product.owned")) == []


def swap_entities(answer: dict[str, Any]) -> None:
    entities = (answer.get("data") or {}).get("_entities")
    if entities:
        entities.reverse()

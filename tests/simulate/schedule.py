"""One schedule: customers shop while things go wrong; then all calms down, and the auditor looks."""

import asyncio
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any
from unittest.mock import patch

import msgspec
import structlog

from subgraphs.kit.graphql.prepared import Operations
from subgraphs.kit.messaging.streams import stream_of
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.audit.auditor import audit_at_rest
from subgraphs.store.audit.snapshots import Databases
from tests.simulate.actors import THEMES, Customer, change_prices
from tests.simulate.catalogue import CUSTOMERS, Catalogue, customer, stocked
from tests.simulate.choices import Choices
from tests.simulate.clocks import Clock
from tests.simulate.loop import SimulatedLoop
from tests.simulate.sqlite import without_threads
from tests.simulate.store import Store
from tests.simulate.valkey import InlineRedis
from tests.simulate.world import TROUBLES, Trouble, World

DISORDER = (0.0, 0.1, 0.5, 0.9)
HASTE = (0.0, 0.002, 0.01, 0.03)
OPENING = 60.0
"""The second at which schedules begin: the catalogue was published before."""
SHOPPING_SECONDS = 20.0
"""Whoever has not done everything by then goes away."""
REST_SECONDS = 60.0
LOOK_SECONDS = 0.5


operations_of = cache(Operations)


class Outcome(msgspec.Struct):
    """What came of a schedule. It replays by `made`, the choices that were not ordinary."""

    failures: list[str]
    made: dict[str, int]
    notes: list[str]
    trace: int
    """A checksum of the order and the times of all steps: equal traces mean that the same happened."""
    steps: int
    seconds: float


def run(store: Store, catalogue: Catalogue, seed: int, given: Mapping[str, int] | None = None) -> Outcome:
    """Runs the schedule of a seed, or the one that these choices give.

    Its tasks stay as they are afterwards: leave the process of the operating system by `os._exit`, which cleans nothing up.
    """
    store.put_back()
    choices = Choices(seed, given)
    trouble = TROUBLES[choices.pick("trouble", len(TROUBLES))]
    disorder, haste = DISORDER[choices.pick("disorder", 4)], HASTE[choices.pick("haste at all", 4)]
    loop = SimulatedLoop(choices, disorder, haste)
    world = World(store, loop, choices, Clock(loop, OPENING), trouble)
    _live(world, lambda: _shop_and_audit(world, catalogue))
    trace = zlib.crc32(repr((loop.trace, world.notes)).encode())
    return Outcome(world.failures, choices.made, world.notes, trace, loop.steps, loop.time())


def opening(store: Store) -> Catalogue:
    """Stocks an empty store, and keeps its databases for `run`."""
    choices = Choices(0, {})
    loop = SimulatedLoop(choices, 0, 0)
    world = World(store, loop, choices, Clock(loop, 0), Trouble())
    catalogue: Catalogue = _live(world, lambda: stocked(world))
    assert not world.failures, world.failures
    store.keep()
    return catalogue


def _live(world: World, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """The result of `work` in the world; None where it fails, which the world notes."""
    structlog.configure(processors=[lambda *logged: _note(world, *logged)])

    async def begin() -> Any:
        world.start()
        return await work()

    asyncio.set_event_loop(world.loop)
    with world.clock.everywhere(), without_threads(world.place, world.clock), _as_simulated():
        try:
            return world.loop.run_until_complete(begin())
        except Exception as error:
            world.failures.append(repr(error))
        finally:
            world.end()
            asyncio.set_event_loop(None)


@contextmanager
def _as_simulated() -> Iterator[None]:
    """Valkey always answers in the end, and endpoints share the operations that they have parsed."""
    with (
        patch("subgraphs.kit.redis.circuit_breaker.DEADLINE_SECONDS", 60),
        patch("subgraphs.kit.web.endpoint.Operations", operations_of),
    ):
        yield


def _note(world: World, logger: object, method: str, event: structlog.typing.EventDict) -> str:
    world.note(f"log: {event}")
    if event["event"] == "unexpected error":
        world.failures.append(str(event))
    raise structlog.DropEvent


async def _shop_and_audit(world: World, catalogue: Catalogue) -> None:
    theme = world.choices.pick("theme", THEMES)
    all_at_once = bool(world.choices.pick("hurry", 2))
    customers = [Customer(world, catalogue, customer(name), theme, all_at_once) for name in CUSTOMERS]
    developer = asyncio.ensure_future(change_prices(world, catalogue))
    with suppress(TimeoutError):
        async with asyncio.timeout(SHOPPING_SECONDS):
            await asyncio.gather(*[one.act() for one in customers])
    developer.cancel()
    world.note("all is calm")
    world.calm()
    await _come_to_rest(world)
    await _audit(world)
    await _check_the_order_of_events(world)


async def _come_to_rest(world: World) -> None:
    """Waits as the auditor would, which looks at everything each time."""
    for _ in range(round(REST_SECONDS / LOOK_SECONDS)):
        if not world.store.is_busy():
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _audit(world: World) -> None:
    databases = Databases(
        {name: world.store.database(f"{name} audit") for name in SUBGRAPHS}, InlineRedis(world, world.store.redis_path)
    )
    for finding in await audit_at_rest(databases, world.loop.time() + REST_SECONDS):
        if not finding.is_clean:
            world.failures.append(f"{finding.invariant}: {finding.sentence} {finding.rows or finding.skipped}")


async def _check_the_order_of_events(world: World) -> None:
    """Each event is sent after those of earlier transactions. Afterwards it may be sent again at any time."""
    relayed = world.store.ever_relayed()  # before the stream, to which more may come meanwhile
    entries: Any = await InlineRedis(world, world.store.redis_path).xrange(stream_of("payment"))
    sent = list(dict.fromkeys(fields["id"] for _, fields in entries))
    if sent[: len(relayed)] != relayed:
        world.failures.append(f"EventsKeepTheirOrder: {relayed} are relayed, {sent} were sent")

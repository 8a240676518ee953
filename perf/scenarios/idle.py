"""`idle`: a request a second that asks no subgraph: what the store does in the background."""

from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.world import World


async def _prepare(store: World, count: int) -> Load:
    [visitor] = store.shoppers(1)
    return Load([Call(visitor.token, body("{ __typename }", {}), _kind)] * count)


def _kind(answer: bytes) -> str:
    return "answered" if b'"Query"' in answer else "error"


SCENARIO = Scenario("idle", _prepare, requests=60, concurrency=(1,), warm_up=0, rate=1)

"""`claim_lost`: users claim a sale that is sold out already. Redis answers without SQL."""

from perf.load import drive
from perf.scenario import Load, Scenario
from perf.scenarios.rush import open_rush
from perf.world import World


async def _prepare(store: World, count: int) -> Load:
    winner, *losers = store.shoppers(count + 1)
    rush = await open_rush(store, count + 1, units=1)
    await drive(store.url, rush.calls([winner]), 1)
    return Load(rush.calls(losers), lambda: rush.faults(store))


SCENARIO = Scenario("claim_lost", _prepare, requests=10_000, concurrency=(64, 1000), warm_up=500)

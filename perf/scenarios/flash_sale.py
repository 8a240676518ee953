"""`flash_sale`: many users claim few units at once. As many users win as there are units."""

from perf.scenario import Load, Scenario
from perf.scenarios.rush import open_rush
from perf.world import World


def scenario(units: int) -> Scenario:
    """A sale of so many units."""

    async def prepare(store: World, count: int) -> Load:
        rush = await open_rush(store, count, units)
        return Load(rush.calls(store.shoppers(count)), lambda: rush.faults(store))

    groups = {"winners": "Claim", "losers": "SoldOut"}
    return Scenario(f"flash_sale of {units:,}", prepare, 10_000, (1000,), warm_up=500, groups=groups)

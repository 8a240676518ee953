"""`sale_status`: the pages of one flash sale ask again and again how it stands, all with the same request."""

import msgspec

from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.scenarios.rush import open_rush
from perf.world import World

STATUS = """query Poll($sale: ID!, $version: String) { saleStatus(id: $sale, version: $version) {
  version unchanged state remaining units pollAfter } }"""


async def _prepare(store: World, count: int) -> Load:
    [visitor] = store.shoppers(1)
    rush = await open_rush(store, users=0, units=10)
    request = body(STATUS, {"sale": rush.sale_id, "version": "OPEN-10"})
    return Load([Call(visitor.token, request, _kind)] * count)


def _kind(answer: bytes) -> str:
    status = (msgspec.json.decode(answer).get("data") or {}).get("saleStatus") or {}
    return "unchanged" if status.get("unchanged") else "error"


SCENARIO = Scenario("sale_status", _prepare, requests=10_000, concurrency=(8, 64), warm_up=500)

"""`checkout`: each user buys a game at once: order, hold, charge, in three subgraphs."""

from perf.load import Call, body
from perf.scenario import Load, Scenario
from perf.scenarios.games import games
from perf.scenarios.points import START_BALANCE, charged_once, fill_wallets
from perf.world import World

CHECKOUT = "mutation Checkout($input: CheckoutInput!) { checkout(input: $input) { __typename } }"


async def _prepare(store: World, count: int) -> Load:
    shoppers, [game] = store.shoppers(count), await games(store, 1, START_BALANCE)
    await fill_wallets(store, shoppers)
    calls = [Call(one.token, checkout([game.id], key=one.id), kind) for one in shoppers]
    return Load(calls, lambda: charged_once(store, shoppers, game.points))


SCENARIO = Scenario("checkout", _prepare, requests=2000, concurrency=(20, 64))


def checkout(product_ids: list[str], key: str) -> bytes:
    """The request to buy these games."""
    return body(CHECKOUT, {"input": {"productIds": product_ids, "idempotencyKey": key}})


def kind(answer: bytes) -> str:
    """The kind of an answer to CHECKOUT: "bought" or "error"."""
    return "bought" if b'"Payment"' in answer and b'"errors"' not in answer else "error"

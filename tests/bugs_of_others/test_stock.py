"""Oversold stock: one unit for two, two lines for one unit, and counters that go astray."""

from collections import Counter

from subgraphs.contracts.stock import HOLD_UNITS, HoldLine, HoldRequest
from subgraphs.kit.database.columns import new_id
from tests.bugs_of_others.crowd import (
    CANCEL,
    PRICE,
    at_once,
    has_bought,
    has_nothing,
    kinds,
    pay,
    start,
    units,
    while_reading,
)
from tests.clients import SubgraphClient, sale_input
from tests.shop import CLAIM, FLASH_SALE, Shop

MANY = 8


async def test_medusa_16825_of_many_orders_for_the_last_unit_one_is_paid_and_none_is_orphaned(shop: Shop) -> None:
    game, buyers = await shop.limited(units=1), [await shop.customer(PRICE) for _ in range(MANY)]
    answers = await at_once(shop.checkout(buyer, game) for buyer in buyers)
    assert Counter(answer["__typename"] for answer in answers) == {"Payment": 1, "OutOfStock": MANY - 1}
    for buyer, answer in zip(buyers, answers, strict=True):
        if answer["__typename"] == "Payment":
            await has_bought(shop, buyer, [game], points=0)
        else:
            await has_nothing(shop, buyer, points=PRICE)
    await units(shop, game, total=1, remaining=0, held=0, sold=1)


async def test_medusa_16502_two_lines_of_one_order_do_not_take_more_than_there_is(
    shop: Shop, stock: SubgraphClient
) -> None:
    """A product is in an order once. Lines that share a unit can only come from several payments in one batch."""
    game, buyer = await shop.limited(units=1), await shop.customer(2 * PRICE)
    twice = {"idempotencyKey": "twice", "productIds": [game, game]}
    code = "mutation($input: CheckoutInput!) { checkout(input: $input) { __typename } }"
    assert await shop.client.code(code, {"input": twice}, buyer) == "BAD_USER_INPUT"
    await has_nothing(shop, buyer, points=2 * PRICE)
    batch = [HoldRequest(new_id(), new_id(), [HoldLine(game)]) for _ in range(MANY)]
    outcomes = await stock.command(HOLD_UNITS, batch)
    assert Counter(outcome.kind for outcome in outcomes) == {"held": 1, "out_of_stock": MANY - 1}
    await units(shop, game, total=1, remaining=0, held=1, sold=0)


async def test_medusa_16569_concurrent_reservations_hold_what_there_is_and_give_it_all_back(shop: Shop) -> None:
    game, buyers = await shop.limited(units=3), [await shop.customer(PRICE) for _ in range(MANY)]
    orders = [await shop.ordered(buyer, game) for buyer in buyers]
    started = await at_once(start(shop, buyer, order) for buyer, order in zip(buyers, orders, strict=True))
    held = [(buyer, one["id"]) for buyer, one in zip(buyers, started, strict=True) if one["__typename"] == "Payment"]
    assert len(held) == 3
    await units(shop, game, total=3, remaining=0, held=3, sold=0)
    # Each cancellation is sent twice: a unit that came back twice would be a unit too many.
    await at_once(shop.client.data(CANCEL, {"id": payment}, buyer) for buyer, payment in [*held, *held])
    await units(shop, game, total=3, remaining=3, held=0, sold=0)


async def test_vendure_3508_a_unit_belongs_to_the_payment_that_was_started_first(shop: Shop) -> None:
    game, first, second = await shop.limited(units=1), await shop.customer(PRICE), await shop.customer(PRICE)
    orders = {account: await shop.ordered(account, game) for account in (first, second)}
    started = await start(shop, first, orders[first])
    late = at_once([start(shop, second, orders[second]), shop.checkout(second, game)])
    assert await kinds(late) == {"OutOfStock": 2}
    lower = "mutation($id: ID!) { limitStock(productId: $id, units: 0) { id } }"
    assert await shop.client.code(lower, {"id": game}, shop.games.developer) == "INVALID_STATE"
    assert await pay(shop, first, started["id"]) == {"__typename": "Payment"}
    await has_bought(shop, first, [game], points=0)
    await has_nothing(shop, second, points=PRICE)
    await units(shop, game, total=1, remaining=0, held=0, sold=1)


async def test_django_shop_888_two_purchases_at_the_same_time_sell_one_unit_once(shop: Shop) -> None:
    game, buyers = await shop.limited(units=1), [await shop.customer(PRICE) for _ in range(2)]
    orders = [await shop.ordered(buyer, game) for buyer in buyers]
    started = await at_once(start(shop, buyer, order) for buyer, order in zip(buyers, orders, strict=True))
    payable = [(buyer, one["id"]) for buyer, one in zip(buyers, started, strict=True) if "id" in one]
    assert len(payable) == 1
    # The one payment is paid by several requests at once: it is charged once.
    assert await kinds(at_once(pay(shop, *payable[0]) for _ in range(MANY))) == {"Payment": MANY}
    await has_bought(shop, payable[0][0], [game], points=0)
    await units(shop, game, total=1, remaining=0, held=0, sold=1)


async def test_magento_3036_ten_people_and_one_unit_never_make_a_negative_quantity(shop: Shop) -> None:
    """Some of them cannot pay: what they have reserved meanwhile is free again."""
    game, rich = await shop.limited(units=2), [await shop.customer(PRICE) for _ in range(5)]
    poor = [await shop.customer(PRICE - 1) for _ in range(5)]
    buying = lambda: at_once(shop.checkout(one, game) for pair in zip(poor, rich, strict=True) for one in pair)  # noqa: E731
    answers = await while_reading(shop, game, buying)
    sold = Counter(answer["__typename"] for answer in answers)["Payment"]
    assert sold <= 2
    for one in poor:
        await has_nothing(shop, one, points=PRICE - 1)
    await units(shop, game, total=2, remaining=2 - sold, held=0, sold=sold)
    again = [await shop.checkout(await shop.customer(PRICE), game) for _ in range(3 - sold)]
    assert sorted(answer["__typename"] for answer in again) == ["OutOfStock"] + ["Payment"] * (2 - sold)


async def test_acidrain_inventory_a_sale_and_a_limited_product_stay_what_orders_say(shop: Shop) -> None:
    """Whoever claims, buys and gives back at once leaves as many units as were there."""
    game, buyers = await shop.games.new(usd="1.00"), [await shop.customer(PRICE) for _ in range(MANY)]
    made = await shop.client.data(FLASH_SALE, {"input": sale_input(game, 70, units=3)}, shop.games.developer)
    sale = made["createFlashSale"]["id"]
    answers = await at_once(shop.client.data(CLAIM, {"id": sale}, buyer) for buyer in buyers)
    claims = [
        (buyer, answer["claim"]["id"])
        for buyer, answer in zip(buyers, answers, strict=True)
        if answer["claim"]["__typename"] == "Claim"
    ]
    assert len(claims) == 3
    bought = await kinds(at_once(shop.checkout(buyer, game, claimIds=[claim]) for buyer, claim in claims))
    assert bought == {"Payment": 3}
    remaining = "query($id: ID!) { flashSale(id: $id) { units remaining } }"
    found = await shop.client.data(remaining, {"id": sale})
    assert found["flashSale"] == {"units": 3, "remaining": 0}

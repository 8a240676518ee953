"""Claims: each user gets at most one unit, no unit goes twice, and a lapsed claim gives its unit back."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from subgraphs.contracts.stock import CLAIM_OFFERS, ClaimOffer, ClaimOfferRequest, HoldLine
from subgraphs.stock.models import Claim
from tests.clients import eventually
from tests.subgraphs.stock.conftest import CLAIM, RELEASE, Counters


async def test_a_claim_holds_a_unit(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(2)
    claim = await driver.claim(await viewers.user(), sale)
    assert claim["state"] == "HELD"
    assert claim["sale"] == {"id": sale, "points": 500}
    assert await driver.of_sale(sale) == Counters(remaining=1, held=1, sold=0)


async def test_a_second_claim_is_the_first_one(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(5)
    viewer = await viewers.user()
    claims = await asyncio.gather(*[driver.claim(viewer, sale) for _ in range(10)])
    assert len({(claim["id"], claim["expiresAt"]) for claim in claims}) == 1
    assert await driver.of_sale(sale) == Counters(remaining=4, held=1, sold=0)


async def test_a_claim_after_the_last_unit_is_sold_out(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1)
    winner = await viewers.user()
    claim = await driver.claimed(winner, sale)
    lost = await driver.claim(await viewers.user(), sale)
    assert (lost["__typename"], lost["sale"]) == (
        "SoldOut",
        {"id": sale, "state": "SOLD_OUT", "remaining": 0},
    )
    assert await driver.claimed(winner, sale) == claim


async def test_a_sale_sells_nothing_before_its_start_and_after_its_end(driver: Any, viewers: Any) -> None:
    viewer = await viewers.user()
    for sale, state in ((await driver.sale(1, starts=60), "SCHEDULED"), (await driver.sale(1, ends=-1), "ENDED")):
        answer = await driver.claim(viewer, sale)
        assert (answer["__typename"], answer["sale"]) == ("SaleNotActive", {"id": sale, "state": state})
        assert await driver.of_sale(sale) == Counters(remaining=1, held=0, sold=0)


async def test_a_claim_needs_a_user_and_a_sale(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1)
    assert await driver.stock.code(CLAIM, {"sale": sale}) == "UNAUTHENTICATED"
    for made_up in ("nonsense", "ünsinn", "🎮", "\\"):
        assert await driver.stock.code(CLAIM, {"sale": made_up}, await viewers.user()) == "NOT_FOUND"


async def test_many_users_get_exactly_the_units_there_are(driver: Any, viewers: Any, sql: Any) -> None:
    sale = await driver.sale(37)
    users = [await viewers.user() for _ in range(300)]
    answers = await asyncio.gather(*[driver.claim(viewer, sale) for viewer in users])
    assert Counter(answer["__typename"] for answer in answers) == {"Claim": 37, "SoldOut": 263}
    assert await driver.of_sale(sale) == Counters(remaining=0, held=37, sold=0)
    async with sql("stock").reading() as session:
        claimed = await session.scalars(select(Claim.user_id).where(Claim.sale_id == sale))
        winners = {user.id for user, answer in zip(users, answers, strict=True) if "id" in answer}
        assert sorted(claimed) == sorted(winners)


async def test_a_claim_that_wins_costs_less_than_a_statement(driver: Any, viewers: Any, statements: Any) -> None:
    sale = await driver.sale(150)
    users = [await viewers.user() for _ in range(150)]
    async with statements("stock") as counted:
        answers = await asyncio.gather(*[driver.claim(viewer, sale) for viewer in users])
    assert {answer["__typename"] for answer in answers} == {"Claim"}
    assert counted.count < 150


async def test_claims_of_several_sales_at_once_stay_apart(driver: Any, viewers: Any) -> None:
    sales = [await driver.sale(units) for units in (1, 2, 3)]
    users = [await viewers.user() for _ in range(5)]
    wishes = [(user, sale) for user in users for sale in sales]
    answers = await asyncio.gather(*[driver.claim(user, sale) for user, sale in wishes])
    won = Counter(wish[1] for wish, answer in zip(wishes, answers, strict=True) if answer["__typename"] == "Claim")
    assert [won[sale] for sale in sales] == [1, 2, 3]


async def test_a_released_unit_goes_to_the_next_person(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1)
    first, second = await viewers.user(), await viewers.user()
    claim = await driver.claimed(first, sale)
    assert (await driver.claim(second, sale))["__typename"] == "SoldOut"
    released = await driver.stock.data(RELEASE, {"id": claim}, first)
    assert released["releaseClaim"] == {"id": claim, "state": "RELEASED", "sale": {"remaining": 1}}
    assert await driver.claimed(second, sale) != claim
    assert (await driver.claim(first, sale))["__typename"] == "SoldOut"
    assert await driver.of_sale(sale) == Counters(remaining=0, held=1, sold=0)


async def test_only_a_free_claim_of_ones_own_can_be_released(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    sale = await driver.sale(3, product=product)
    owner = await viewers.user()
    claim = await driver.claimed(owner, sale)
    assert await driver.stock.code(RELEASE, {"id": claim}, await viewers.user()) == "NOT_FOUND"
    assert await driver.stock.code(RELEASE, {"id": claim}, await viewers.admin()) == "NOT_FOUND"
    assert await driver.stock.code(RELEASE, {"id": "nonsense"}, owner) == "NOT_FOUND"
    await driver.held(owner, HoldLine(product_id=product, claim_id=claim))
    assert await driver.stock.code(RELEASE, {"id": claim}, owner) == "INVALID_STATE"
    assert await driver.of_sale(sale) == Counters(remaining=2, held=1, sold=0)


async def test_a_released_claim_is_released_once(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(2)
    viewer = await viewers.user()
    claim = await driver.claimed(viewer, sale)
    answers = await asyncio.gather(*[driver.stock.run(RELEASE, {"id": claim}, viewer) for _ in range(5)])
    assert sorted("errors" in answer for answer in answers) == [False, True, True, True, True]
    assert await driver.of_sale(sale) == Counters(remaining=2, held=0, sold=0)


async def test_a_claim_whose_time_is_over_gives_its_unit_back_once(driver: Any, viewers: Any, sql: Any) -> None:
    sale = await driver.sale(1)
    first, second = await viewers.user(), await viewers.user()
    claim = await driver.claimed(first, sale)
    await driver.lapse(claim)

    async def taken_back() -> bool:
        return bool(await driver.state_of(claim) == "EXPIRED")

    await eventually(taken_back)
    assert await driver.of_sale(sale) == Counters(remaining=1, held=0, sold=0)
    await driver.claimed(second, sale)
    assert (await driver.claim(first, sale))["__typename"] == "SoldOut"
    async with sql("stock").reading() as session:
        live = select(func.count()).where(Claim.sale_id == sale, Claim.live_key.is_not(None))
        assert await session.scalar(live) == 1


async def test_a_lapsed_claim_does_not_bar_its_user(driver: Any, viewers: Any) -> None:
    sale = await driver.sale(1)
    viewer = await viewers.user()
    claim = await driver.claimed(viewer, sale)
    await driver.lapse(claim)
    asked = {"r": [{"__typename": "Claim", "id": claim}]}
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Claim { state } } }"
    assert await driver.stock.data(query, asked, viewer) == {"_entities": [{"state": "EXPIRED"}]}
    assert await driver.stock.code(RELEASE, {"id": claim}, viewer) == "INVALID_STATE"

    assert await driver.claimed(viewer, sale) != claim
    assert await driver.of_sale(sale) == Counters(remaining=0, held=1, sold=0)


async def test_offers_have_the_price_of_ones_own_claims_and_whether_they_are_live(driver: Any, viewers: Any) -> None:
    product = await driver.games.new()
    sale = await driver.sale(4, product=product)
    users = [await viewers.user() for _ in range(4)]
    free, paying, released, lapsed = [await driver.claimed(user, sale) for user in users]
    await driver.held(users[1], HoldLine(product_id=product, claim_id=paying))
    await driver.stock.data(RELEASE, {"id": released}, users[2])
    await driver.lapse(lapsed)
    asked = [
        *[
            ClaimOfferRequest(claim_id=claim, user_id=user.id)
            for claim, user in zip((free, paying, released, lapsed), users, strict=True)
        ],
        ClaimOfferRequest(claim_id=free, user_id=users[1].id),
        ClaimOfferRequest(claim_id="nonsense", user_id=users[0].id),
    ]

    def offer(claim: str, live: bool) -> ClaimOffer:
        return ClaimOffer(claim_id=claim, found=True, live=live, product_id=product, points=500)

    assert await driver.stock.command(CLAIM_OFFERS, asked) == [
        offer(free, True),
        offer(paying, False),
        offer(released, False),
        offer(lapsed, False),
        ClaimOffer(claim_id=free, found=False),
        ClaimOffer(claim_id="nonsense", found=False),
    ]

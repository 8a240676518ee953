"""A batch of holds: each payment gets all of its units or none, and no unit goes to two payments."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from subgraphs.contracts.stock import HoldLine, HoldOutcome, HoldRequest, ShortLine
from subgraphs.stock.claims.domain import ClaimWithSale
from subgraphs.stock.holds.domain import HeldUnit, HoldBatch, UnitState, claims_of, movements_of
from subgraphs.stock.limited.domain import Units
from tests.unit.stock.values import a_claim, a_sale

LIMITED = ("limited 1", "limited 2")
UNLIMITED = "unlimited"
HELD = HoldOutcome(kind="held")


def units(remaining: int) -> Units:
    return Units(total=remaining, remaining=remaining, held=0, sold=0)


def claim_on(product_id: str, user_id: str = "user", **claim: object) -> ClaimWithSale:
    sale = a_sale(f"sale of {product_id}", product_id=product_id, units=9, remaining=4)
    return ClaimWithSale(a_claim(user_id, sale.id, **claim), sale)  # type: ignore[arg-type]


def request(number: int, *lines: HoldLine, user_id: str = "user") -> HoldRequest:
    return HoldRequest(payment_id=f"payment {number}", user_id=user_id, lines=list(lines))


CLAIMS: Mapping[str, ClaimWithSale] = {
    found.claim.id: found for found in (claim_on("claimed"), claim_on("other"), claim_on("lapsed", expires=-1))
}
LINES = st.one_of(
    st.builds(HoldLine, product_id=st.sampled_from([*LIMITED, UNLIMITED])),
    st.builds(HoldLine, product_id=st.sampled_from(["claimed", "other"]), claim_id=st.sampled_from([*CLAIMS, "none"])),
)
CARTS = st.lists(st.lists(LINES, max_size=4), max_size=8)


@given(st.tuples(st.integers(0, 3), st.integers(0, 3)), CARTS)
def test_a_payment_gets_all_of_its_units_or_none(stock: tuple[int, int], carts: list[list[HoldLine]]) -> None:
    batch = HoldBatch(dict(zip(LIMITED, map(units, stock), strict=True)), CLAIMS)
    for number, lines in enumerate(carts):
        before = list(batch.units)
        outcome = batch.take(request(number, *lines))
        taken = [unit.product_id for unit in batch.units[len(before) :]]
        wanted = {line.product_id for line in lines} - {UNLIMITED}
        assert batch.units[: len(before)] == before
        assert sorted(taken) == (sorted(wanted) if outcome.kind == "held" else [])
        assert bool(outcome.short) == (outcome.kind == "out_of_stock")
        if outcome.kind == "held":
            assert outcome.holds_units == bool(taken)


@given(st.tuples(st.integers(0, 3), st.integers(0, 3)), CARTS)
def test_units_are_never_negative_and_claims_enter_one_payment(
    stock: tuple[int, int], carts: list[list[HoldLine]]
) -> None:
    batch = HoldBatch(dict(zip(LIMITED, map(units, stock), strict=True)), CLAIMS)
    for number, lines in enumerate(carts):
        batch.take(request(number, *lines))
    held = Counter(unit.product_id for unit in batch.units if unit.claim is None)
    for product_id, remaining in zip(LIMITED, stock, strict=True):
        assert held[product_id] <= remaining
    assert batch.movements.changes == {id: {"remaining": -count, "held": count} for id, count in held.items()}
    entered = [(unit.claim.id, unit.payment_id) for unit in batch.units if unit.claim]
    assert dict(entered) == batch.entered
    assert len(entered) == len(batch.entered)
    assert {unit.payment_id for unit in batch.units} == {one.payment_id for one in batch.held}


@given(st.integers(0, 5), st.integers(0, 8))
def test_the_first_payments_get_the_last_units(remaining: int, payments: int) -> None:
    batch = HoldBatch({"product": units(remaining)}, {})
    outcomes = [batch.take(request(number, HoldLine("product"))) for number in range(payments)]
    short = HoldOutcome(kind="out_of_stock", short=[ShortLine(product_id="product", requested=1, available=0)])
    winners = min(remaining, payments)
    assert outcomes == [HELD] * winners + [short] * (payments - winners)


def test_a_payment_of_unlimited_products_holds_nothing() -> None:
    batch = HoldBatch({}, {})
    assert batch.take(request(1, HoldLine(UNLIMITED))) == HoldOutcome(kind="held", holds_units=False)
    assert not batch.held
    assert not batch.units


def test_several_lines_of_a_product_take_one_unit() -> None:
    batch = HoldBatch({"product": units(5)}, {})
    assert batch.take(request(1, HoldLine("product"), HoldLine("product"))) == HELD
    assert [unit.product_id for unit in batch.units] == ["product"]


def test_only_the_users_own_free_claim_on_the_product_is_good() -> None:
    mine = claim_on("product")
    line = HoldLine("product", mine.claim.id)
    assert HoldBatch({}, {mine.claim.id: mine}).take(request(1, line)) == HELD
    bad = {
        "of another user": claim_on("product", "other"),
        "on another product": claim_on("other"),
        "lapsed": claim_on("product", expires=-1),
        "in a payment": claim_on("product", payment_id="payment"),
    }
    for what, found in bad.items():
        batch = HoldBatch({}, {mine.claim.id: found})
        outcome = batch.take(request(1, line))
        assert outcome.short == [ShortLine(product_id="product", requested=1, available=4)], what
        assert not batch.entered


def test_only_units_of_limited_stocks_move_by_product() -> None:
    claim = a_claim()
    held = HeldUnit("payment", "product", UnitState.HELD, None)
    sold, claimed = replace(held, state=UnitState.SOLD), replace(held, product_id="claimed", claim=claim)
    assert claims_of([held, sold, claimed]) == [claim]
    moved = movements_of([held, sold, claimed], "remaining")
    assert moved.changes == {"product": {"remaining": 2, "held": -1, "sold": -1}}
